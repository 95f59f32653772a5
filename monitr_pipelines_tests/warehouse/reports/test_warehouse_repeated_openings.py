"""An opening that stands twice in the books of a year counts once, and is told; worked out by hand."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
import warehouse_kit
from warehouse_kit import (
    BANK,
    CAPITAL,
    DEBTORS,
    RESULT,
    SALES,
    Given,
    balances,
    booking,
    upsert,
    whole,
)

from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.reports.test_warehouse_line_roles import anonymous, roles

# As a file is loaded.
load = partial(warehouse_kit.load, today=date(2026, 1, 1))
OPENED = ((BANK, 1500), (CAPITAL, -1000), (RESULT, -500))
STATED = booking("O", "2024-01-01", *OPENED, opening=True)
SOLD = booking("S", "2024-03-10", (BANK, 200), (SALES, -200))
OF_THAT_DAY = booking("D", "2024-01-01", (DEBTORS, 70), (SALES, -70))
# How the opening is told, and how it comes once more.
TWICE = {
    "an entry of that day": (STATED, booking("P", "2024-01-01", *OPENED)),
    "a journal": (STATED, booking("P", "2024-01-01", *OPENED, journal="BEG")),
    "rows without a number": (STATED, anonymous(booking("P", "2024-01-01", *OPENED, description="Report"))),
    "an account in two rows": (
        STATED,
        booking("P", "2024-01-01", (BANK, 1400), (BANK, 100), (CAPITAL, -1000), (RESULT, -500)),
    ),
    "twice in words": (
        booking("O", "2024-01-01", *OPENED, description="Opening balance"),
        booking("P", "2024-01-01", *OPENED, description="Openingsbalans"),
    ),
}


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity(country="LU")


@pytest.mark.parametrize("case", TWICE)
def test_an_opening_that_stands_twice_counts_once(connection: Connection, entity: str, case: str) -> None:
    first, again = TWICE[case]
    told = load(connection, entity, whole([*first, *again, *OF_THAT_DAY, *SOLD]))
    assert balances(connection, entity, "2024-01", "opening") == {BANK: 1500, CAPITAL: -1000, RESULT: -500}
    assert balances(connection, entity, "2024-03") == {
        BANK: 1700, CAPITAL: -1000, RESULT: -500, DEBTORS: 70, SALES: -270,
    }  # fmt: skip
    left_out = {key for key, (role, _) in roles(connection, entity).items() if role == "opening again"}
    assert left_out == {line.external_id for line in again}
    what = f"{len(again)} lines of 2024-01-01 state the opening balance of their year once more"
    assert [str(found) for found in told.findings] == [f"{what}; it is counted once"]


@pytest.mark.parametrize("case", TWICE)
def test_a_later_year_that_is_opened_twice_is_added_to_nothing(
    connection: Connection, entity: str, case: str
) -> None:
    first, again = TWICE[case]
    before = [
        *booking("B", "2023-02-01", (BANK, 1000), (CAPITAL, -1000)),
        *booking("T", "2023-06-01", (BANK, 500), (SALES, -500)),
    ]
    load(connection, entity, whole([*before, *first, *again, *SOLD]))
    assert balances(connection, entity, "2024-03") == {
        BANK: 1700, CAPITAL: -1000, "(result)": -500, SALES: -200,
    }  # fmt: skip


OTHERS = {
    "another amount": booking("P", "2024-01-01", (BANK, 1501), (CAPITAL, -1001), (RESULT, -500)),
    "the other side": booking("P", "2024-01-01", (BANK, -1500), (CAPITAL, 1000), (RESULT, 500)),
    "an account more": booking("P", "2024-01-01", *OPENED, (DEBTORS, 3), (SALES, -3)),
    "another day": booking("P", "2024-01-02", *OPENED),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_what_differs_anywhere_is_a_booking_of_its_own(
    connection: Connection, entity: str, other: list[LedgerLine]
) -> None:
    told = load(connection, entity, whole([*STATED, *other, *SOLD]))
    assert roles(connection, entity) == {}
    assert told.findings == []


def test_two_accounts_that_agree_could_be_chance(connection: Connection, entity: str) -> None:
    paid_in = ((BANK, 100), (CAPITAL, -100))
    lines = [*booking("O", "2024-01-01", *paid_in, opening=True), *booking("P", "2024-01-01", *paid_in)]
    load(connection, entity, whole([*lines, *SOLD]))
    assert balances(connection, entity, "2024-03")[BANK] == 400


@pytest.mark.parametrize(
    "bring", [lambda again: whole([*STATED, *again, *SOLD]), upsert], ids=["anew", "added"]
)
def test_it_is_told_by_the_import_that_brings_it(
    connection: Connection, entity: str, bring: Callable[[list[LedgerLine]], Given]
) -> None:
    first = load(connection, entity, whole([*STATED, *SOLD]))
    second = load(connection, entity, bring(booking("P", "2024-01-01", *OPENED)), mode="incremental")
    later = booking("L", "2024-05-01", (BANK, 1), (SALES, -1))
    third = load(connection, entity, upsert(later), mode="incremental")
    assert [len(each.findings) for each in (first, second, third)] == [0, 1, 0]
    assert balances(connection, entity, "2024-03")[BANK] == 1700
