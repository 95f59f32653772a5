"""The turn of the year, on small ledgers whose figures were worked out by hand.

Entities of these tests are in Luxembourg: classes 6 and 7 are profit and loss, and the plain structure
has a line for each class.
"""

from collections.abc import Callable
from decimal import Decimal

import pytest
from warehouse_kit import (
    BANK,
    CAPITAL,
    COSTS,
    DEBTORS,
    RESULT,
    SALES,
    Given,
    balances,
    booking,
    id_of,
    load,
    report,
    snapshot,
    validations,
    whole,
)

from monitr_pipelines.ledger.changes import FiscalYearsOfItsLines, Replace
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.server.database import Connection

NOWHERE = "(result)"


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity(country="LU")


@pytest.fixture
def with_result_account(make_entity: Callable[..., str]) -> str:
    return make_entity(country="LU", result_account=RESULT)


def opening(key: str, when: str, *sides: tuple[str, int]) -> list[LedgerLine]:
    return booking(key, when, *sides, opening=True)


def amounts(connection: Connection, entity: str, table: str, month: str) -> dict[str, Decimal]:
    rows = report(connection, entity, table, month)
    return {line: row["amount"] for line, row in rows.items() if row["amount"]}


SALE_2024 = booking("S24", "2024-12", (BANK, 100), (SALES, -100))
COST_2025 = booking("C25", "2025-02", (COSTS, 30), (BANK, -30))


def test_a_result_goes_to_a_line_of_its_own(connection: Connection, entity: str) -> None:
    load(connection, entity, whole(SALE_2024 + COST_2025))
    assert balances(connection, entity, "2024-12") == {BANK: 100, SALES: -100}
    assert balances(connection, entity, "2025-01", "opening") == {BANK: 100, NOWHERE: -100}
    assert balances(connection, entity, "2025-02") == {BANK: 70, COSTS: 30, NOWHERE: -100}
    assert amounts(connection, entity, "balance_sheet", "2024-12") == {"BS:5": 100, "RES": -100}
    assert amounts(connection, entity, "balance_sheet", "2025-01") == {"BS:5": 100, NOWHERE: -100}
    assert amounts(connection, entity, "balance_sheet", "2025-02") == {
        "BS:5": 70,
        "RES": 30,
        NOWHERE: -100,
    }


def test_a_result_goes_to_the_result_account(connection: Connection, with_result_account: str) -> None:
    entity = with_result_account
    load(connection, entity, whole(SALE_2024 + COST_2025))
    assert balances(connection, entity, "2025-02") == {BANK: 70, COSTS: 30, RESULT: -100}
    assert amounts(connection, entity, "balance_sheet", "2025-02") == {"BS:5": 70, "RES": 30, "BS:1": -100}


