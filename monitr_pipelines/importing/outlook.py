"""What an import of a file would do, beside what is stored: shown before anyone confirms it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.importing.uploads.source import explain_years
from monitr_pipelines.ledger.beforehand.outlook import (
    Cell,
    Total,
    YearFigures,
    figures,
    kept,
    lines_by_month,
    together,
)
from monitr_pipelines.ledger.beforehand.plausible import odd_months, other_year
from monitr_pipelines.ledger.guard import shrunken_months
from monitr_pipelines.ledger.periods import FiscalYear, Month
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Answer, Message, Option
from monitr_pipelines.warehouse.books.doubts import odd_dates, odd_line, other_fiscal_year
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

NAMED = 10


@dataclass(frozen=True)
class Comparison:
    """A fiscal year as it is stored, and as it would be; None where it is not there."""

    year: FiscalYear
    stored: YearFigures | None
    coming: YearFigures | None


@dataclass(frozen=True)
class Outlook:
    """What an import would do. `difference`: debit less credit of the file, and bookings that break it.

    `replaced_months` and `replaced_lines` are stored now and come anew or go. `new_accounts` are not known
    yet; of `untyped` ones neither the file nor the country's classes say to which statement they belong.
    """

    first: Month
    last: Month
    months: int
    lines: int
    replaced_months: Sequence[Month]
    replaced_lines: int
    emptied_months: Sequence[Month]
    difference: Decimal
    unbalanced: Sequence[tuple[str, Decimal]]
    new_accounts: Sequence[str]
    untyped: Sequence[str]
    years: Sequence[Comparison]


def outlook(connection: Connection, entity: Entity, seen: Preview) -> Outlook | None:
    """What the import of a file that was looked at to its end would do; None of a chart of accounts."""
    if not (seen.whole and seen.totals.cells):
        return None
    file = seen.totals
    stored = _stored(connection, entity)
    left = kept(stored, seen.replaces)
    types = _types(connection, entity, seen)
    now = {told.year: told for told in figures(stored, types.stored, entity.calendar)}
    then = {told.year: told for told in figures(together(left, file.cells), types.coming, entity.calendar)}
    replaced = {cell.month for cell in stored if cell not in left}
    difference = seen.debit - seen.credit
    months = file.months
    touched = {entity.calendar.year_of(month) for month in {*months, *replaced}}
    return Outlook(
        months[0],
        months[-1],
        len(months),
        seen.count,
        sorted(replaced),
        sum(total.lines for cell, total in stored.items() if cell not in left),
        sorted(replaced - set(months)),
        difference,
        list(file.unbalanced.items())[:NAMED] if difference else [],
        types.new,
        types.unknown,
        [
            Comparison(year, now.get(year), then.get(year))
            for year in sorted(now.keys() | then.keys())
            if year in touched
        ],
    )


def doubt(
    connection: Connection, entity: Entity, seen: Preview, accepted: Mapping[str, object], today: date
) -> InconsistentData | None:
    """What the import would ask about a file that was looked at to its end, unless that was accepted."""
    file = seen.totals
    if not (seen.whole and file.cells):
        return None
    if not accepted.get("keep_calendar"):
        year = other_year(seen.fiscal_year, file.openings, file.months[-1], entity.calendar)
        if year is not None:
            return other_fiscal_year(year, entity.calendar)
    stored = _stored(connection, entity)
    left = kept(stored, seen.replaces)
    if not accepted.get("allow_shrink"):
        gone = lines_by_month({cell: total for cell, total in stored.items() if cell not in left})
        findings = shrunken_months(gone, lines_by_month(file.cells), entity.largest_loss)
        if findings:
            answers = (Answer(Option.ALLOW_SHRINK),)
            problem = InconsistentData(
                Message("shrunken", answers=answers), code="shrunken", findings=findings
            )
            return explain_years(entity.calendar, file.months, problem) if seen.by_years else problem
    if not accepted.get("allow_dates"):
        after = lines_by_month(together(left, file.cells))
        odd = odd_months(lines_by_month(stored), after, today)
        lines = [odd_line(line) for month in odd for line in file.samples.get(month, ())]
        if lines:
            return odd_dates(lines)
    return None


def _stored(connection: Connection, entity: Entity) -> dict[Cell, Total]:
    rows = database.run(connection, "books/totals_of_months", entity_id=entity.id)
    return {
        Cell(row["account_code"], Month.of(row["month"]), row["opening"]): Total(row["amount"], row["lines"])
        for row in rows
    }


@dataclass(frozen=True)
class _Types:
    """Statements of accounts, now and with those of the file; accounts that are new, and not understood."""

    stored: Mapping[str, AccountType]
    coming: Mapping[str, AccountType]
    new: Sequence[str]
    unknown: Sequence[str]


def _types(connection: Connection, entity: Entity, seen: Preview) -> _Types:
    used = sorted({cell.account for cell in seen.totals.cells})
    rows = database.run(
        connection, "books/statements_of_accounts", entity_id=entity.id, codes=used
    ).fetchall()
    stored = {row["code"]: AccountType(row["type"]) for row in rows if row["type"] is not None}
    told = {code: kind for code, kind in seen.types.items() if kind is not None}
    return _Types(
        stored,
        {**stored, **told},
        [row["code"] for row in rows if row["is_new"]],
        [row["code"] for row in rows if row["is_new"] and not row["is_classed"] and row["code"] not in told],
    )
