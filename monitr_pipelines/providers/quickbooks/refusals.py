"""Why QuickBooks refuses: every refusal is a `Fault` with a code, some of them within an answer of 200."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.quickbooks.sign_in import TITLE
from monitr_pipelines.providers.transport import Reply

UNAUTHORIZED, OVERLOADED = 401, 429
THROTTLED = frozenset({"3001", "003001"})
DISCONNECTED = frozenset({"3100", "003100", "3200", "003200"})
USER = frozenset({"120"})
PERMISSION = frozenset({"5020"})
LICENCE = frozenset({"6190"})
# Limits are of a minute, and few of these refusals say how much of it is left.
THROTTLED_FOR = timedelta(minutes=1)


def refusal(reply: Reply) -> ImportProblem | None:
    """The error of a refusal; None where its status and headers tell, as 401 is about the token."""
    if reply.status == UNAUTHORIZED:
        return None
    if reply.status == OVERLOADED:
        return None if reply.headers.get("Retry-After") else _throttled(f"HTTP {OVERLOADED}")
    return meaning(code_of(_document(reply.body)))


def refuse_fault(document: object) -> None:
    """Raise what a `Fault` in the place of an answer means."""
    if isinstance(document, Mapping) and ("Fault" in document or "fault" in document):
        code = code_of(document)
        raise meaning(code) or OurFault(
            Message("question_refused", {"title": TITLE}), detail=f"fault {code or 'without a code'}"
        )


def meaning(code: str) -> ImportProblem | None:
    """The error of a code; None for one that says nothing about who must act."""
    detail = f"fault {code}"
    if code in THROTTLED:
        return _throttled(detail)
    if code in DISCONNECTED:
        return ReconnectNeeded(Message("software_refuses", {"title": TITLE}), detail=detail)
    if code in USER:
        return EntityGone(Message("administration_hidden", {"title": TITLE}), detail=detail)
    if code in PERMISSION:
        return ReconnectNeeded(Message("permission_missing", {"title": TITLE}), detail=detail)
    if code in LICENCE:
        return ReconnectNeeded(Message("licence_ended", {"title": TITLE}), detail=detail)
    return None


def _throttled(detail: str) -> ProviderDown:
    retry_at = datetime.now(UTC) + THROTTLED_FOR
    return ProviderDown(Message("software_busy", {"title": TITLE}), retry_at=retry_at, detail=detail)


def code_of(document: object) -> str:
    """The code of the first error of a fault, in either way of writing it; empty where there is none."""
    fault = _either(document, "Fault")
    errors = _either(fault, "Error")
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.get("code") if isinstance(first, Mapping) else None
    return str(code or "").strip()


def _either(document: object, name: str) -> Any:  # noqa: ANN401 - whatever stands there
    """What has a name; faults of tokens have theirs in lower case."""
    if not isinstance(document, Mapping):
        return None
    return document.get(name, document.get(name.lower()))


def _document(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