def test_a_result_account_that_no_list_names_takes_the_result(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(country="LU", result_account="700999")
    load(connection, entity, whole(SALE_2024 + COST_2025))
    assert balances(connection, entity, "2025-02") == {BANK: 70, COSTS: 30, "700999": -100}
    assert amounts(connection, entity, "balance_sheet", "2025-02")["BS:7"] == -100
    assert amounts(connection, entity, "profit_and_loss", "2025-02") == {"PL": -30, "PL:6": -30}


@pytest.mark.parametrize("country", ["LU", "BE"])
def test_a_closing_entry_leaves_nothing_to_carry(
    connection: Connection, make_entity: Callable[..., str], country: str
) -> None:
    closing = booking("CL", "2024-12-31", (SALES, 100), (CAPITAL, -100))
    for result_account in (None, RESULT):
        entity = make_entity(country=country, result_account=result_account)
        load(connection, entity, whole(SALE_2024 + closing + COST_2025))
        assert balances(connection, entity, "2024-12") == {BANK: 100, SALES: -100}
        assert balances(connection, entity, "2024-12", "closing_entries") == {SALES: 100, CAPITAL: -100}
        assert balances(connection, entity, "2025-02") == {BANK: 70, COSTS: 30, CAPITAL: -100}
        assert validations(connection, entity) == set()


def test_profit_and_loss_accounts_start_each_year_at_zero(connection: Connection, entity: str) -> None:
    sales = [
        line
        for year in (2023, 2024, 2025)
        for month in (1, 12)
        for line in booking(f"{year}{month}", f"{year}-{month:02d}", (BANK, month), (SALES, -month))
    ]
    load(connection, entity, whole(sales))
    for year in (2023, 2024, 2025):
        assert SALES not in balances(connection, entity, f"{year}-01", "opening")
        assert balances(connection, entity, f"{year}-01")[SALES] == -1
        assert balances(connection, entity, f"{year}-12")[SALES] == -13
    assert balances(connection, entity, "2025-12") == {BANK: 39, SALES: -13, NOWHERE: -26}


def test_opening_entries_of_the_first_year_count(connection: Connection, entity: str) -> None:
    opened = opening("O", "2024-01-01", (BANK, 50), (CAPITAL, -40), (RESULT, -10))
    load(connection, entity, whole(opened + SALE_2024))
    assert balances(connection, entity, "2024-01", "opening") == {BANK: 50, CAPITAL: -40, RESULT: -10}
    assert balances(connection, entity, "2024-01", "debit") == {}
    assert balances(connection, entity, "2024-01", "opening_difference") == {}
    assert balances(connection, entity, "2024-12") == {BANK: 150, CAPITAL: -40, RESULT: -10, SALES: -100}
    sheet = report(connection, entity, "balance_sheet", "2024-12")
    assert sheet["BS:5"] == {"amount": 150, "year_to_date": 100, "prior_year": 0}
    assert sheet["BS:1"] == {"amount": -50, "year_to_date": 0, "prior_year": 0}


def test_opening_entries_after_an_adjacent_year_are_not_added(
    connection: Connection, with_result_account: str
) -> None:
    entity = with_result_account
    opened = opening("O", "2025-01-01", (BANK, 100), (RESULT, -100))
    load(connection, entity, whole(SALE_2024 + opened + COST_2025))
    assert balances(connection, entity, "2025-02") == {BANK: 70, COSTS: 30, RESULT: -100}
    assert validations(connection, entity) == set()
    row = connection.execute(
        "select sum(lines) as lines from marts.balance_month where entity_id = %s",
        [id_of(connection, entity)],
    ).fetchone()
    assert row == {"lines": 6}


def test_opening_entries_that_differ_are_found_and_not_added(
    connection: Connection, with_result_account: str
) -> None:
    entity = with_result_account
    opened = opening("O", "2025-01-01", (BANK, 90), (DEBTORS, 10), (RESULT, -100))
    load(connection, entity, whole(SALE_2024 + opened + COST_2025))
    assert balances(connection, entity, "2025-02") == {BANK: 70, COSTS: 30, RESULT: -100}
    rows = connection.execute(
        """
        select code, subject, fiscal_year_start::text as year, expected, found
        from marts.validation where entity_id = %s order by subject
        """,
        [id_of(connection, entity)],
    ).fetchall()
    assert [tuple(row.values()) for row in rows] == [
        ("opening_differs", DEBTORS, "2025-01-01", 0, 10),
        ("opening_differs", BANK, "2025-01-01", 100, 90),
    ]


def test_opening_entries_that_carry_the_result_tell_the_result_account(
    connection: Connection, entity: str
) -> None:
    opened = opening("O", "2025-01-01", (BANK, 100), (RESULT, -100))
    load(connection, entity, whole(SALE_2024 + opened + COST_2025))
    assert validations(connection, entity) == {("result_account_unset", RESULT)}
    assert balances(connection, entity, "2025-02") == {BANK: 70, COSTS: 30, NOWHERE: -100}
    entity_id = id_of(connection, entity)
    connection.execute("update app.entity set result_account = %s where id = %s", [RESULT, entity_id])
    load(connection, entity, Given([]))
    assert validations(connection, entity) == set()
    assert balances(connection, entity, "2025-02") == {BANK: 70, COSTS: 30, RESULT: -100}


def test_an_account_that_differs_by_another_amount_is_no_result_account(
    connection: Connection, entity: str
) -> None:
    opened = opening("O", "2025-01-01", (BANK, 93))
    load(connection, entity, whole(SALE_2024 + opened + COST_2025), allow_unbalanced=True)
    assert validations(connection, entity) == {
        ("opening_differs", BANK),
        ("opening_differs", NOWHERE),
        ("bookings_unbalanced", "2025-01"),
    }


def test_after_a_gap_only_the_difference_is_posted(connection: Connection, with_result_account: str) -> None:
    """2023 is missing: 2024 opens with its own statement of the balances."""
    entity = with_result_account
    sale_2022 = booking("S22", "2022-12", (BANK, 100), (SALES, -100))
    opened = opening("O", "2024-01-01", (BANK, 130), (CAPITAL, -10), (RESULT, -120))
    load(connection, entity, whole(sale_2022 + opened + SALE_2024))
    assert balances(connection, entity, "2023-06") == {BANK: 100, RESULT: -100}
    assert balances(connection, entity, "2024-01", "opening") == {BANK: 130, CAPITAL: -10, RESULT: -120}
    assert balances(connection, entity, "2024-01", "opening_difference") == {
        BANK: 30,
        CAPITAL: -10,
        RESULT: -20,
    }
    assert balances(connection, entity, "2024-12") == {BANK: 230, CAPITAL: -10, RESULT: -120, SALES: -100}
    assert balances(connection, entity, "2024-12", "opening_difference") == {}
    assert validations(connection, entity) == set()


def test_a_gap_without_opening_entries_is_bridged(connection: Connection, entity: str) -> None:
    sale_2022 = booking("S22", "2022-12", (BANK, 100), (SALES, -100))
    load(connection, entity, whole(sale_2022 + SALE_2024))
    assert balances(connection, entity, "2024-12") == {BANK: 200, SALES: -100, NOWHERE: -100}


def test_opening_entries_within_the_first_year_are_added_and_told(
    connection: Connection, entity: str
) -> None:
    first = opening("O", "2024-01-01", (BANK, 10), (CAPITAL, -10))
    load(connection, entity, whole(first + SALE_2024 + opening("P", "2024-12-01", (BANK, 5), (CAPITAL, -5))))
    assert balances(connection, entity, "2024-12") == {BANK: 115, CAPITAL: -15, SALES: -100}
    assert validations(connection, entity) == {("opening_added", "2024-12")}
    load(connection, entity, whole(first + SALE_2024))
    assert validations(connection, entity) == set()


def test_both_orders_of_importing_two_years_give_the_same(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    calendar = FiscalCalendar()
    years = [
        SALE_2024,
        opening("O", "2025-01-01", (BANK, 99), (RESULT, -99)) + COST_2025,
        opening("P", "2026-01-01", (BANK, 69), (RESULT, -69)),
    ]
    ends = []
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]):
        entity = make_entity(country="LU", result_account=RESULT)
        for nth in order:
            load(connection, entity, Given([Replace(FiscalYearsOfItsLines(calendar), years[nth])]))
        ends.append(snapshot(connection, entity))
    assert all(end == ends[0] for end in ends)
    assert balances(connection, entity, "2026-01") == {BANK: 70, RESULT: -70}
    assert validations(connection, entity) == {
        ("opening_differs", BANK),
        ("opening_differs", RESULT),
    }


