"""Why Moneybird refuses: its 401 is about the token, or, with a sentence, about what the token may read."""

import json

from monitr_pipelines.lifecycle.errors import EntityGone, ImportProblem, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.moneybird.sign_in import TITLE
from monitr_pipelines.providers.transport import Reply

UNAUTHORIZED, PAYMENT_REQUIRED = 401, 402
NO_ACCESS = "No access to "


def refusal(reply: Reply) -> ImportProblem | None:
    """The error of an answer that says why; None where its status alone tells."""
    if reply.status == UNAUTHORIZED and _error(reply.body).startswith(NO_ACCESS):
        return ReconnectNeeded(Message("permission_missing", {"title": TITLE}), detail="HTTP 401, no access")
    if reply.status == PAYMENT_REQUIRED:
        return suspended("HTTP 402")
    return None


def suspended(detail: str) -> EntityGone:
    """That nobody may work in the administration for now."""
    return EntityGone(Message("administration_suspended", {"title": TITLE}), detail=detail)


def _error(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
