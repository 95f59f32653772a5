"""Lines that open or close a year are known by what says so, and counted once; worked out by hand."""

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from warehouse_kit import (
    BANK,
    CAPITAL,
    COSTS,
    DEBTORS,
    RESULT,
    SALES,
    balances,
    booking,
    id_of,
    load,
    report,
    validations,
    whole,
)

from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.warehouse.server.database import Connection

Lines = Sequence[LedgerLine]
BOUGHT = booking("B", "2023-02-01", (BANK, 1000), (CAPITAL, -1000))
SOLD = booking("S", "2023-06-01", (BANK, 500), (SALES, -500))
SOLD_NEXT = booking("N", "2024-03-10", (BANK, 200), (SALES, -200))
PLAIN = [*BOUGHT, *SOLD, *SOLD_NEXT]
OPENED = ((BANK, 1500), (CAPITAL, -1000), (RESULT, -500))
CLOSED = ((SALES, 500), (RESULT, -500))
TAKEN = "749900"


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity(country="LU")


def roles(connection: Connection, entity: str) -> dict[str, tuple[str, str]]:
    rows = connection.execute(
        "select external_id, role, reason from raw.line_role where entity_id = %s",
        [id_of(connection, entity)],
    )
    return {row["external_id"]: (row["role"], row["reason"]) for row in rows}


def anonymous(lines: Lines) -> list[LedgerLine]:
    return [line._replace(booking=None) for line in lines]


OPENINGS = {
    "amounts": booking("O", "2024-01-01", *OPENED),
    "amounts of lines without a number, beside a sale of that day": anonymous(
        [
            *booking("O", "2024-01-01", *OPENED),
            *booking("J", "2024-01-01", (BANK, 7), (SALES, -7)),
            *booking("K", "2024-01-31", (BANK, -7), (SALES, 7)),
        ]
    ),
    "two lines of one account": anonymous(
        booking("O", "2024-01-01", (BANK, 900), (BANK, 600), (CAPITAL, -1000), (RESULT, -500))
    ),
    "description": booking("O", "2024-01-01", *OPENED, description="Solde à nouveau 2024"),
    "journal": booking("O", "2024-01-01", *OPENED, journal="BEG"),
    "period": booking("O", "2024-01-01", *OPENED, period="2024-00"),
}


@pytest.mark.parametrize("opened", OPENINGS.values(), ids=OPENINGS)
def test_an_opening_that_repeats_the_balances_is_not_added(
    connection: Connection, entity: str, opened: Lines
) -> None:
    load(connection, entity, whole([*PLAIN, *opened]))
    assert balances(connection, entity, "2024-03")[BANK] == 1700
    assert balances(connection, entity, "2024-03")[CAPITAL] == -1000
    assert balances(connection, entity, "2024-03")[SALES] == -200
    told = roles(connection, entity)
    assert set(told) >= {line.external_id for line in opened if line.external_id.startswith("O")}
    assert {role for role, _ in told.values()} == {"opening"}
    assert {code for code, *_ in validations(connection, entity)} <= {"result_account_unset"}


def test_an_entry_that_repeats_only_some_balances_is_no_opening(connection: Connection, entity: str) -> None:
    moved = booking("M", "2024-01-01", (BANK, 1500), (DEBTORS, -1500))
    load(connection, entity, whole([*PLAIN, *moved]))
    assert roles(connection, entity) == {}
    assert balances(connection, entity, "2024-03")[BANK] == 3200


def test_an_entry_that_repeats_half_of_the_balances_is_asked_about(
    connection: Connection, entity: str
) -> None:
    moved = booking("M", "2024-01-01", (BANK, 1500), (CAPITAL, -1000), (DEBTORS, -500))
    more = booking("P", "2023-03-01", ("440000", 9), ("230000", -9))
    load(connection, entity, whole([*PLAIN, *more, *moved]))
    assert roles(connection, entity) == {}
    assert ("opening_unsure", "2024-01-01") in {found[:2] for found in validations(connection, entity)}


