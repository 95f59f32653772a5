"""What these pages begin with: an entity of the visitor, and the period and form that are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, HTTPException, Query

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.reports.columns import By, Span
from monitr_pipelines.reports.drill import Place
from monitr_pipelines.reports.standing import Published, Standing, read_standing
from monitr_pipelines.reports.statement import Kind
from monitr_pipelines.reports.trial_balance import RESULT_CARRIED_FORWARD
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell.addresses import REPORTS
from monitr_pipelines.web.shell.shares import served
from monitr_pipelines.web.shell.visitor import Visitor

SignedIn = Annotated[Visitor, Depends(served, scope="function")]
Folded = Annotated[list[str] | None, Query(max_length=1000)]


class Sheet(StrEnum):
    """The statements by their addresses."""

    PROFIT_AND_LOSS = "profit-and-loss"
    BALANCE_SHEET = "balance-sheet"
    CASH_FLOW = "cash-flow"
    TRIAL_BALANCE = "trial-balance"

    @property
    def kind(self) -> Kind:
        """What it is made of; 404 for the trial balance, which has accounts and no lines."""
        if self is Sheet.TRIAL_BALANCE:
            raise HTTPException(404)
        return Kind(self.replace("-", "_"))


# Adjusting entries are on accounts and on lines of these: they move no cash, and the trial balance is of the
# ledger alone.
ADJUSTABLE = frozenset({Sheet.PROFIT_AND_LOSS, Sheet.BALANCE_SHEET})
# Before the name of an axis whose values are the columns.
AXIS = "axis:"
# The lines that are asked for where it is not all of them.
MAIN = "main"


@dataclass(frozen=True)
class Asked:
    """What a statement is asked for, as its address says it: whoever has the address sees the same.

    `of` is a value of an analytical axis, `AXIS=VALUE` with each of them quoted; empty for everything.
    `across` is the axis whose values are the columns; empty where these are periods. `is_short`: main lines
    alone.
    """

    start: str = ""
    end: str = ""
    by: By = By.MONTH
    compare: bool = False
    adjusted: bool = False
    shut: tuple[str, ...] = ()
    of: str = ""
    across: str = ""
    is_short: bool = False

    @property
    def columns(self) -> str:
        """What the columns are, as an address says it."""
        return f"{AXIS}{self.across}" if self.across else self.by

    @property
    def is_narrowed(self) -> bool:
        """Whether figures are of values of an axis: accounts have all values, and do not add up to them."""
        return bool(self.of or self.across)

    def query(self, **changes: Any) -> str:  # noqa: ANN401 - the fields of this class
        """The address's query with something changed."""
        asked = replace(self, **changes)
        pairs: list[tuple[str, str]] = [("from", asked.start), ("to", asked.end)]
        columns = "" if asked.columns == By.MONTH else asked.columns
        pairs += [("by", columns), ("compare", "1" if asked.compare else "")]
        pairs += [("of", asked.of)]
        pairs += [("adjusted", "1" if asked.adjusted else ""), ("lines", MAIN if asked.is_short else "")]
        pairs += [("shut", line) for line in asked.shut]
        return "?" + urlencode([pair for pair in pairs if pair[1]])

    def toggled(self, line: str) -> str:
        """The query that folds a line, or unfolds it."""
        others = tuple(each for each in self.shut if each != line)
        return self.query(shut=others if line in self.shut else (*others, line))


def asked_for(
    *,
    start: Annotated[str, Query(alias="from", max_length=10)] = "",
    end: Annotated[str, Query(alias="to", max_length=10)] = "",
    by: Annotated[str, Query(max_length=1000)] = By.MONTH,
    compare: str = "",
    adjusted: str = "",
    shut: Folded = None,
    of: Annotated[str, Query(max_length=1000)] = "",
    lines: str = "",
) -> Asked:
    """The form of a statement's page."""
    kind = By(by) if by in set(By) else By.MONTH
    across = by.removeprefix(AXIS) if by.startswith(AXIS) else ""
    folded = tuple(shut or ())
    return Asked(start, end, kind, compare == "1", adjusted == "1", folded, of, across, lines == MAIN)


@dataclass(frozen=True)
class Visit:
    """A visitor at the reports of an entity of theirs.

    All that is read by `connection` is of one moment: an import that publishes meanwhile changes none of it.
    """

    visitor: Visitor
    standing: Standing
    connection: Connection

    @property
    def address(self) -> str:
        """Where the entity's reports begin."""
        return f"{REPORTS}/{quote(self.standing.key, safe='')}"

    @property
    def published(self) -> Published:
        """The figures; 404 where there are none yet."""
        if self.standing.published is None:
            raise HTTPException(404)
        return self.standing.published

    def period(self, start: str, end: str) -> Span:
        """The months asked for that the books have; by default the last fiscal year, as far as they run."""
        books = self.published
        last = _within(_month(end) or books.last, books)
        first = _within(_month(start) or self.standing.calendar.year_of(last).first, books)
        return Span(min(first, last), last)

    def link(self, *path: str, **query: object) -> str:
        """An address beneath the entity's reports; empty values are left out."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return "/".join((self.address, *path)) + (f"?{urlencode(given)}" if given else "")

    def transactions(self, account: str, span: Span, after: Place | None = None) -> str:
        """The ledger lines of an account in a period, those after a place."""
        place = {"day": after.sort, "after": after.key} if after else {}
        return self.link("transactions", account=account, **{"from": span.first, "to": span.last}, **place)

    def is_one_year(self, span: Span) -> bool:
        """Whether a period is within one fiscal year."""
        calendar = self.standing.calendar
        return calendar.year_of(span.first) == calendar.year_of(span.last)

    def months(self) -> list[Month]:
        """The months of the books, the latest first."""
        return Span(self.published.first, self.published.last).months()[::-1]


def at_entity(visitor: SignedIn, key: str) -> Iterator[Visit]:
    """404 for an entity of someone else."""
    with tenancy.as_tenant(visitor.organisation_id, of_one_moment=True) as connection:
        standing = read_standing(connection, key)
        if standing is None:
            raise HTTPException(404)
        yield Visit(visitor, standing, connection)


def head_of(visit: Visit, sheet: str) -> dict[str, Any]:
    """What the head of every page of an entity's reports needs; `sheet` is the tab that is open."""
    return {
        "visit": visit,
        "standing": visit.standing,
        "sheet": sheet,
        "sheets": (*Sheet, "charts", "checks"),
        "RESULT": RESULT_CARRIED_FORWARD,
    }


def _month(text: str) -> Month | None:
    try:
        return Month.parse(text) if text else None
    except ValueError:
        return None


def _within(month: Month, books: Published) -> Month:
    return max(books.first, min(month, books.last))


AtEntity = Annotated[Visit, Depends(at_entity, scope="function")]
AskedFor = Annotated[Asked, Depends(asked_for)]
