"""What the amounts of Octopus mean: told by its accounts, proved by its balances, never guessed."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from octopus_kit import Octopus, end_of, lines_in

from monitr_pipelines.lifecycle.errors import InconsistentData


@pytest.fixture
def busy(octopus: Octopus) -> Octopus:
    """Enough purchases to tell a sign."""
    for document in range(1, 8):
        octopus.book(document=document)
    return octopus


@pytest.mark.parametrize("balance_sign", [1, -1])
@pytest.mark.parametrize("sign", [1, -1])
def test_debits_are_positive_whatever_octopus_writes(octopus: Octopus, sign: int, balance_sign: int) -> None:
    octopus.sign, octopus.balance_sign = sign, balance_sign
    for document in range(1, 8):
        octopus.book(document=document)
    items = octopus.read()
    assert {line.amount for line in lines_in(items).values() if line.account_code == "610000"} == {
        Decimal(121)
    }
    cursor = end_of(items).cursor
    assert (cursor["sign"], cursor["balance_sign"]) == (sign, balance_sign)
    octopus.book("5", document=9)
    assert lines_in(octopus.read(cursor))["1.A1.9.1"].amount == Decimal(5)


def test_few_lines_have_the_sign_of_the_balances(octopus: Octopus) -> None:
    octopus.sign = octopus.balance_sign = -1
    octopus.book(kind=2)
    (sale,) = (each for each in lines_in(octopus.read()).values() if each.account_code == "700000")
    assert sale.amount == Decimal(-121)


def test_lines_and_balances_that_tell_nothing_are_refused(octopus: Octopus) -> None:
    octopus.book(accountKey=550000)
    with pytest.raises(InconsistentData) as refused:
        octopus.read()
    assert refused.value.messages[0].kind == "sign_unknown"


def test_few_accounts_on_the_other_side_do_not_matter_and_many_do(busy: Octopus) -> None:
    busy.book("7", kind=4, accountKey=620000, lineSequenceNr=-1)
    busy.bookings[1, 4, 1, 1][0]["accountKey"] = 700000
    busy.numbers[620000] = "Lonen"
    with pytest.raises(InconsistentData) as refused:
        busy.read()
    assert refused.value.detail == "1 accounts against 2"
    for account in range(600000, 600005):
        busy.book("9", document=account, accountKey=account)
        busy.bookings[1, 1, 1, account][1]["accountKey"] = 440000
    assert end_of(busy.read()).cursor["balance_sign"] == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda octopus: octopus.bookings.pop((1, 1, 1, 3)),
        lambda octopus: octopus.bookings[1, 1, 1, 3][0].update(accountKey=620000),
    ],
    ids=["a booking is missing", "a line is on another account"],
)
def test_lines_that_do_not_add_up_to_the_balances_are_refused(
    busy: Octopus, spoil: Callable[[Octopus], object]
) -> None:
    told = busy.amounts()
    busy.before = lambda path: (200, {"modified": told}) if path.endswith("amounts/modified") else None
    spoil(busy)
    with pytest.raises(InconsistentData, match="contradict"):
        busy.read()


def test_a_type_of_journal_that_is_wrongly_told_to_be_empty_is_noticed(busy: Octopus) -> None:
    busy.book(kind=2)
    empty = (404, {"technicalInfo": "Nothing found"})
    busy.before_type = {2: empty}
    with pytest.raises(InconsistentData):
        busy.read()


def test_what_changes_while_it_is_read_proves_nothing(busy: Octopus) -> None:
    busy.book(kind=2)
    source = busy.source()
    items = []
    for item in source.transactions(None):
        items.append(item)
        if busy.paths()[-1].endswith("bookings/modified"):
            busy.book("1000", document=1)
    assert end_of(items).cursor["balance_sign"] == 1


def test_signs_that_contradict_one_another_are_refused(busy: Octopus) -> None:
    told = busy.amounts()
    told[0]["balance"] = type(told[0]["balance"])(-told[0]["balance"].value)
    busy.before = lambda path: (200, {"modified": told}) if path.endswith("amounts/modified") else None
    with pytest.raises(InconsistentData):
        busy.read()


def test_balances_are_those_at_the_end_of_a_period(busy: Octopus) -> None:
    busy.balance_sign = -1
    busy.book("1000", bookyear=2, document=1)
    busy.book("50", bookyear=2, document=2, bookyearPeriodeNr=202602)
    source = busy.source()
    list(source.transactions(None))
    told = source.trial_balance(date(2026, 3, 31))
    assert dict(told) == {"610000": Decimal(1000), "440000": Decimal(-1847)}
    assert (told.day, told.year_start) == (date(2026, 6, 30), date(2026, 1, 1))
    assert told.periods == ("", "202601", "202601")
    assert busy.paths().count("accounts/amounts/modified") == 2
    with pytest.raises(InconsistentData):
        source.trial_balance(date(2024, 12, 31))


def test_books_without_a_balance_stand_at_nothing(octopus: Octopus) -> None:
    assert not octopus.source().trial_balance(date(2025, 1, 31))


def test_an_increment_asks_for_balances_anew(busy: Octopus) -> None:
    cursor = end_of(busy.read()).cursor
    source = busy.source()
    list(source.transactions(cursor))
    busy.book("1000", document=1)
    assert source.trial_balance(date(2025, 1, 31))["610000"] == Decimal(1726)
