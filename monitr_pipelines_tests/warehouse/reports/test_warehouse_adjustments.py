"""Adjusting entries in the figures, beside a bookkeeper's walk through the months in plain Python."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warehouse_kit import (
    BANK,
    CAPITAL,
    COSTS,
    DEBTORS,
    RESULT,
    SALES,
    Given,
    booking,
    id_of,
    load,
    often,
    stored_rows,
    whole,
)

from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.reported.adjusting import AdjustingEntry
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.reports import adjustments
from monitr_pipelines.warehouse.server.database import Connection

FIRST, LAST = Month(2023, 2), Month(2025, 6)
MONTHS = [FIRST.plus(nth) for nth in range(FIRST.until(LAST) + 1)]
APRIL = FiscalCalendar(4)
# The plain structure has a line for each class, beneath one for each statement.
LINES = {CAPITAL: "BS:1", RESULT: "BS:1", BANK: "BS:5", DEBTORS: "BS:4", COSTS: "PL:6", SALES: "PL:7"}
PLACES = (*LINES, *sorted({*LINES.values()}), "(result)")
TOPS = {"BS": "BS", "PL": "PL", "RES": "BS", "(result)": "BS"}
BOOKS = booking("B1", f"{FIRST}", (BANK, 100), (CAPITAL, -100)) + booking(
    "B2", f"{LAST}", (BANK, 9), (SALES, -9)
)


def entry(
    month: str | Month, place: str, amount: int | str, reason: str = "Accrual", **others: str
) -> AdjustingEntry:
    month = Month.parse(month) if isinstance(month, str) else month
    on_line = place in {*LINES.values(), "(result)"}
    given = {"account": "", "line": "", "axis": "", "axis_value": ""} | others
    given["line" if on_line else "account"] = place
    return AdjustingEntry(month, amount=Decimal(amount), reason=reason, **given)


def mart(connection: Connection, entity: str) -> dict[tuple[str, Month], tuple[Decimal, Decimal]]:
    rows = connection.execute(
        "select * from marts.adjustment where entity_id = %s", [id_of(connection, entity)]
    )
    return {(row["line"], Month.of(row["month"])): (row["amount"], row["year_to_date"]) for row in rows}


def expected(
    entries: list[AdjustingEntry], result_line: str
) -> dict[tuple[str, Month], tuple[Decimal, Decimal]]:
    """Balances are carried from month to month; the result of a year is carried forward at its turn."""
    found: dict[tuple[str, Month], tuple[Decimal, Decimal]] = {}
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    start: dict[str, Decimal] = {}
    result: defaultdict[str, Decimal] = defaultdict(Decimal)
    for month in MONTHS:
        if month == APRIL.year_of(month).first or month == FIRST:
            balances[result_line] += balances.pop("RES", Decimal(0))
            start, result = dict(balances), defaultdict(Decimal)
        flows: defaultdict[str, Decimal] = defaultdict(Decimal)
        for one in entries:
            line = one.line or LINES[one.account]
            if one.month == month and line.startswith("PL"):
                flows[line] -= one.amount
                balances["RES"] += one.amount
            elif one.month == month:
                balances[line] += one.amount
        for line, amount in flows.items():
            result[line] += amount
        for line, amount in summed(balances).items():
            found[line, month] = (amount, amount - summed(start).get(line, Decimal(0)))
        for line, amount in summed(result).items():
            found[line, month] = (summed(flows).get(line, Decimal(0)), amount)
        for line in summed(start).keys() - summed(balances).keys():
            found[line, month] = (Decimal(0), -summed(start)[line])
    return {key: amounts for key, amounts in found.items() if any(amounts)}


def summed(leaves: dict[str, Decimal]) -> dict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line, amount in leaves.items():
        for above in {line, TOPS[line.partition(":")[0]]}:
            sums[above] += amount
    return dict(sums)


@st.composite
def balanced(draw: st.DrawFn) -> list[AdjustingEntry]:
    made = []
    for _ in range(draw(st.integers(1, 4))):
        month = draw(st.sampled_from(MONTHS))
        places = draw(st.lists(st.sampled_from(PLACES), min_size=2, max_size=3))
        amounts = [draw(st.integers(1, 50)) * draw(st.sampled_from([-1, 1])) for _ in places[1:]]
        amounts.append(-sum(amounts))
        made += [entry(month, place, amount) for place, amount in zip(places, amounts, strict=True) if amount]
    return made


@often(10)
@given(first=balanced(), second=balanced(), result_account=st.sampled_from([None, RESULT]))
def test_adjustments_balance_in_every_month_and_equal_the_walk(
    connection: Connection,
    make_entity: Callable[..., str],
    first: list[AdjustingEntry],
    second: list[AdjustingEntry],
    result_account: str | None,
) -> None:
    """Over turns of fiscal years; after entries were added, more of them, and some removed again."""
    entity = make_entity(country="LU", result_account=result_account)
    load(connection, entity, whole(BOOKS), calendar=APRIL)
    result_line = LINES[RESULT] if result_account else "(result)"
    adjustments.add(connection, entity, first, "Ann", replace=False)
    assert mart(connection, entity) == expected(first, result_line)
    adjustments.add(connection, entity, second, "Ann", replace=False)
    found = mart(connection, entity)
    assert found == expected(first + second, result_line)
    nothing = (Decimal(0), Decimal(0))
    for month in MONTHS:
        assert found.get(("BS", month), nothing)[0] == 0
        result = found.get(("PL", month), nothing)[1]
        assert found.get(("RES", month), nothing)[0] == -result
    gone = first[0].month
    adjustments.remove(connection, entity, lambda row: Month.of(row["month"]) == gone, "Bob")
    left = [one for one in first + second if one.month != gone]
    assert mart(connection, entity) == expected(left, result_line)
    before = stored_rows(connection, entity, "marts.adjustment")
    load(connection, entity, Given([]), calendar=APRIL)
    assert stored_rows(connection, entity, "marts.adjustment") == before


@pytest.fixture
def entity(connection: Connection, make_entity: Callable[..., str]) -> str:
    entity = make_entity(country="LU")
    load(connection, entity, whole(BOOKS), calendar=APRIL)
    return entity


def test_entries_never_reach_the_ledger_or_the_statements(connection: Connection, entity: str) -> None:
    tables = ("raw.gl_transaction", "raw.month_balance", "marts.balance_month", "marts.trial_balance",
              "marts.profit_and_loss", "marts.balance_sheet")  # fmt: skip
    before = {table: stored_rows(connection, entity, table) for table in tables}
    adjustments.add(
        connection, entity, [entry("2024-01", COSTS, 5), entry("2024-01", DEBTORS, -5)], "Ann", replace=False
    )
    load(connection, entity, Given([]), calendar=APRIL)
    assert {table: stored_rows(connection, entity, table) for table in tables} == before


def test_entries_of_months_outside_the_books_wait_for_them(connection: Connection, entity: str) -> None:
    later = [entry("2025-07", COSTS, 5), entry("2025-07", DEBTORS, -5)]
    adjustments.add(connection, entity, later, "Ann", replace=False)
    assert mart(connection, entity) == {}
    more = booking("B3", "2025-08", (BANK, 1), (SALES, -1))
    load(connection, entity, whole(BOOKS + more), calendar=APRIL)
    assert mart(connection, entity)["PL:6", Month(2025, 7)] == (-5, -5)


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_kept(
    connection: Connection, entity: str
) -> None:
    wrong = [
        entry("2024-01", "999999", 5)._replace(row=2),
        entry("2024-01", BANK, -4)._replace(row=3),
        AdjustingEntry(Month(2024, 2), "", "BS", "", "", Decimal(1), "A subtotal", 4),
        AdjustingEntry(Month(2024, 2), "", "RES", "", "", Decimal(1), "Computed", 5),
        entry("2024-02", BANK, -2, axis="cost", axis_value="9")._replace(row=6),
    ]
    with pytest.raises(Refused) as refused:
        adjustments.add(connection, entity, wrong, "Ann", replace=False)
    assert str(refused.value).splitlines()[1:] == [
        "line 2, column account: the company has no account 999999",
        "line 4, column line: its reports have no line BS that takes amounts",
        "line 5, column line: its reports have no line RES that takes amounts",
        "line 6, column axis: the axis cost has no value 9",
        "the adjusting entries of 2024-01 add up to 1.00 and not to zero",
    ]
    assert adjustments.entries_of(connection, entity) == []


def test_replaced_and_removed_entries_stay_in_the_history(connection: Connection, entity: str) -> None:
    first = [entry("2024-01", COSTS, 5), entry("2024-01", DEBTORS, -5)]
    second = [entry("2024-02", COSTS, 7), entry("2024-02", DEBTORS, -7)]
    adjustments.add(connection, entity, first, "Ann", replace=False)
    assert adjustments.add(connection, entity, first, "Ann", replace=False).repeated == 2
    changed = adjustments.add(connection, entity, second, "Bob", replace=True)
    assert (changed.added, changed.removed, changed.repeated) == (2, 4, 0)
    assert adjustments.entries_of(connection, entity) == second
    rows = adjustments.stored(connection, id_of(connection, entity), with_removed=True)
    people = [(row["added_by"], row["removed_by"]) for row in rows]
    assert people == [("Ann", "Bob")] * 4 + [("Bob", None)] * 2
    with pytest.raises(Refused, match=r"2024-02 add up to -7\.00"):
        adjustments.remove(connection, entity, lambda row: row["amount"] > 0, "Bob")
    assert adjustments.entries_of(connection, entity) == second