def test_entries_that_leave_no_result_are_asked_about(connection: Connection, entity: str) -> None:
    cost = booking("E", "2023-05-01", (COSTS, 30), (BANK, -30))
    emptied = booking("C", "2023-12-31", (SALES, 500), (COSTS, -30), (BANK, -470))
    load(connection, entity, whole([*PLAIN, *cost, *emptied]))
    assert roles(connection, entity) == {}
    assert ("closing_unsure", "2023-12-31") in {found[:2] for found in validations(connection, entity)}


def test_words_alone_do_not_take_an_entry_out_of_the_balances(connection: Connection, entity: str) -> None:
    brought = booking("M", "2024-01-01", (DEBTORS, 80), (CAPITAL, -80), description="Opening balance")
    load(connection, entity, whole([*PLAIN, *brought]))
    assert roles(connection, entity) == {}
    assert balances(connection, entity, "2024-03")[DEBTORS] == 80


def test_the_opening_of_the_first_year_stands_before_its_movements(
    connection: Connection, entity: str
) -> None:
    opened = booking("O", "2023-01-01", (BANK, 10), (CAPITAL, -10), period="0")
    load(connection, entity, whole([*opened, *PLAIN]))
    assert balances(connection, entity, "2023-01", "opening") == {BANK: 10, CAPITAL: -10}
    assert balances(connection, entity, "2023-12")[BANK] == 1510


CLOSINGS = {
    "amounts": booking("C", "2023-12-31", *CLOSED),
    "period": booking("C", "2023-12-31", *CLOSED, period="13"),
    "journal": booking("C", "2023-12-31", *CLOSED, journal="CLO"),
    "description": anonymous(booking("C", "2023-12-31", *CLOSED, description="Afsluiting boekjaar 2023")),
}


@pytest.mark.parametrize(("reason", "closed"), CLOSINGS.items(), ids=CLOSINGS)
def test_a_closed_result_stands_in_the_statements_of_its_year(
    connection: Connection, entity: str, reason: str, closed: Lines
) -> None:
    load(connection, entity, whole([*PLAIN, *closed]))
    assert roles(connection, entity) == {line.external_id: ("result closing", reason) for line in closed}
    assert balances(connection, entity, "2023-12") == {BANK: 1500, CAPITAL: -1000, SALES: -500}
    assert report(connection, entity, "profit_and_loss", "2023-12")["PL"]["year_to_date"] == 500
    assert balances(connection, entity, "2024-01", "opening") == {BANK: 1500, CAPITAL: -1000, RESULT: -500}
    after = {
        account: amount + balances(connection, entity, "2023-12").get(account, Decimal(0))
        for account, amount in balances(connection, entity, "2023-12", "closing_entries").items()
    }
    assert after == {SALES: 0, RESULT: -500}


def test_a_result_that_is_closed_by_way_of_another_account(connection: Connection, entity: str) -> None:
    way, to = "130000", RESULT
    closed = booking("C", "2023-12-31", (SALES, 500), (way, -500), description="Clôture")
    handed = booking("D", "2023-12-31", (way, 500), (to, -500), description="Affectation")
    load(connection, entity, whole([*PLAIN, *closed, *handed]))
    assert balances(connection, entity, "2023-12") == {BANK: 1500, CAPITAL: -1000, SALES: -500}
    assert balances(connection, entity, "2024-01", "opening") == {BANK: 1500, CAPITAL: -1000, RESULT: -500}


def test_a_closed_and_reopened_year_reads_like_an_unclosed_one(connection: Connection, entity: str) -> None:
    result = booking("C", "2023-12-31", *CLOSED)
    closed = booking("D", "2023-12-31", *((account, -amount) for account, amount in OPENED))
    again = booking("O", "2024-01-01", *OPENED)
    load(connection, entity, whole([*PLAIN, *result, *closed, *again]))
    assert balances(connection, entity, "2023-12") == {BANK: 1500, CAPITAL: -1000, SALES: -500}
    assert balances(connection, entity, "2024-03") == {
        BANK: 1700, CAPITAL: -1000, RESULT: -500, SALES: -200,
    }  # fmt: skip
    assert {role for role, _ in roles(connection, entity).values()} == {
        "opening", "result closing", "balance closing",
    }  # fmt: skip


