"""Asking Octopus about one dossier: whole answers, of which 404 says that there is nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import ValidationError

from monitr_pipelines.lifecycle.errors import EntityGone, ImportProblem, OurFault, ProviderDown
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.contract import Ports, RateLimit
from monitr_pipelines.providers.http import Client, Follows
from monitr_pipelines.providers.octopus.datasets import (
    COST_CENTRES,
    LINES,
    SPARING,
    Bookings,
    CostCentreRow,
    Dataset,
    DossierRow,
)
from monitr_pipelines.providers.octopus.sign_in import ROOT, Session
from monitr_pipelines.providers.octopus.values import TITLE, unknown
from monitr_pipelines.providers.transport import Reply

NOT_FOUND = 404
# The names of an error, of which one at least is there: real answers have the last one alone.
ERROR = frozenset({"errorCode", "errorMessage", "technicalInfo"})
LONG_AGO = "1980-01-01 00:00:00.000"
EVERY = -1


class NothingFound(OurFault):
    """Octopus has no row of what was asked for."""


class Asked(NamedTuple):
    """Bookings of a bookyear and a type of journal, or of `EVERY`, that changed within a time.

    `since` and `until` are in the server's own time zone; without the latter the time goes on.
    """

    bookyear: int
    journal_type: int
    since: str
    until: str | None = None


def is_too_large(fault: OurFault) -> bool:
    """Whether there was more than fits into an answer: a shorter time has less."""
    return any(message.kind == "answer_too_large" for message in fault.messages)


class Api:
    """The API for one dossier; None to ask what the user sees.

    Raises:
        EntityGone: The dossier is no number, so it is none.
    """

    def __init__(self, ports: Ports, dossier: str | None) -> None:
        if dossier is not None and not (dossier.isascii() and dossier.isdecimal()):
            raise EntityGone(Message("administration_hidden", {"title": TITLE}))
        self._dossier = dossier or ""
        self._root = f"{ROOT}/dossiers/{self._dossier}"
        self._session = Session(ports, dossier)
        self._client = Client(
            TITLE,
            self._session.address,
            ports.rate_limits,
            authorization=self._session,
            refusal=_refusal,
        )

    def check(self) -> None:
        """Sign in, and connect to the dossier where there is one."""
        if self._dossier:
            self._session.headers()
        else:
            self._session.sign_in()

    def began_at(self) -> datetime:
        """When this was first asked, by the clock of the server."""
        return self._session.began_at()

    def dossiers(self) -> list[DossierRow]:
        """The dossiers that the user may use."""
        return self._session.dossiers()

    def all(self, dataset: Dataset[Any]) -> Any:  # noqa: ANN401 - as the dataset declares
        """A whole dataset; None where it has no row."""
        query = {"modifiedTimeStamp": LONG_AGO} if dataset.path.endswith("modified") else None
        question = Call("GET", f"{self._root}/{dataset.path}", query=query)
        return self._ask(dataset, question, dataset.limits(self._dossier))

    def cost_centres(self, *, sparing: bool) -> list[CostCentreRow] | None:
        """All cost centres, closed ones too; None where no more calls are allowed for now.

        Args:
            sparing: Whether one of the calls of a day is left for others.
        """
        limits = COST_CENTRES.limits(self._dossier)
        if sparing:
            limits = tuple(replace(limit, calls=SPARING) for limit in limits)
        question = Call("GET", f"{self._root}/{COST_CENTRES.path}")
        try:
            found: list[CostCentreRow] | None = self._ask(COST_CENTRES, question, limits, repeatable=False)
        except ProviderDown:
            return None
        return found or []

    def bookings(self, asked: Asked, then: Asked | None = None) -> Bookings | None:
        """Bookings that changed within a time; None where none did.

        Args:
            asked: Which.
            then: Which will be asked for next.

        Raises:
            OurFault: There are more than fit into an answer, see `is_too_large`; or it is in no known form.
        """
        question = self._question(asked)
        following = self._question(then) if then else None
        limits = LINES.limits(self._dossier)
        found: Bookings | None = self._ask(LINES, question, limits, then=lambda _: following)
        return found

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
        self._session.close()

    def _question(self, asked: Asked) -> Call:
        path = f"{self._root}/bookyears/{asked.bookyear}/{LINES.path}"
        query = {"journalTypeId": str(asked.journal_type), "modifiedTimeStamp": asked.since}
        return Call("GET", path, query=query | ({"modifiedTimeStampTo": asked.until} if asked.until else {}))

    def _ask(
        self,
        dataset: Dataset[Any],
        question: Call,
        limits: Sequence[RateLimit],
        *,
        then: Follows | None = None,
        repeatable: bool = True,
    ) -> Any:  # noqa: ANN401 - as the dataset declares
        self._client.limits = limits
        try:
            answer = self._client.ask(
                **question._asdict(), decode=dataset.decode, then=then, repeatable=repeatable
            )
        except NothingFound:
            return None
        except ValidationError as wrong:
            unknown(str(wrong))
        return answer.document


def _refusal(reply: Reply) -> ImportProblem | None:
    """404 in Octopus's own words says that there is nothing: a missing dossier cannot be connected to."""
    if reply.status == NOT_FOUND and _is_error(reply.body):
        return NothingFound(Message("question_refused", {"title": TITLE}))
    return None


def _is_error(body: bytes) -> bool:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, Mapping) and not ERROR.isdisjoint(found)
