"""What is shown before an import is what is published after it, in whatever way years are closed."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from warehouse_kit import BANK, CAPITAL, COSTS, DEBTORS, RESULT, SALES, booking, id_of, load, whole

from monitr_pipelines.importing.beforehand.expected import expected
from monitr_pipelines.importing.beforehand.outlook import Comparison, outlook
from monitr_pipelines.importing.beforehand.several import foresee
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.ledger.beforehand.outlook import Totals
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.reports import turns
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.reports.test_warehouse_eight_ways import WAYS

PLAIN = [
    *booking("F", "2022-01-15", (BANK, 5000), (CAPITAL, -5000)),
    *booking("S2", "2022-06-15", (DEBTORS, 800), (SALES, -800)),
    *booking("C2", "2022-12-31", (COSTS, 90), (BANK, -90)),
    *booking("L3", "2023-07-01", (COSTS, 900), (BANK, -900)),
    *booking("S3", "2023-12-31", (BANK, 30), (SALES, -30)),
    *booking("S4", "2024-01-01", (BANK, 500), (DEBTORS, -500)),
    *booking("C4", "2024-12-31", (COSTS, 17), (SALES, -60), (BANK, 43)),
]
PUBLISHED = """
select
    extract(year from balances.month)::int as year,
    coalesce(-sum(balances.closing) filter (where accounts.type = 'profit_and_loss'), 0) as net_result,
    coalesce(
        sum(balances.closing) filter (where accounts.type = 'balance_sheet' and balances.closing > 0), 0
    ) as balance_total
from marts.trial_balance as balances
inner join mapped.account_line as accounts
    on balances.entity_id = accounts.entity_id and balances.account_code = accounts.account_code
where balances.entity_id = %s and extract(month from balances.month) = 12
group by 1
order by 1
"""
Figures = dict[int, tuple[Decimal, Decimal]]


def published(connection: Connection, entity: str) -> Figures:
    rows = connection.execute(PUBLISHED, [id_of(connection, entity)])
    return {row["year"]: (row["net_result"], row["balance_total"]) for row in rows}


def looked_at(lines: Sequence[LedgerLine]) -> Preview:
    """A file of these lines that replaces their fiscal years."""
    totals = Totals(FiscalCalendar())
    for line in lines:
        totals.add(line)
    years = sorted({line.booking_date.year for line in lines})
    replaces = [(date(year, 1, 1), date(year + 1, 1, 1)) for year in years]
    return Preview(totals=totals, replaces=replaces, whole=True, count=len(lines))


def told(years: Sequence[Comparison]) -> Figures:
    return {
        each.year.start.year: (each.coming.net_result, each.coming.balance_total)
        for each in years
        if each.coming is not None
    }


@pytest.mark.parametrize("result_account", [RESULT, None])
@pytest.mark.parametrize("way", WAYS)
def test_what_is_foreseen_is_what_is_published(
    connection: Connection, make_entity: Callable[..., str], way: str, result_account: str | None
) -> None:
    lines = [*PLAIN, *WAYS[way](PLAIN)]
    key = make_entity(country="LU", **({"result_account": result_account} if result_account else {}))
    entity = entities.find(connection, key)
    last = [line for line in lines if line.booking_date.year == 2024]
    earlier = [line for line in lines if line.booking_date.year < 2024]
    at_once = outlook(connection, entity, looked_at(lines), expected(connection, entity))
    before = expected(connection, entity).after(looked_at(earlier))
    in_turn = outlook(connection, entity, looked_at(last), before)
    load(connection, key, whole([*earlier, *booking("X", "2024-12-31", (BANK, 7), (SALES, -7))]))
    replaced = outlook(connection, entity, looked_at(last), expected(connection, entity))
    load(connection, key, whole(lines))
    again = outlook(connection, entity, looked_at(lines), expected(connection, entity))
    found = published(connection, key)
    assert at_once is not None
    assert told(at_once.years) == found
    for one in (in_turn, replaced):
        assert one is not None
        assert told(one.years) == {2024: found[2024]}
    assert again is not None
    assert told(again.years) == found
    assert all(each.stored == each.coming for each in again.years)


def test_stored_lines_of_first_and_last_days_are_read_once(
    connection: Connection, make_entity: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_entity(country="LU", result_account=RESULT)
    load(connection, key, whole([*PLAIN, *WAYS["closed and reopened"](PLAIN)]))
    read: dict[str, list[date]] = {"first": [], "last": []}
    first, last = turns.first_lines, turns.last_lines

    def first_read(*given: Any) -> Any:  # noqa: ANN401
        read["first"] += given[2]
        return first(*given)

    def last_read(*given: Any) -> Any:  # noqa: ANN401
        read["last"] += sorted({day for day, _ in given[2]})
        return last(*given)

    monkeypatch.setattr(turns, "first_lines", first_read)
    monkeypatch.setattr(turns, "last_lines", last_read)
    files = [looked_at(booking("N", f"{year}-03-01", (BANK, 1), (SALES, -1))) for year in (2025, 2026)]
    entity = entities.find(connection, key)
    foresee(connection, entity, [(seen, {}) for seen in files], date(2026, 6, 1))
    assert read["first"] == [date(year, 1, 1) for year in (2022, 2023, 2024)]
    assert len(read["last"]) == len(set(read["last"])) > 0
