"""Why Xero refuses: the `Detail` of its answer says so, written with a small or a capital letter."""

import json
from datetime import UTC, datetime, timedelta

from monitr_pipelines.lifecycle.errors import ImportProblem, ProviderDown, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.transport import Reply
from monitr_pipelines.providers.xero.sign_in import TITLE

FORBIDDEN, TOO_MANY = 403, 429
NOT_ALLOWED, NOT_CONNECTED = "AuthorizationUnsuccessful", "AuthenticationUnsuccessful"
# How it begins where the user lacks a role.
NOT_PERMITTED = "You are not permitted"
DAY = "day"
# Calls of a day are counted over the last 24 hours: some may be free again by then.
LATER = timedelta(hours=1)


class ScopeMissing(ReconnectNeeded):
    """The connection, or this installation, may not ask that question."""


class TenantRefused(ReconnectNeeded):
    """The tenant is not connected any more, or the user has no right to it any more."""


def refusal(reply: Reply) -> ImportProblem | None:
    """What an answer without success means; None where its status alone tells.

    401 is about the token, which is renewed then, unless Xero says that it is about something else.
    """
    if reply.status == TOO_MANY and reply.headers.get("X-Rate-Limit-Problem", "").strip().lower() == DAY:
        return _day_is_used(reply)
    if reply.status not in {401, FORBIDDEN}:
        return None
    told, detail = _detail(reply.body), f"HTTP {reply.status}"
    missing = Message("permission_missing", {"title": TITLE})
    if told == NOT_ALLOWED:
        return ScopeMissing(missing, detail=detail)
    if told == NOT_CONNECTED and reply.status == FORBIDDEN:
        return TenantRefused(missing, detail=detail)
    return ReconnectNeeded(missing, detail=detail) if told.startswith(NOT_PERMITTED) else None


def _day_is_used(reply: Reply) -> ProviderDown | None:
    """The import ends and is told when to go on; None where Xero tells that itself."""
    if reply.headers.get("Retry-After"):
        return None
    busy = Message("software_busy", {"title": TITLE})
    return ProviderDown(busy, retry_at=datetime.now(UTC) + LATER, detail="HTTP 429")


def _detail(body: bytes) -> str:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    names = ("Detail", "detail") if isinstance(told, dict) else ()
    return next((str(told[name]).strip() for name in names if name in told), "")
