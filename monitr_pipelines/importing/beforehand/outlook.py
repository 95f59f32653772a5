"""What an import of a file would do, beside what is stored: shown before anyone confirms it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from monitr_pipelines.importing.beforehand.expected import Expected
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.ledger.beforehand.statements import YearFigures
from monitr_pipelines.ledger.periods import FiscalYear, Month
from monitr_pipelines.ledger.records import Account, AccountType
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

    `replaced_months` and `replaced_lines` are stored now and come anew or go; `added_months` keep what is
    stored of them, to which lines of the file come. `new_accounts` are not known yet; of `untyped` ones
    neither the file nor the country's classes say to which statement they belong.
    """

    first: Month
    last: Month
    months: int
    lines: int
    replaced_months: Sequence[Month]
    replaced_lines: int
    emptied_months: Sequence[Month]
    added_months: Sequence[Month]
    difference: Decimal
    unbalanced: Sequence[tuple[str, Decimal]]
    new_accounts: Sequence[str]
    untyped: Sequence[str]
    years: Sequence[Comparison]


def outlook(connection: Connection, entity: Entity, seen: Preview, ledger: Expected) -> Outlook | None:
    """What the import of a file that was looked at to its end would do; None of a chart of accounts."""
    if not (seen.whole and seen.totals.cells):
        return None
    file = seen.totals
    stored, left = ledger.cells, ledger.left_by(seen)
    types = _types(connection, entity, seen, ledger)
    coming = ledger.after(seen)
    now = {told.year: told for told in ledger.figures(entity, types.stored)}
    then = {told.year: told for told in coming.figures(entity, types.coming)}
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
        sorted({cell.month for cell in left} & set(months)),
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


@dataclass(frozen=True)
class _Types:
    """Statements of accounts, now and with those of the file; accounts that are new, and not understood."""

    stored: Mapping[str, AccountType]
    coming: Mapping[str, AccountType]
    new: Sequence[str]
    unknown: Sequence[str]


def _types(connection: Connection, entity: Entity, seen: Preview, ledger: Expected) -> _Types:
    file = {cell.account for cell in seen.totals.cells}
    used = sorted({*file, *ledger.brought})
    rows = database.run(
        connection, "books/statements_of_accounts", entity_id=entity.id, codes=used
    ).fetchall()
    by_code = {row["code"]: AccountType(row["type"]) for row in rows if row["type"] is not None}
    stored = by_code | _types_of(ledger.brought.values())
    told = _types_of(seen.told.values())
    new = [row for row in rows if row["is_new"] and row["code"] in file - ledger.brought.keys()]
    return _Types(
        stored,
        {**stored, **told},
        [row["code"] for row in new],
        [row["code"] for row in new if not row["is_classed"] and row["code"] not in told],
    )


def _types_of(accounts: Iterable[Account | None]) -> dict[str, AccountType]:
    return {each.code: each.type for each in accounts if each is not None and each.type is not None}
