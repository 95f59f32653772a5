"""Which lines open or close a fiscal year, and in which month lines count: judged for each report."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from psycopg.rows import DictRow

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month
from monitr_pipelines.ledger.turns.judge import judge
from monitr_pipelines.ledger.turns.lines import Doubt, TurnLine, Year
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.mirror import Mirror

LINE_MONTH = Mirror(
    "mapped.line_month", "reports/line_month.sql", ("external_id",), ("month",), stamped=False
)
LINE_ROLE = Mirror(
    "raw.line_role", "reports/line_role.sql", ("external_id",), ("role", "reason"), stamped=False
)


def refresh_roles(connection: Connection, entity_id: int, calendar: FiscalCalendar) -> list[Doubt]:
    """Judge the turns of all fiscal years of an entity, with its accounts' types as mapped now.

    Returns what only the accountant can judge.
    """
    judgement = judge(_years(connection, entity_id, calendar), _result_account(connection, entity_id))
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


def refresh_months(connection: Connection, entity_id: int, calendar: FiscalCalendar) -> None:
    """Find the lines that reports count in the software's period and not in the month of their date."""
    years = _years_by_month(connection, entity_id, calendar)
    LINE_MONTH.refresh(
        connection,
        {
            "entity_id": entity_id,
            "months": [month.first_day for month in years],
            "firsts": [year.first.first_day for year in years.values()],
            "lasts": [year.last.first_day for year in years.values()],
        },
    )


def _years_by_month(
    connection: Connection, entity_id: int, calendar: FiscalCalendar
) -> dict[Month, FiscalYear]:
    rows = database.run(connection, "reports/months_with_lines", entity_id=entity_id)
    return {(month := Month.of(row["month"])): calendar.year_of(month) for row in rows}


def _years(connection: Connection, entity_id: int, calendar: FiscalCalendar) -> list[Year]:
    years = _years_by_month(connection, entity_id, calendar)
    rows = database.run(
        connection,
        "reports/year_balances",
        entity_id=entity_id,
        months=[month.first_day for month in years],
        years=[year.start for year in years.values()],
    ).fetchall()
    spans = sorted(set(years.values()))
    starts = [year.start for year in spans]
    first = _lines(connection, "books/first_day_lines", entity_id, days=starts, most=None)
    last = _last_lines(connection, entity_id, spans, rows)
    by_year: dict[date, list[DictRow]] = defaultdict(list)
    for row in rows:
        by_year[row["year"]].append(row)
    present = {year.last for year in spans}
    return [
        _year(year, by_year[year.start], first[year.start], last[_last_day(year)], present) for year in spans
    ]


def _year(
    span: FiscalYear,
    rows: Iterable[DictRow],
    first: Sequence[TurnLine],
    last: Sequence[TurnLine],
    present: set[Month],
) -> Year:
    accounts = [row for row in rows if row["lines"]]
    opened = [row for row in rows if row["opened"]]
    return Year(
        start=span.start,
        follows=span.first.plus(-1) in present,
        results={row["account_code"]: row["moved"] for row in accounts if row["is_result"]},
        balances={row["account_code"]: row["moved"] for row in accounts if not row["is_result"]},
        lines={row["account_code"]: row["lines"] for row in accounts},
        opened={row["account_code"]: row["opened"] for row in opened if not row["is_result"]},
        opened_result=sum((row["opened"] for row in opened if row["is_result"]), ZERO),
        first=tuple(first),
        last=tuple(last),
    )


def _last_lines(
    connection: Connection, entity_id: int, spans: Sequence[FiscalYear], rows: Sequence[DictRow]
) -> Mapping[date, list[TurnLine]]:
    """Lines of entries that could close a year: most years have none, and no line of them is read."""
    days = {year.start: _last_day(year) for year in spans}
    emptied = [(days[year], account) for year, account in _emptied(spans, rows)]
    if not emptied:
        return defaultdict(list)
    return _lines(
        connection,
        "reports/last_day_lines",
        entity_id,
        days=list({day for day, _ in emptied}),
        emptied_days=[day for day, _ in emptied],
        accounts=[account for _, account in emptied],
    )


def _emptied(spans: Sequence[FiscalYear], rows: Sequence[DictRow]) -> Iterable[tuple[date, str]]:
    """Accounts that moved in a year and hold nothing at its end, by the balances as they stand."""
    by_account: dict[str, dict[date, DictRow]] = defaultdict(dict)
    for row in rows:
        by_account[row["account_code"]][row["year"]] = row
    for account, years in by_account.items():
        balance = ZERO
        for span in spans:
            moved = years.get(span.start)
            if moved is None:
                continue
            balance = (ZERO if moved["is_result"] else balance) + moved["moved"]
            if moved["lines"] and (not balance or not balance + moved["opened"]):
                yield span.start, account
            balance += moved["opened"]


def _lines(
    connection: Connection, name: str, entity_id: int, **parameters: object
) -> Mapping[date, list[TurnLine]]:
    found: dict[date, list[TurnLine]] = defaultdict(list)
    for row in database.run(connection, name, entity_id=entity_id, **parameters):
        found[row["booking_date"]].append(TurnLine(*row.values()))
    return found


def _result_account(connection: Connection, entity_id: int) -> str | None:
    row = database.run(connection, "reports/result_account", entity_id=entity_id).fetchone()
    return row["result_account"] if row else None


def _last_day(year: FiscalYear) -> date:
    return year.end - timedelta(days=1)
