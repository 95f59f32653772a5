"""Asking Moneybird about one administration: pages of rows, sums of a period, versions of documents."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any, TypeAlias

from msgspec import ValidationError

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.contract import Ports
from monitr_pipelines.providers.http import Client, Decode, Follows
from monitr_pipelines.providers.moneybird import datasets
from monitr_pipelines.providers.moneybird.datasets import (
    LIMITS,
    MOST_DOCUMENTS,
    RATE_HEADERS,
    AccountRow,
    AdministrationRow,
    DocumentRow,
    EntryRow,
    Family,
    GeneralLedger,
    ProjectRow,
    VersionRow,
)
from monitr_pipelines.providers.moneybird.refusals import refusal
from monitr_pipelines.providers.moneybird.sign_in import OAUTH, TITLE, address_of
from monitr_pipelines.providers.moneybird.values import contradiction, unknown
from monitr_pipelines.providers.oauth import Grant

ROOT = "/api/v2"
MOST_PAGES = 10_000
# No text of a page reads like this: quotes within texts are escaped.
ROW = b'"ledger_account_id":'
VERSIONS = datasets.Dataset("", VersionRow)
DOCUMENTS = datasets.Dataset("", DocumentRow)

# Of the lines of a month: a filter that each of them passes or does not.
Slice: TypeAlias = tuple[str, str]


class Api:
    """The API for one administration; None to ask which ones there are.

    Raises:
        EntityGone: The administration is no number, so it is none.
    """

    def __init__(self, ports: Ports, administration: str | None) -> None:
        if administration is not None and not (administration.isascii() and administration.isdecimal()):
            raise EntityGone(Message("administration_hidden", {"title": TITLE}))
        grant = Grant(OAUTH, ports)
        self._client = Client(
            TITLE,
            address_of(grant.credentials),
            ports.rate_limits,
            LIMITS,
            rate_headers=RATE_HEADERS,
            authorization=grant,
            refusal=refusal,
        )
        self._books = f"{ROOT}/{administration}"
        self._answered_at: datetime | None = None

    def now(self) -> datetime:
        """The moment of the last answer by the clock of the server, which stamps documents too; else ours."""
        return self._answered_at or datetime.now(UTC)

    def administrations(self) -> list[AdministrationRow]:
        """Those that the connection sees, suspended ones too."""
        found: list[AdministrationRow] = self._ask(
            Call("GET", f"{ROOT}/{datasets.ADMINISTRATIONS.path}"), datasets.ADMINISTRATIONS.rows
        )
        return found

    def accounts(self) -> list[AccountRow]:
        """All ledger accounts; Moneybird does not page them."""
        found: list[AccountRow] = self._ask(self._get(datasets.ACCOUNTS.path), datasets.ACCOUNTS.rows)
        return found

    def projects(self) -> Iterator[ProjectRow]:
        """All projects, archived ones too."""
        query = {"filter": "state:all", "per_page": str(datasets.PAGE)}
        for number in range(1, MOST_PAGES):
            call = self._get(datasets.PROJECTS.path, {**query, "page": str(number)})
            rows: list[ProjectRow] = self._ask(call, datasets.PROJECTS.rows)
            yield from rows
            if len(rows) < datasets.PAGE:
                return
        raise contradiction("pages of projects do not end")

    def general_ledger(self, first: Month, last: Month) -> GeneralLedger:
        """What moved within whole months, at most twelve, and where accounts stand behind them."""
        found: GeneralLedger = self._ask(self.balances_call(first, last), datasets.BALANCES.one)
        return found

    def balances_call(self, first: Month, last: Month) -> Call:
        """The question for that."""
        return self._get(datasets.BALANCES.path, {"period": _period(first, last)})

    def entries(
        self, month: Month, slices: Sequence[Slice], behind: Call | None
    ) -> Iterator[tuple[Slice, list[EntryRow]]]:
        """The lines of a month, slice by slice and page by page; `behind` is what is asked after them.

        A page that is not full is the last one of its slice.
        """
        for each, following in zip_longest(slices, slices[1:]):
            next_slice = self._entries_call(month, following, 1) if following else behind
            for number in range(1, MOST_PAGES):
                another = self._entries_call(month, each, number + 1)

                def then(
                    body: bytes, another: Call = another, other: Call | None = next_slice
                ) -> Call | None:
                    return another if body.count(ROW) >= datasets.PAGE else other

                call = self._entries_call(month, each, number)
                rows: list[EntryRow] = self._ask(call, datasets.ENTRIES.rows, then)
                yield each, rows
                if len(rows) < datasets.PAGE:
                    break
            else:
                raise contradiction("pages of a month do not end")

    def versions(self, family: Family, first: Month, last: Month) -> list[VersionRow]:
        """All documents of a family that are dated within whole months, any number of them."""
        call = self._get(family.path, {"filter": f"period:{_period(first, last)}"})
        found: list[VersionRow] = self._ask(call, VERSIONS.rows)
        return found

    def documents(self, family: Family, ids: Sequence[str]) -> Iterable[DocumentRow]:
        """Documents by their ids; those that are gone are missing."""
        for start in range(0, len(ids), MOST_DOCUMENTS):
            some = list(ids[start : start + MOST_DOCUMENTS])
            call = Call("POST", f"{self._books}/{family.path}", document={"ids": some})
            rows: list[DocumentRow] = self._ask(call, DOCUMENTS.rows)
            yield from rows

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> Call:
        return Call("GET", f"{self._books}/{path}", query=query)

    def _entries_call(self, month: Month, of_slice: Slice, number: int) -> Call:
        name, value = of_slice
        query = {
            "period": _period(month, month),
            name: value,
            "per_page": str(datasets.PAGE),
            "page": str(number),
        }
        return self._get(datasets.ENTRIES.path, query)

    def _ask(self, question: Call, decode: Decode, then: Follows | None = None) -> Any:  # noqa: ANN401
        try:
            answer = self._client.ask(**question._asdict(), decode=decode, then=then)
        except ValidationError as wrong:
            unknown(str(wrong))
        self._answered_at = answer.sent_at
        return answer.document


def _period(first: Month, last: Month) -> str:
    """As Moneybird takes it."""
    return f"{first.year:04}{first.month:02}..{last.year:04}{last.month:02}"