def test_broken_fiscal_years(connection: Connection, entity: str) -> None:
    """Years from July; one of 18 months up to December 2024; calendar years from then on."""
    calendar = FiscalCalendar.parse(1, "2022-07..2023-06, 2023-07..2024-12")
    sales = [
        line
        for nth, month in enumerate(["2023-06", "2023-07", "2024-01", "2024-12", "2025-01"])
        for line in booking(f"B{nth}", month, (BANK, 10**nth), (SALES, -(10**nth)))
    ]
    load(connection, entity, whole(sales), calendar=calendar)
    assert balances(connection, entity, "2023-07") == {BANK: 11, SALES: -10, NOWHERE: -1}
    assert balances(connection, entity, "2024-12") == {BANK: 1111, SALES: -1110, NOWHERE: -1}
    assert balances(connection, entity, "2025-01") == {BANK: 11111, SALES: -10000, NOWHERE: -1111}
    lines = report(connection, entity, "profit_and_loss", "2024-12")
    assert lines["PL:7"] == {"amount": 1000, "year_to_date": 1110, "prior_year": 0}
    assert report(connection, entity, "balance_sheet", "2024-12")["BS:5"] == {
        "amount": 1111,
        "year_to_date": 1110,
        "prior_year": 11,
    }


def test_prior_year_and_year_to_date(connection: Connection, entity: str) -> None:
    sales = [
        line
        for month, amount in {"2024-01": 1, "2024-02": 20, "2025-02": 300, "2025-03": 4000}.items()
        for line in booking(month, month, (BANK, amount), (SALES, -amount))
    ]
    load(connection, entity, whole(sales + booking("C", "2025-02", (COSTS, 7), (BANK, -7))))
    found = {
        month: report(connection, entity, "profit_and_loss", month)
        for month in ("2024-02", "2024-03", "2025-01", "2025-02", "2025-03")
    }
    nothing = {"amount": 0, "year_to_date": 0, "prior_year": 0}
    seven = {month: tuple(lines.get("PL:7", nothing).values()) for month, lines in found.items()}
    assert seven == {
        "2024-02": (20, 21, 0),
        "2024-03": (0, 21, 0),
        "2025-01": (0, 0, 1),
        "2025-02": (300, 300, 20),
        "2025-03": (4000, 4300, 0),
    }
    assert tuple(found["2025-02"]["PL"].values()) == (293, 293, 20)
    sheet = report(connection, entity, "balance_sheet", "2025-02")
    assert sheet["BS:5"] == {"amount": 314, "year_to_date": 293, "prior_year": 21}
    assert sheet["RES"] == {"amount": -293, "year_to_date": -293, "prior_year": -21}
    assert sheet[NOWHERE] == {"amount": -21, "year_to_date": 0, "prior_year": 0}