def test_the_belgian_appropriation_is_no_closing(connection: Connection, entity: str) -> None:
    appropriated = booking("A", "2023-12-31", ("693000", 500), (RESULT, -500), description="Afsluiting 2023")
    load(connection, entity, whole([*PLAIN, *appropriated]))
    assert roles(connection, entity) == {}
    assert balances(connection, entity, "2023-12")["693000"] == 500


def test_a_credit_note_of_the_last_day_closes_nothing(connection: Connection, entity: str) -> None:
    sold = booking("S", "2023-06-01", (DEBTORS, 500), (SALES, -500))
    credited = booking("C", "2023-12-31", (SALES, 500), (DEBTORS, -500))
    load(connection, entity, whole([*BOUGHT, *sold, *credited]))
    assert roles(connection, entity) == {}
    assert SALES not in balances(connection, entity, "2023-12")


def test_a_cost_that_is_handed_on_closes_nothing(connection: Connection, entity: str) -> None:
    cost = booking("E", "2023-05-01", (COSTS, 30), (BANK, -30))
    handed = booking("F", "2023-12-31", (COSTS, -30), ("230000", 30))
    load(connection, entity, whole([*PLAIN, *cost, *handed]))
    assert roles(connection, entity) == {}


@pytest.mark.parametrize(
    "told", [{"description": "Årets resultat"}, {"description": "Bokslut 2023"}, {"period": "13"}], ids=str
)
def test_an_account_that_takes_the_whole_result_closes_it_where_words_say_so(
    connection: Connection, entity: str, told: dict[str, str]
) -> None:
    """As 8999 does in Sweden: no account of the year is emptied."""
    taken = booking("C", "2023-12-31", (TAKEN, 500), (RESULT, -500), **told)
    load(connection, entity, whole([*PLAIN, *taken]))
    assert {role for role, _ in roles(connection, entity).values()} == {"result closing"}
    assert report(connection, entity, "profit_and_loss", "2023-12")["PL"]["year_to_date"] == 500
    assert balances(connection, entity, "2024-03") == {
        BANK: 1700, CAPITAL: -1000, RESULT: -500, SALES: -200,
    }  # fmt: skip


@pytest.mark.parametrize("used", [False, True])
def test_without_words_it_is_asked_about(connection: Connection, entity: str, *, used: bool) -> None:
    earlier = booking("Z", "2023-09-30", (BANK, 9), (TAKEN, -9)) if used else []
    taken = booking("C", "2023-12-31", (TAKEN, 500 + 9 * used), (RESULT, -500 - 9 * used))
    load(connection, entity, whole([*PLAIN, *taken, *earlier]))
    assert roles(connection, entity) == {}
    asked = ("closing_unsure", "2023-12-31") in {found[:2] for found in validations(connection, entity)}
    assert asked is not used


@pytest.mark.parametrize("told", [{}, {"period": "13"}, {"journal": "CLO"}], ids=str)
def test_what_is_booked_beside_the_closing_is_no_closing(
    connection: Connection, entity: str, told: dict[str, str]
) -> None:
    sold = booking("T", "2023-05-01", (BANK, 70), (SALES, -70))
    stock = booking("V", "2023-12-31", ("340000", 40), (COSTS, -40), **told)
    closed = booking("C", "2023-12-31", (SALES, 570), (COSTS, 40), (RESULT, -610), **told)
    load(connection, entity, whole([*PLAIN, *sold, *stock, *closed]))
    assert set(roles(connection, entity)) == {line.external_id for line in closed}
    assert balances(connection, entity, "2023-12")["340000"] == 40


@pytest.mark.parametrize("told", [{"period": "13"}, {"journal": "CLO"}], ids=str)
@pytest.mark.parametrize("to", [RESULT, "799000"], ids=["closed by itself", "handed on among results"])
def test_tax_that_is_booked_among_closing_entries_is_a_cost_of_its_year(
    connection: Connection, entity: str, to: str, told: dict[str, str]
) -> None:
    """As in Portugal, where the tax on the result is on an account that nothing else moves."""
    tax, owed = "670000", "450000"
    taxed = booking("X", "2023-12-31", (tax, 120), (owed, -120), **told)
    closed = booking("C", "2023-12-31", *CLOSED, **told)
    emptied = booking("E", "2023-12-31", (to, 120), (tax, -120), **told)
    load(connection, entity, whole([*PLAIN, *taxed, *closed, *emptied]))
    assert not {line.external_id for line in taxed} & set(roles(connection, entity))
    assert balances(connection, entity, "2023-12")[owed] == -120
    assert report(connection, entity, "profit_and_loss", "2023-12")["PL"]["year_to_date"] == 380


