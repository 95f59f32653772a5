"""Answers of Yuki as records, and why it refuses: that is told by the sentence of a SOAP fault.

Of these sentences only the one about the limit of a day is documented word by word; the others are told apart
by what they are about. Elements are known by their names, whatever namespace they are in.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from lxml import etree

from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.soap import fault_of, first, local, parsed, records, texts_of
from monitr_pipelines.providers.transport import Reply
from monitr_pipelines.providers.yuki.datasets import TITLE, Dataset
from monitr_pipelines.providers.yuki.values import Row, unknown

OK, UNAUTHORIZED = 200, 401


class SessionEnded(ReconnectNeeded):
    """The session is not known (any more); another one may be."""


def _until_tomorrow(message: Message) -> ProviderDown:
    """Days of Yuki's servers end before those of UTC do."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    return ProviderDown(message, retry_at=datetime.combine(tomorrow, time(), UTC))


ENDED = Message("software_refuses", {"title": TITLE})
# By what a sentence is about; the first that fits counts.
MEANINGS: tuple[tuple[str, Callable[[Message], ImportProblem], Message], ...] = (
    (r"limit exceeded", _until_tomorrow, Message("software_busy", {"title": TITLE})),
    (
        r"\brights?\b|not authori[sz]ed|no access",
        ReconnectNeeded,
        Message("reading_refused", {"title": TITLE}),
    ),
    (r"\bsession\b", SessionEnded, ENDED),
    (r"(access|api)[ -]?key", ReconnectNeeded, Message("credentials_refused", {"title": TITLE})),
    (
        r"bundle|domain.*\b(inactive|not active|blocked)\b",
        ReconnectNeeded,
        Message("licence_ended", {"title": TITLE}),
    ),
    (r"\badministration\b", EntityGone, Message("administration_hidden", {"title": TITLE})),
)


def refusal(reply: Reply) -> ImportProblem | None:
    """The error of a fault, whatever the status; None where the status alone tells."""
    fault = fault_of(reply)
    if fault is None:
        return SessionEnded(ENDED) if reply.status == UNAUTHORIZED else None
    for words, problem, message in MEANINGS:
        if re.search(words, fault.reason, re.IGNORECASE):
            return _told(problem(message), reply)
    return (
        _told(OurFault(Message("question_refused", {"title": TITLE})), reply)
        if fault.code == "Client"
        else None
    )


def _told(problem: ImportProblem, reply: Reply) -> ImportProblem:
    problem.detail = f"SOAP fault, HTTP {reply.status}"
    return problem


def rows_of(dataset: Dataset, body: bytes) -> list[Row]:
    """The records of an answer, with their attributes; one that answers a thing alone has its text too.

    Raises:
        ValueError: It is no XML.
        ImportProblem: It is a fault, see `refusal`.
        OurFault: It is no answer to this question.
    """
    response = _response(dataset, body)
    found = list(response.iter(f"{{*}}{dataset.record}")) if dataset.record else []
    if not found:
        _refuse_unless_empty(response)
    return [_row(element) for element in found]


def many_rows_of(dataset: Dataset, body: bytes) -> list[Row]:
    """The same of an answer of any size, of whose records the contents are wanted alone."""
    found: list[Row] = list(records(body, dataset.record))
    if not found:
        _refuse_unless_empty(_response(dataset, body))
    return found


def _response(dataset: Dataset, body: bytes) -> etree._Element:
    """What holds the answer.

    Where there are no records, that has to be told by an envelope that is known: else whoever calls things
    otherwise would be taken for having none.
    """
    root = parsed(body)
    reply = Reply(OK, {}, body)
    if fault_of(reply):
        raise refusal(reply) or OurFault(Message("question_refused", {"title": TITLE}))
    response = first(root, dataset.response)
    return unknown(f"no {dataset.response}") if response is None else response


def _refuse_unless_empty(response: etree._Element) -> None:
    if any((element.text or "").strip() or len(element) > 1 for element in response.iter()):
        unknown("no records where they belong")


def _row(element: etree._Element) -> Row:
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    return {**attributes, **texts_of(element), local(element): element.text or ""}
