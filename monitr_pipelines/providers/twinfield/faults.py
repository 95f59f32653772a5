"""Why Twinfield does not answer: codes of its SOAP faults by who must act, and answers that make no sense.

The codes are those of developers.twinfield.com, "Guidelines".
"""

from collections.abc import Callable, Mapping
from typing import NoReturn

from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    InconsistentData,
    OurFault,
    ReconnectNeeded,
)
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.soap import fault_of
from monitr_pipelines.providers.transport import Reply
from monitr_pipelines.providers.twinfield.sign_in import TITLE

Problem = Callable[..., ImportProblem]
TOKEN_ENDED = frozenset({"103", "354"})
UNAUTHORIZED = 401
NOT_UNDERSTOOD = Message("question_refused", {"title": TITLE})
REFUSES = Message("software_refuses", {"title": TITLE})
BLOCKED = Message("user_blocked", {"title": TITLE})
ENDED = Message("licence_ended", {"title": TITLE})
NOT_ALLOWED = Message("permission_missing", {"title": TITLE})
HIDDEN = Message("administration_hidden", {"title": TITLE})
MEANINGS: Mapping[str, tuple[Problem, Message]] = {
    "101": (OurFault, NOT_UNDERSTOOD),
    "102": (ReconnectNeeded, REFUSES),
    "104": (ReconnectNeeded, BLOCKED),
    "105": (ReconnectNeeded, BLOCKED),
    "106": (ReconnectNeeded, ENDED),
    "109": (EntityGone, HIDDEN),
    "186": (OurFault, NOT_UNDERSTOOD),
    "187": (OurFault, NOT_UNDERSTOOD),
    "351": (ReconnectNeeded, NOT_ALLOWED),
    "352": (ReconnectNeeded, NOT_ALLOWED),
    "353": (ReconnectNeeded, NOT_ALLOWED),
    "359": (EntityGone, HIDDEN),
    "InvalidCompanyCode": (EntityGone, HIDDEN),
    "InvalidDates": (OurFault, NOT_UNDERSTOOD),
}


class TokenEnded(ReconnectNeeded):
    """The access token is not accepted (any more): a renewed one may be."""


def refusal(reply: Reply) -> ImportProblem | None:
    """The error of an answer without success; None where its status alone tells."""
    fault = fault_of(reply)
    code = (fault.detail.get("code") or fault.detail.get("Code") or "") if fault else ""
    if code in MEANINGS:
        problem, message = MEANINGS[code]
        return problem(message, detail=f"HTTP {reply.status}, code {code}")
    if code in TOKEN_ENDED or reply.status == UNAUTHORIZED:
        return TokenEnded(REFUSES, detail=f"HTTP {reply.status}")
    return None


def gone(detail: str) -> EntityGone:
    """The office is not there for who is connected."""
    return EntityGone(HIDDEN, detail=detail)


def refused(detail: str) -> NoReturn:
    """Raise that Twinfield did not do what it was asked."""
    raise OurFault(NOT_UNDERSTOOD, detail=detail)


def unknown(detail: str) -> NoReturn:
    """Raise that an answer has a form that nobody knows here."""
    raise OurFault(Message("answer_unknown", {"title": TITLE}), detail=detail)


def contradicts(detail: str) -> NoReturn:
    """Raise that answers of Twinfield cannot both be right."""
    raise InconsistentData(Message("answer_contradicts", {"title": TITLE}), detail=detail)