def test_correction_of_an_auditor_in_period_13_is_no_closing(connection: Connection, entity: str) -> None:
    corrected = booking("E", "2023-12-31", (COSTS, 30), (DEBTORS, -30), period="13")
    load(connection, entity, whole([*PLAIN, *corrected]))
    assert roles(connection, entity) == {}


def test_an_opening_of_profit_and_loss_accounts_is_the_result_carried_forward(
    connection: Connection, entity: str
) -> None:
    opened = booking("O", "2024-01-01", (BANK, 300), (SALES, -300), opening=True)
    load(connection, entity, whole([*opened, *SOLD_NEXT]))
    assert report(connection, entity, "profit_and_loss", "2024-03")["PL"]["year_to_date"] == 200
    assert balances(connection, entity, "2024-03") == {BANK: 500, SALES: -200, "(result)": -300}


def test_the_year_before_that_was_left_open_gives_no_advice(connection: Connection, entity: str) -> None:
    earlier = booking("S", "2023-06-01", (BANK, 300), (SALES, -300))
    opened = booking("O", "2024-01-01", (BANK, 300), (SALES, -300), opening=True)
    load(connection, entity, whole([*earlier, *opened, *SOLD_NEXT]))
    assert validations(connection, entity) == set()
    assert balances(connection, entity, "2024-03")[BANK] == 500


def test_roles_follow_the_lines(connection: Connection, entity: str) -> None:
    closed = booking("C", "2023-12-31", *CLOSED)
    load(connection, entity, whole([*PLAIN, *closed]))
    assert roles(connection, entity)
    load(connection, entity, whole([*PLAIN, *closed, *booking("L", "2023-12-31", (BANK, 1), (SALES, -1))]))
    assert roles(connection, entity) == {}
    load(connection, entity, whole([*PLAIN, *closed]))
    assert roles(connection, entity)


def test_reports_follow_the_period_where_the_entity_says_so(connection: Connection, entity: str) -> None:
    late = booking("L", "2024-04-02", (BANK, 9), (SALES, -9), period="3")
    other = booking("Q", "2024-04-02", (BANK, 5), (SALES, -5), period="2023-12")
    last = booking("X", "2024-12-31", (BANK, 2), (SALES, -2), period="14")
    load(connection, entity, whole([*PLAIN, *late, *other, *last]))
    assert balances(connection, entity, "2024-03")[BANK] == 1700
    connection.execute(
        'update app.entity set settings = settings || \'{"months_by": "period"}\' where key = %s', [entity]
    )
    load(connection, entity, whole([*PLAIN, *late, *other, *last]))
    assert balances(connection, entity, "2024-03")[BANK] == 1709
    assert balances(connection, entity, "2024-04")[BANK] == 1714
    assert balances(connection, entity, "2024-12")[BANK] == 1716


@pytest.mark.parametrize("told", [True, False])
def test_an_opening_without_the_result_alone_makes_the_difference(
    connection: Connection, entity: str, *, told: bool
) -> None:
    opened = booking("O", "2024-01-01", (BANK, 1500), (CAPITAL, -1000), opening=told)
    with pytest.raises(InconsistentData) as refused:
        load(connection, entity, whole([*PLAIN, *opened]), bookings_balance=False)
    assert [finding.code for finding in refused.value.findings] == ["unbalanced_year", "opening_unbalanced"]
    assert "500" in str(refused.value.findings[1])


def test_a_year_of_one_day_is_no_opening(connection: Connection, entity: str) -> None:
    lines = booking("S", "2024-01-01", (BANK, 10), (SALES, -9))
    with pytest.raises(InconsistentData) as refused:
        load(connection, entity, whole(lines), bookings_balance=False)
    assert [finding.code for finding in refused.value.findings] == ["unbalanced_year"]
