"""The books beside a trial balance that was told: by months, by days within them, and by named periods."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import pytest
from warehouse_kit import BANK, CAPITAL, COSTS, SALES, booking, load, whole

from monitr_pipelines.ledger.records import Account, AccountType
from monitr_pipelines.ledger.tie_out import Periods, TrialBalance, compared
from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.warehouse.server.database import Connection

CHART = {
    BANK: Account(BANK, "Bank", AccountType.BALANCE_SHEET),
    CAPITAL: Account(CAPITAL, "Capital", AccountType.BALANCE_SHEET),
    SALES: Account(SALES, "Sales", AccountType.PROFIT_AND_LOSS),
    COSTS: Account(COSTS, "Services", AccountType.PROFIT_AND_LOSS),
}
LINES = [
    *booking("A", "2024-12-31", (BANK, 50), (SALES, -50), period="2024-12"),
    *booking("B", "2025-01-10", (BANK, 7), (SALES, -7), period="2024-12"),  # late, and booked back
    *booking("C", "2025-01-20", (BANK, 100), (SALES, -100), period="2025-01"),
    *booking("D", "2025-02-05", (COSTS, 30), (BANK, -30), period="2025-02"),
]
YEAR = date(2025, 1, 1)


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity()


def told(balances: Mapping[str, int], day: date, **others: object) -> TrialBalance:
    return TrialBalance(
        {code: Decimal(amount) for code, amount in balances.items()},
        day=day,
        **{"year_start": YEAR, **others},
    )


@pytest.mark.parametrize(
    "balances",
    [
        told({BANK: 157, SALES: -107}, date(2025, 1, 31)),
        told({BANK: 127, SALES: -107, COSTS: 30, CAPITAL: 0}, date(2025, 2, 28)),
        told({BANK: 57, SALES: -7}, date(2025, 1, 19)),
        told({BANK: 157, SALES: -157}, date(2025, 1, 31), year_start=date(2024, 12, 15)),
        told({BANK: 107, SALES: -107}, date(2025, 1, 31), since=YEAR),
        told({BANK: 157, SALES: -100}, date(2025, 1, 31), periods=Periods("", "2025-00", "2025-01")),
        told({BANK: 100, SALES: -100}, date(2025, 1, 31), since=YEAR,
             periods=Periods("2025-00", "2025-00", "2025-01")),
    ],
    ids=["a month", "two", "a day within", "a year from within", "since", "periods", "periods since"],
)  # fmt: skip
def test_what_is_comparable_is_compared(connection: Connection, entity: str, balances: TrialBalance) -> None:
    found = load(connection, entity, whole(LINES, accounts=CHART), told=balances).tie_out
    assert found is not None
    assert (found.day, found.differences) == (balances.day, [])
    assert found.compared == sum(1 for amount in balances.values() if amount)
    wrong = TrialBalance({**balances, BANK: balances[BANK] + 1, CAPITAL: Decimal(-2)}, **{
        name: getattr(balances, name) for name in ("day", "year_start", "since", "periods")
    })  # fmt: skip
    found = load(connection, entity, whole(LINES, accounts=CHART), told=wrong).tie_out
    assert found is not None
    assert [(each.account_code, each.amount) for each in found.differences] == [(CAPITAL, 2), (BANK, -1)]


def test_what_the_software_computes_itself_is_not_compared() -> None:
    told_so = {BANK: Decimal(5), CAPITAL: Decimal(9)}
    theirs = TrialBalance(told_so, day=YEAR, year_start=YEAR, computed=frozenset({CAPITAL}))
    found = compared(theirs, {BANK: Decimal(4), CAPITAL: Decimal(2)})
    assert found.compared == 1
    assert [each.account_code for each in found.differences] == [BANK]


def test_an_account_is_never_made_up_for_by_another(connection: Connection, entity: str) -> None:
    """As many accounts, and the same sum: what counts is which."""
    swapped = told({BANK: 127, SALES: -77}, date(2025, 2, 28))
    found = load(connection, entity, whole(LINES, accounts=CHART), told=swapped).tie_out
    assert found is not None
    assert {each.account_code: each.amount for each in found.differences} == {SALES: -30, COSTS: 30}


def test_a_hundred_of_many_differences_are_kept_and_all_are_counted(
    connection: Connection, entity: str
) -> None:
    many = told({f"9{number:05}": number for number in range(1, 131)}, date(2025, 2, 28))
    found = load(connection, entity, whole(LINES, accounts=CHART), told=many).tie_out
    assert found is not None
    assert (found.differing, len(found.differences)) == (133, 100)
    assert rows(connection, entity) == {"differing": 133, "kept": 100, "untold": None}


def test_why_nothing_was_told_is_kept(connection: Connection, entity: str) -> None:
    load(connection, entity, whole(LINES, accounts=CHART), told=ProviderDown("It sleeps."))
    assert rows(connection, entity) == {"differing": 0, "kept": 0, "untold": "It sleeps."}


def rows(connection: Connection, entity: str) -> dict[str, object]:
    row = connection.execute(
        """
        select
            ties.differing,
            (select count(*) from raw.tie_out_difference as d where d.import_id = ties.import_id) as kept,
            ties.untold
        from raw.tie_out as ties inner join app.entity as entities on ties.entity_id = entities.id
        where entities.key = %s
        """,
        [entity],
    ).fetchone()
    assert row is not None
    return row
