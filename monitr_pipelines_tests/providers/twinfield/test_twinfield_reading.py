"""The connector of Twinfield on answers of the documented forms: the ledger, what changed, what is gone."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from twinfield_kit import NOON, Twinfield, row

from monitr_pipelines.ledger.changes import Bookings, Replace
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue, LedgerLine
from monitr_pipelines.ledger.tie_out import Periods
from monitr_pipelines.lifecycle.errors import CursorExpired, InconsistentData
from monitr_pipelines.providers.contract import Checkpoint, End, Item
from monitr_pipelines.providers.twinfield.periods import Period, Range, begun, ranges_of

CURSOR = {"began_at": NOON.isoformat(), "whole_at": NOON.isoformat()}
LINE = LedgerLine(
    "VRK-7-2",
    date(2026, 3, 5),
    "8000",
    Decimal("-110.00"),
    "VRK-7",
    "2",
    "2026/03",
    "VRK",
    "7",
    "Client & Co",
    "Goods",
    Decimal("-121.00"),
    "USD",
    (("Cost centre", "100"), ("Project", "P1")),
    opening=False,
    version=20260306101500,
)
OF_AXES = {"dim2": "100", "dim2name": "North", "dim2type": "KPL", "dim3": "P1", "dim3type": "PRJ"}


def lines(items: Iterable[Item]) -> list[LedgerLine]:
    return [line for item in items if isinstance(item, Replace) for line in item.lines]


def emptied(items: Iterable[Item]) -> set[str]:
    """Bookings that have no line any more."""
    scopes = [item.scope for item in items if isinstance(item, Replace) and not list(item.lines)]
    return {key for scope in scopes if isinstance(scope, Bookings) for key in scope.keys}


def test_a_line_has_all_that_twinfield_tells_of_it(twinfield: Twinfield) -> None:
    twinfield.rows = [row(7, 2, curcode="USD", basevaluesigned="-110.00", **OF_AXES)]
    assert lines(twinfield.read()) == [LINE]


def test_answers_may_be_of_another_encoding(twinfield: Twinfield) -> None:
    twinfield.encoding = "utf-16"
    twinfield.rows = [row(description="caf\u00e9")]
    assert [line.description for line in lines(twinfield.read())] == ["caf\u00e9"]


def test_a_relation_is_no_value_of_an_axis_and_that_of_the_line_counts(twinfield: Twinfield) -> None:
    twinfield.rows = [row(1, 1, dim2="1000", dim2name="Debtor", dim2type="DEB"), row(1, 2)]
    assert [(each.relation, each.axes) for each in lines(twinfield.read())] == [
        ("Debtor", ()),
        ("Client & Co", ()),
    ]


def test_the_ledger_is_asked_for_period_by_period_and_nothing_is_left_out(twinfield: Twinfield) -> None:
    twinfield.rows = [row(1, period="0"), row(2), row(3, year="2027", period="55")]
    items = twinfield.read()
    browsed = [each for each in twinfield.asked if each.startswith("030_3")]
    assert browsed == ["030_3 1900/00 2026/00", "030_3 2026/01 2026/03", "030_3 2026/04 2099/55"]
    assert [line.opening for line in lines(items)] == [True, False, False]
    checkpoints = [item for item in items if isinstance(item, Checkpoint)]
    assert lines(twinfield.read(checkpoints[1].cursor)) == lines(items)[2:]


def test_an_office_without_transactions_is_a_whole_ledger(twinfield: Twinfield) -> None:
    items = twinfield.read()
    assert [list(item.lines) for item in items if isinstance(item, Replace)] == [[]]
    assert items[-1] == End(CURSOR)


def test_a_regime_is_chosen_where_the_office_has_regimes(twinfield: Twinfield) -> None:
    twinfield.read()
    assert not [sent for sent in twinfield.sent if b"fiscal" in sent]
    twinfield.columns = ("fin.trs.head.regime",)
    twinfield.read()
    assert len([sent for sent in twinfield.sent if b"regime</field>" in sent and b">fiscal<" in sent]) == 2


def test_an_increment_asks_for_the_periods_that_changed(twinfield: Twinfield) -> None:
    twinfield.rows = [
        row(1, modified="20260313235959"),
        row(2, modified="20260315130000"),
        row(3, period="1", modified="20260316090000"),
    ]
    items = twinfield.read(CURSOR)
    assert [line.booking for line in lines(items)] == ["VRK-3", "VRK-2"]
    assert not emptied(items)
    assert [each for each in twinfield.asked if each.startswith("030_3")] == [
        "030_3 changes",
        "030_3 2026/01 2026/01",
        "030_3 2026/03 2026/03",
    ]


def test_what_is_a_draft_again_or_was_deleted_has_no_lines(twinfield: Twinfield) -> None:
    twinfield.rows = [row(1, status="temporary", modified="20260315130000"), row(2)]
    twinfield.deleted = [("5", "2026-03-15T13:00:00"), ("6", "2026-03-01T13:00:00")]
    assert emptied(twinfield.read(CURSOR)) == {"VRK-1", "VRK-5"}


def test_a_number_that_was_deleted_and_given_again_is_there(twinfield: Twinfield) -> None:
    twinfield.rows = [row(5, modified="20260315140000")]
    twinfield.deleted = [("5", "2026-03-15T13:00:00")]
    items = twinfield.read(CURSOR)
    assert [line.booking for line in lines(items)] == ["VRK-5"]
    assert not emptied(items)


def test_after_some_weeks_the_whole_ledger_is_fetched(twinfield: Twinfield) -> None:
    with pytest.raises(CursorExpired):
        twinfield.read({**CURSOR, "whole_at": datetime(2026, 2, 1, tzinfo=UTC).isoformat()})


def test_accounts_and_values_come_from_the_finder_in_pages(
    twinfield: Twinfield, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitr_pipelines.providers.twinfield.api.PAGE", 1)
    source = twinfield.source()
    assert list(source.accounts()) == [
        Account("1300", "Debtors", AccountType.BALANCE_SHEET),
        Account("1500", "VAT", AccountType.BALANCE_SHEET),
        Account("8000", "Sales", AccountType.PROFIT_AND_LOSS),
    ]
    assert list(source.axes()) == [
        AxisValue("Cost centre", "100", "North"),
        AxisValue("Project", "P1", "Dike"),
    ]
    assert twinfield.asked.count("BAS") == 2


def test_a_type_of_the_offices_own_is_an_axis(twinfield: Twinfield) -> None:
    twinfield.dimensions = {**twinfield.dimensions, "OWN": {"X": "Ours"}}
    twinfield.rows = [row(dim3="X", dim3type="OWN")]
    source = twinfield.source()
    assert lines(source.transactions(None))[0].axes == (("OWN", "X"),)
    assert AxisValue("OWN", "X", "Ours") in source.axes()


def test_balances_are_those_of_the_totals_up_to_the_period_of_the_day(twinfield: Twinfield) -> None:
    sales, bank = {}, {"dim1": "1300", "dim1type": "BAS"}
    twinfield.rows = [
        row(1, year="2025", period="12", basevaluesigned="-5.00", **sales),
        row(1, 2, year="2025", period="12", basevaluesigned="5.00", **bank),
        row(2, basevaluesigned="-7.25", **sales),
        row(2, 2, basevaluesigned="7.25", **bank),
        row(3, period="4", basevaluesigned="-1.00", **sales),
    ]
    balances = twinfield.source().trial_balance(date(2026, 3, 31))
    assert balances == {"8000": Decimal("-7.25"), "1300": Decimal("12.25")}
    assert (balances.day, balances.year_start) == (date(2026, 3, 31), date(2026, 1, 1))
    assert balances.periods == Periods("", "2026/00", "2026/03")


def test_before_the_first_period_there_are_no_balances(twinfield: Twinfield) -> None:
    with pytest.raises(InconsistentData):
        twinfield.source().trial_balance(date(2020, 1, 31))


def test_a_year_that_is_none_of_the_calendar_begins_behind_the_one_before() -> None:
    ends = [date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31), date(2026, 6, 30)]
    periods = [
        Period(end, year, number)
        for end, year, number in zip(ends, [2025, 2026, 2026, 2026], [4, 1, 2, 3], strict=True)
    ]
    assert begun(periods, date(2026, 1, 15)) == (periods[3], date(2025, 7, 1))
    assert begun(periods, date(2025, 12, 31)) == (periods[2], date(2025, 7, 1))
    assert begun([], date(2026, 1, 1)) is None


def test_ranges_cover_all_of_time() -> None:
    used = ["2025/55", "2026/03", "2025/12"]
    ranges = ranges_of(used, None)
    assert ranges == [Range("1900/00", "2025/12"), Range("2025/13", "2025/55"), Range("2026/00", "2099/55")]
    assert ranges_of(used, "2025/55") == ranges[2:]
    assert ranges_of([], None) == [Range("1900/00", "2099/55")]
