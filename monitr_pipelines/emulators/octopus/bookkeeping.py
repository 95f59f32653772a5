"""The operations below a dossier: their parameters, how often a day they may be called, what they answer."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from monitr_pipelines.emulators.frame.messages import Answer
from monitr_pipelines.emulators.octopus.accounts import Accounts, Row
from monitr_pipelines.emulators.octopus.amounts import Amounts
from monitr_pipelines.emulators.octopus.documents import EVERYTHING, Asked, Documents
from monitr_pipelines.emulators.octopus.dossiers import LETTERS, Dossiers
from monitr_pipelines.emulators.octopus.forms import (
    bad_question,
    milliseconds,
    parameters,
    whole_number,
)
from monitr_pipelines.emulators.octopus.lines import Lines
from monitr_pipelines.emulators.octopus.masters import Masters
from monitr_pipelines.emulators.shared.records import Company

Query: TypeAlias = Mapping[str, str]
# The body of an answer; empty where there is nothing to tell.
Ask: TypeAlias = Callable[[Company], bytes]
FROM, UNTIL = "modifiedTimeStamp", "modifiedTimeStampTo"
# With it a program says that it has nothing yet: then each bookyear and type is to be asked for by itself.
BEGINNING = "1980-01-01 00:00:00.000"
SELDOM, HOURLY, HALF_HOURLY = 2, 24, 48


@dataclass(frozen=True)
class Operation:
    """One that is called with the token of a dossier.

    Args:
        path: Below the dossier, an expression; what it names is a whole number.
        name: As the specification calls it.
        calls: How often a day.
        nothing: What is said, with status 404, where there is nothing to tell.
        parse: Reads the parameters; Refused where they are wrong.
    """

    path: str
    name: str
    calls: int
    nothing: str
    parse: Callable[..., Ask]


@dataclass(frozen=True)
class Call:
    """An operation that was called, with the numbers in its path."""

    operation: Operation
    given: Mapping[str, int]

    def parsed(self, query: Query) -> Ask:
        """What is asked of a dossier.

        Raises:
            Refused: Parameters are missing, unknown or malformed.
        """
        return self.operation.parse(query, **self.given)


class Bookkeeping:
    """What the dossiers hold, by path below a dossier.

    The signs are those of lines and of accounts: 1 where amounts are positive in debit, -1 where in credit.
    """

    def __init__(self, dossiers: Dossiers, bookings_sign: int = 1, balances_sign: int = 1) -> None:
        self.dossiers = dossiers
        self.accounts = Accounts(dossiers)
        self.documents = Documents(dossiers, self.accounts)
        self.lines = Lines(dossiers, self.accounts, bookings_sign)
        self.amounts = Amounts(dossiers, self.accounts, self.documents, balances_sign)
        self.masters = Masters(dossiers, self.documents)
        self.operations = self._operations()
        self.documents.look()
        for company in dossiers.books.companies.values():
            self.amounts.look(company)

    def called(self, path: str) -> Call | None:
        """The call of a path below a dossier, None where there is no such operation."""
        for operation in self.operations:
            match = re.fullmatch(operation.path, path)
            if match:
                return Call(operation, {name: whole_number(text) for name, text in match.groupdict().items()})
        return None

    def _operations(self) -> tuple[Operation, ...]:
        often, seldom = HALF_HOURLY, SELDOM
        bookyear = r"bookyears/(?P<bookyear>-?\d{1,10})/"
        return (
            Operation("bookyears", "getBookyears", HOURLY, "No Bookyears found", self._bookyears),
            Operation(bookyear + "journals", "getJournals", HOURLY, "No Journals found", self._journals),
            Operation(
                bookyear + "bookings/modified",
                "getReportModifiedBooking",
                often,
                "No modified bookings found",
                self._bookings,
            ),
            Operation("accounts", "getAccounts", seldom, "No accounts found", self._accounts),
            Operation(
                "accounts/modified",
                "getModifiedAccounts",
                often,
                "No modified accounts found",
                self._modified_accounts,
            ),
            Operation(
                "accounts/amounts/modified",
                "getModifiedAccountAmounts",
                often,
                "No modified account amounts found",
                self._amounts,
            ),
            Operation("costcentres", "getCostCentres", seldom, "No CostCentres found", self._cost_centres),
            Operation(
                "costcentres/active",
                "getActiveCostCentres",
                seldom,
                "No active CostCentres found",
                self._active_cost_centres,
            ),
        )

    def _bookyears(self, query: Query) -> Ask:
        parameters(query)
        return lambda company: _listed(self.masters.bookyears(company))

    def _journals(self, query: Query, bookyear: int) -> Ask:
        parameters(query)
        return lambda company: _listed(
            self.masters.journals(company, bookyear) if self._has(company, bookyear) else ()
        )

    def _bookings(self, query: Query, bookyear: int) -> Ask:
        parameters(query, "journalTypeId", FROM, optional=(UNTIL,))
        kind = whole_number(query["journalTypeId"])
        since = milliseconds(query[FROM], self.dossiers.zone)
        until = milliseconds(query[UNTIL], self.dossiers.zone) if UNTIL in query else None
        everything = (bookyear, kind) == (EVERYTHING, EVERYTHING)
        if everything and query[FROM] <= BEGINNING:
            raise bad_question()
        if not everything and (bookyear < 0 or kind not in LETTERS):
            raise bad_question()
        asked = Asked(bookyear, kind, since, until)
        return lambda company: self.lines.written(
            self.documents.modified(company, asked), self.documents.deleted(company, asked)
        )

    def _accounts(self, query: Query) -> Ask:
        parameters(query, "bookyearId")
        bookyear = whole_number(query["bookyearId"])
        return lambda company: _listed(
            row
            for each in self.dossiers.bookyears(company)
            if each.id == bookyear
            for row in self.accounts.rows(company, each)
        )

    def _modified_accounts(self, query: Query) -> Ask:
        parameters(query, FROM)
        since = milliseconds(query[FROM], self.dossiers.zone)

        def answer(company: Company) -> bytes:
            years = self.dossiers.bookyears(company)
            modified = [row for year in years for row in self.accounts.rows(company, year, since)]
            deleted = [row for year in years for row in self.accounts.gone_since(company, year, since)]
            return (
                Answer.json({"deleted": deleted, "modified": modified}).body if modified or deleted else b""
            )

        return answer

    def _amounts(self, query: Query) -> Ask:
        parameters(query, optional=(FROM,))
        since = milliseconds(query.get(FROM, BEGINNING), self.dossiers.zone)
        return lambda company: self.amounts.written(company, since)

    def _cost_centres(self, query: Query) -> Ask:
        parameters(query)
        return lambda company: _listed(self.masters.cost_centres(company))

    def _active_cost_centres(self, query: Query) -> Ask:
        parameters(query)
        return lambda company: _listed(self.masters.cost_centres(company, active=True))

    def _has(self, company: Company, bookyear: int) -> bool:
        return any(each.id == bookyear for each in self.dossiers.bookyears(company))


def _listed(rows: Iterable[Row]) -> bytes:
    """An array of rows; nothing where there are none."""
    listed = list(rows)
    return _body(listed) if listed else b""


def _body(document: object) -> bytes:
    return Answer.json(document).body
