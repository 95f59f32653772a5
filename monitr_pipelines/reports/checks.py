"""Whether the figures of an entity can be trusted: every check with the months in which it fails."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from psycopg.rows import DictRow

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.reported.figure_checks import CODES, Check
from monitr_pipelines.ledger.reported.figures import COUNTED, figure_finding
from monitr_pipelines.reports.standing import Standing
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


class State(StrEnum):
    """What came of a check; `unknown`: there was nothing to compare with, or it was not made yet."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Found:
    """One thing that a check found; amounts are debit positive, None where the check has none.

    `month` is None where it is about all of the books.
    """

    month: Month | None
    expected: Decimal | None
    found: Decimal | None
    finding: Finding


@dataclass(frozen=True)
class TiedOut:
    """What the last comparison with the software's own trial balance found, as of a day."""

    day: date
    compared: int
    differing: int


@dataclass(frozen=True)
class Outcome:
    """A check, the months in which it fails, and what it found: the first hundred of a kind, of `count`."""

    check: Check
    state: State
    months: Sequence[Month] = ()
    found: Sequence[Found] = ()
    count: int = 0
    tied: TiedOut | None = None


def read_checks(connection: Connection, standing: Standing) -> list[Outcome]:
    """Every check of an entity's published figures, passed or not, the most important first."""
    key = {"entity_id": standing.entity_id}
    rows = database.run(connection, "statements/validations", **key).fetchall()
    months: defaultdict[str, set[Month]] = defaultdict(set)
    for row in database.run(connection, "statements/failing_months", **key):
        months[row["code"]].add(Month.of(row["month"]))
    unfound = State.UNKNOWN if standing.published and standing.published.of_older_release else State.PASSED
    return [
        _tied_out(connection, key)
        if check is Check.TIE_OUT
        else _outcome(check, [row for row in rows if row["code"] in CODES[check]], months, unfound)
        for check in Check
    ]


def _outcome(
    check: Check, rows: Sequence[DictRow], months: Mapping[str, Iterable[Month]], unfound: State
) -> Outcome:
    counts = {row["code"]: row["findings"] for row in rows}
    return Outcome(
        check,
        State.FAILED if rows else unfound,
        sorted({month for code in counts for month in months.get(code, ())}),
        [_found(row) for row in rows],
        sum(counts.values()),
    )


def _found(row: DictRow) -> Found:
    month = Month.of(row["month"]) if row["month"] else None
    are_amounts = row["code"] not in COUNTED
    return Found(
        month,
        row["expected"] if are_amounts else None,
        row["found"] if are_amounts else None,
        figure_finding(row),
    )


def _tied_out(connection: Connection, key: Mapping[str, int]) -> Outcome:
    row = database.run(connection, "statements/last_tie_out", **key).fetchone()
    if row is None or row["day"] is None:
        return Outcome(Check.TIE_OUT, State.UNKNOWN)
    tied = TiedOut(row["day"], row["compared"], row["differing"])
    if not tied.differing:
        return Outcome(Check.TIE_OUT, State.PASSED, tied=tied)
    return Outcome(Check.TIE_OUT, State.FAILED, [Month.of(tied.day)], count=tied.differing, tied=tied)
