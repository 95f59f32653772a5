"""Why Exact Online refuses: its 403 says so in the header `Reason`, or in the text of the error."""

import json

from monitr_pipelines.lifecycle.errors import EntityGone, ImportProblem, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.exact.sign_in import TITLE
from monitr_pipelines.providers.transport import Reply

FORBIDDEN = 403
USER = frozenset({"BlockedUser", "InactiveUser"})
LICENCE = frozenset({"BlockedCustomer", "LicenseExpired"})
DIVISION = frozenset({"DivisionBlocked", "NoDivisionAccess"})


def refusal(reply: Reply) -> ImportProblem | None:
    """The error of a 403; None for every other status, and where Exact does not say why."""
    if reply.status != FORBIDDEN:
        return None
    reason = (reply.headers.get("Reason") or "").strip()
    told = _message(reply.body)
    if reason in USER:
        return ReconnectNeeded(Message("user_blocked", {"title": TITLE}), detail=reason)
    if reason in LICENCE:
        return ReconnectNeeded(Message("licence_ended", {"title": TITLE}), detail=reason)
    if reason in DIVISION or "division scope" in told:
        return EntityGone(Message("administration_hidden", {"title": TITLE}), detail=reason or "HTTP 403")
    if "scope violated" in told:
        return ReconnectNeeded(Message("permission_missing", {"title": TITLE}), detail="HTTP 403")
    return None


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"]["value"]).lower()
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
