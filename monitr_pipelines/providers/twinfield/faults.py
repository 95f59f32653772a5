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
MEANINGS: Mapping[str, tuple[Problem, str]] = {
    "101": (OurFault, "question_refused"),
    "102": (ReconnectNeeded, "software_refuses"),
    "104": (ReconnectNeeded, "user_blocked"),
    "105": (ReconnectNeeded, "user_blocked"),
    "106": (ReconnectNeeded, "licence_ended"),
    "109": (EntityGone, "administration_hidden"),
    "186": (OurFault, "question_refused"),
    "187": (OurFault, "question_refused"),
    "351": (ReconnectNeeded, "permission_missing"),
    "352": (ReconnectNeeded, "permission_missing"),
    "353": (ReconnectNeeded, "permission_missing"),
    "359": (EntityGone, "administration_hidden"),
    "InvalidCompanyCode": (EntityGone, "administration_hidden"),
    "InvalidDates": (OurFault, "question_refused"),
}


class TokenEnded(ReconnectNeeded):
    """The access token is not accepted (any more): a renewed one may be."""


def refusal(reply: Reply) -> ImportProblem | None:
    """The error of an answer without success; None where its status alone tells."""
    fault = fault_of(reply)
    code = (fault.detail.get("code") or fault.detail.get("Code") or "") if fault else ""
    if code in MEANINGS:
        problem, key = MEANINGS[code]
        return problem(Message(key, {"title": TITLE}), detail=f"HTTP {reply.status}, code {code}")
    if code in TOKEN_ENDED or reply.status == UNAUTHORIZED:
        return TokenEnded(Message("software_refuses", {"title": TITLE}), detail=f"HTTP {reply.status}")
    return None


def gone(detail: str) -> EntityGone:
    """The office is not there for who is connected."""
    return EntityGone(Message("administration_hidden", {"title": TITLE}), detail=detail)


def refused(detail: str) -> NoReturn:
    """Raise that Twinfield did not do what it was asked."""
    raise OurFault(Message("question_refused", {"title": TITLE}), detail=detail)


def unknown(detail: str) -> NoReturn:
    """Raise that an answer has a form that nobody knows here."""
    raise OurFault(Message("answer_unknown", {"title": TITLE}), detail=detail)


def contradicts(detail: str) -> NoReturn:
    """Raise that answers of Twinfield cannot both be right."""
    raise InconsistentData(Message("answer_contradicts", {"title": TITLE}), detail=detail)
