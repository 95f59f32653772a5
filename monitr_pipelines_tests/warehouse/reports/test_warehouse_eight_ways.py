"""One ledger as different programs export it: the statements are those of the plain one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
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
    booking,
    load,
    often,
    snapshot,
    whole,
)

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.server.database import Connection

Lines = list[LedgerLine]
YEARS = (2022, 2023, 2024)
RESULTS = {COSTS, SALES}
STATEMENTS = ("marts.profit_and_loss", "marts.balance_sheet")


def closing_balances(lines: Iterable[LedgerLine], year: int) -> dict[str, Decimal]:
    """What balance sheet accounts hold at the end of a year, all results on the result account."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.booking_date.year <= year:
            sums[RESULT if line.account_code in RESULTS else line.account_code] += line.amount
    return {account: amount for account, amount in sums.items() if amount}


def results(lines: Iterable[LedgerLine], year: int) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.booking_date.year == year and line.account_code in RESULTS:
            sums[line.account_code] += line.amount
    return {account: amount for account, amount in sums.items() if amount}


def opening_rows(lines: Lines, number: str = "O", **others: object) -> Lines:
    opened = {year: closing_balances(lines, year - 1) for year in YEARS[1:]}
    return [
        line
        for year, balances in opened.items()
        for line in booking(f"{number}{year}", f"{year}-01-01", *balances.items(), **others)
    ]


def closing_rows(lines: Lines, **others: object) -> Lines:
    """The result of each year booked to the result account."""
    found: Lines = []
    for year in YEARS:
        result = results(lines, year)
        sides = [*((account, -amount) for account, amount in result.items())]
        if sides:
            sides.append((RESULT, sum(result.values(), ZERO)))
            found += booking(f"C{year}", f"{year}-12-31", *sides, **others)
    return found


def balance_closings(lines: Lines) -> Lines:
    return [
        line
        for year in YEARS[:-1]
        for line in booking(
            f"D{year}",
            f"{year}-12-31",
            *((account, -amount) for account, amount in closing_balances(lines, year).items()),
        )
    ]


def detailed(lines: Lines) -> Lines:
    """Opening rows of each account in two parts, without numbers."""
    return [
        part
        for line in opening_rows(lines, description="A nouveau")
        for part in (
            line._replace(external_id=f"{line.external_id}a", booking=None, amount=line.amount - 1),
            line._replace(external_id=f"{line.external_id}b", booking=None, amount=Decimal(1)),
        )
    ]


WAYS: dict[str, Callable[[Lines], Lines]] = {
    "none": lambda _: [],
    "opening rows": opening_rows,
    "opening journal": lambda lines: opening_rows(lines, journal="RAN"),
    "period 0": lambda lines: opening_rows(lines, period="0"),
    "closing rows": lambda lines: closing_rows(lines, description="Clôture"),
    "period 13": lambda lines: closing_rows(lines, period="13"),
    "closed and reopened": lambda lines: [
        *closing_rows(lines, journal="CLO"),
        *balance_closings(lines),
        *opening_rows(lines),
    ],
    "detailed openings": detailed,
    "openings stated twice": lambda lines: [
        *opening_rows(lines, opening=True),
        *opening_rows(lines, "P", description="Beginbalans"),
    ],
}

sides = st.sampled_from(
    [(BANK, CAPITAL), (BANK, SALES), (DEBTORS, SALES), (COSTS, BANK), (COSTS, DEBTORS), (BANK, DEBTORS)]
)
moves = st.tuples(
    sides,
    st.sampled_from([f"{year}-{day}" for year in YEARS for day in ("01-01", "01-15", "07-01", "12-31")]),
    st.decimals(min_value=Decimal("0.01"), max_value=1000, places=2),
)
FOUNDED = booking("F", "2022-01-15", (BANK, 5000), (CAPITAL, -5000))


@pytest.mark.parametrize("way", [name for name in WAYS if name != "none"])
@often(8)
@given(made=st.lists(moves, min_size=1, max_size=12))
def test_statements_do_not_depend_on_how_a_ledger_is_exported(
    connection: Connection,
    make_entity: Callable[..., str],
    way: str,
    made: Sequence[tuple[tuple[str, str], str, Decimal]],
) -> None:
    plain = [
        *FOUNDED,
        *(
            line
            for number, ((debit, credit), when, amount) in enumerate(made)
            for line in booking(f"M{number}", when, (debit, amount), (credit, -amount))
        ),
        *(line for year in YEARS for line in booking(f"E{year}", f"{year}-12-31", (BANK, 1), (BANK, -1))),
    ]
    expected = make_entity(country="LU", result_account=RESULT)
    load(connection, expected, whole(plain))
    found = make_entity(country="LU", result_account=RESULT)
    load(connection, found, whole([*plain, *WAYS[way](plain)]))
    assert snapshot(connection, found, STATEMENTS) == snapshot(connection, expected, STATEMENTS)