def test_unmapped_accounts_stand_on_their_own_line_and_in_no_subtotal(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    """In the Belgian structure no line takes classes 0 and 73."""
    entity = make_entity(country="BE")
    lines = booking("U", "2025-01", ("090000", 5), (BANK, 6), ("730000", -11))
    load(connection, entity, whole(lines))
    assert {found for found in validations(connection, entity) if found[0] == "unmapped_account"} == {
        ("unmapped_account", "090000"),
        ("unmapped_account", "730000"),
    }
    sheet = amounts(connection, entity, "balance_sheet", "2025-01")
    profit = amounts(connection, entity, "profit_and_loss", "2025-01")
    assert sheet["unmapped:balance_sheet"] == 5
    assert sheet["20/58"] == 6
    assert profit == {"unmapped:profit_and_loss": 11}
    assert sheet["RES"] == -11, "what is not mapped is still part of the result of the year"


def test_books_that_end_take_their_figures_along(connection: Connection, entity: str) -> None:
    load(connection, entity, whole(SALE_2024 + COST_2025))
    load(connection, entity, whole([]), mode="full", allow_shrink=True)
    left = snapshot(connection, entity)
    assert left.pop("mapped.account_line") != []
    assert {table: rows for table, rows in left.items() if rows} == {
        "raw.account": left["raw.account"],
        "raw.axis_value": left["raw.axis_value"],
    }
