"""Which lines open or close a fiscal year, and in which month lines count: judged for each report."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from monitr_pipelines.ledger.periods import FiscalYear, Month
from monitr_pipelines.ledger.turns.judge import judge
from monitr_pipelines.ledger.turns.lines import Doubt, TurnLine, Year
from monitr_pipelines.ledger.turns.years import Moved, assemble, emptied
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.mirror import Mirror

LINE_MONTH = Mirror(
    "mapped.line_month", "reports/line_month.sql", ("external_id",), ("month",), stamped=False
)
LINE_ROLE = Mirror(
    "raw.line_role", "reports/line_role.sql", ("external_id",), ("role", "reason"), stamped=False
)


def refresh_roles(connection: Connection, entity_id: int, years: Mapping[Month, FiscalYear]) -> list[Doubt]:
    """Judge the turns of all fiscal years of an entity, with its accounts' types as mapped now.

    Returns what only the accountant can judge. `years`: those of the months that have lines.
    """
    judgement = judge(_years(connection, entity_id, years), result_account(connection, entity_id))
    verdicts = judgement.verdicts
    LINE_ROLE.refresh(
        connection,
        {
            "entity_id": entity_id,
            "lines": list(verdicts),
            "roles": [verdict.role for verdict in verdicts.values()],
            "reasons": [verdict.reason for verdict in verdicts.values()],
        },
    )
    return judgement.doubts


def refresh_months(connection: Connection, entity_id: int, years: Mapping[Month, FiscalYear]) -> None:
    """Find the lines that reports count in the software's period and not in the month of their date."""
    LINE_MONTH.refresh(
        connection,
        {
            "entity_id": entity_id,
            "months": [month.first_day for month in years],
            "firsts": [year.first.first_day for year in years.values()],
            "lasts": [year.last.first_day for year in years.values()],
        },
    )


def _years(connection: Connection, entity_id: int, years: Mapping[Month, FiscalYear]) -> list[Year]:
    rows = [
        Moved(row["year"], row["account_code"], row["is_result"], row["moved"], row["lines"], row["opened"])
        for row in database.run(
            connection,
            "reports/year_balances",
            entity_id=entity_id,
            months=[month.first_day for month in years],
            years=[year.start for year in years.values()],
        )
    ]
    spans = sorted(set(years.values()))
    first = first_lines(connection, entity_id, [year.start for year in spans])
    last = last_lines(connection, entity_id, list(emptied(spans, rows)))
    return assemble(spans, rows, first, last)


def first_lines(
    connection: Connection, entity_id: int, days: Sequence[date], most: int | None = None
) -> Mapping[date, list[TurnLine]]:
    """The stored lines of first days that the source calls no opening, by day; `most` of them at most."""
    return _lines(connection, "books/first_day_lines", entity_id, days=days, most=most)


def last_lines(
    connection: Connection, entity_id: int, emptied_on: Sequence[tuple[date, str]]
) -> Mapping[date, list[TurnLine]]:
    """Stored lines of entries that could close a year: most years have none, and no line of them is read."""
    if not emptied_on:
        return defaultdict(list)
    return _lines(
        connection,
        "reports/last_day_lines",
        entity_id,
        days=list({day for day, _ in emptied_on}),
        emptied_days=[day for day, _ in emptied_on],
        accounts=[account for _, account in emptied_on],
    )


def _lines(
    connection: Connection, name: str, entity_id: int, **parameters: object
) -> Mapping[date, list[TurnLine]]:
    found: dict[date, list[TurnLine]] = defaultdict(list)
    for row in database.run(connection, name, entity_id=entity_id, **parameters):
        found[row["booking_date"]].append(TurnLine(*row.values()))
    return found


def result_account(connection: Connection, entity_id: int) -> str | None:
    """The account that takes the results of an entity's years, if one is named."""
    row = database.run(connection, "reports/result_account", entity_id=entity_id).fetchone()
    return row["result_account"] if row else None
