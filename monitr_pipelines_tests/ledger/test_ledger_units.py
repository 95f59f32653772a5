"""The small parts of the domain: amounts, guard, segments, the gate, findings, scopes."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise, product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitr_pipelines.ledger.changes import Bookings, Dates, FiscalYearsOfItsLines, WholeLedger
from monitr_pipelines.ledger.findings import LONGEST_MESSAGE, SHOWN_FINDINGS, Finding, grouped, listing
from monitr_pipelines.ledger.guard import imbalances, shrunken_months, unaccepted
from monitr_pipelines.ledger.money import plain, within_limits
from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.segments import ledger_months
from monitr_pipelines.lifecycle.codes import REMEDIES
from monitr_pipelines.lifecycle.eligibility import Facts, refusal
from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    InconsistentData,
    ProviderDown,
    ReconnectNeeded,
    Refused,
    SubscriptionInactive,
)

amounts = st.decimals("-1e18", "1e18", allow_nan=False, allow_infinity=False)
months = st.builds(Month, st.integers(2020, 2025), st.integers(1, 12))
calendars = st.sampled_from(
    [FiscalCalendar(), FiscalCalendar(7), FiscalCalendar.parse(1, "2021-07..2022-12, 2024-01..2024-03")]
)


@given(amounts)
def test_plain_text_is_the_same_amount(amount: Decimal) -> None:
    text = plain(amount)
    assert Decimal(text) == amount
    assert "E" not in text.upper()
    whole, point, fraction = text.partition(".")
    assert point == "."
    assert len(fraction) >= 2
    assert len(fraction) == 2 or not fraction.endswith("0")
    assert whole.lstrip("-").isdigit()
    assert not (amount == 0 and text.startswith("-"))


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00"),
        ("-0", "0.00"),
        ("-0.00", "0.00"),
        ("0E+5", "0.00"),
        ("1E+3", "1000.00"),
        ("1E-4", "0.0001"),
        ("-12.5", "-12.50"),
        ("12.3400", "12.34"),
        ("100", "100.00"),
    ],
)
def test_plain_by_hand(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


@given(st.decimals("-1e17", "1e17", places=6))
def test_limits_let_pass_what_the_column_holds(amount: Decimal) -> None:
    digits = amount.as_tuple().digits[-2:]
    assert within_limits(amount) == (abs(amount) < Decimal("1e15") and digits[-2:] in {(0, 0), (0,)})


@pytest.mark.parametrize(
    "text", ["NaN", "sNaN", "Infinity", "-Infinity", "1e15", "-1e15", "1e300", "0.00001"]
)
def test_what_the_column_cannot_hold_is_beyond_the_limits(text: str) -> None:
    assert not within_limits(Decimal(text))


@pytest.mark.parametrize("text", ["0", "999999999999999.9999", "-0.0001", "1.00000"])
def test_what_the_column_holds_is_within_the_limits(text: str) -> None:
    assert within_limits(Decimal(text))


@given(st.dictionaries(months, st.integers(1, 40)), st.dictionaries(months, st.integers(0, 40)))
def test_months_that_shrink(before: dict[Month, int], after: dict[Month, int]) -> None:
    found = [finding.message.split()[0] for finding in shrunken_months(before, after)]
    assert found == [str(month) for month in sorted(before) if after.get(month, 0) * 2 < before[month]]
    assert shrunken_months(before, before) == []
    assert shrunken_months({}, after) == []
    emptied = [finding for finding in shrunken_months(before, after) if finding.code == "month_emptied"]
    assert len(emptied) == len([month for month in before if not after.get(month)])


@pytest.mark.parametrize(
    ("lines", "left", "codes"),
    [
        (1, 0, ["month_emptied"]),
        (1, 1, []),
        (2, 1, []),
        (3, 1, ["month_shrunken"]),
        (3, 2, []),
        (10, 5, []),
        (10, 4, ["month_shrunken"]),
        (10, 20, []),
    ],
)
def test_half_is_the_limit(lines: int, left: int, codes: list[str]) -> None:
    month = Month(2025, 1)
    assert [finding.code for finding in shrunken_months({month: lines}, {month: left})] == codes


@given(st.dictionaries(months, st.decimals("-9", "9", places=2)), calendars)
def test_imbalances_add_up_by_year(balances: dict[Month, Decimal], calendar: FiscalCalendar) -> None:
    found = imbalances(balances, calendar)
    assert sum(found.values()) == sum(balances.values())
    assert all(found.values())
    assert list(found) == sorted(found)
    for year, amount in found.items():
        assert amount == sum(value for month, value in balances.items() if year.first <= month <= year.last)
    scopes = {f"year {year}": amount for year, amount in found.items()}
    assert unaccepted(scopes, scopes) == []
    assert len(unaccepted(scopes, {})) == len(scopes)
    for scope, amount in scopes.items():
        (finding,) = unaccepted({**scopes, scope: amount + Decimal("0.0001")}, scopes)
        assert f"{plain(amount)} was accepted before" in finding.message


@given(st.dictionaries(months, st.booleans(), max_size=20), calendars)
def test_segments(openings: dict[Month, bool], calendar: FiscalCalendar) -> None:
    found = ledger_months(openings, calendar)
    if not openings:
        assert found == []
        return
    assert [row.month for row in found] == [
        min(openings).plus(step) for step in range(min(openings).until(max(openings)) + 1)
    ]
    assert all(row.year == calendar.year_of(row.month) for row in found)
    with_lines = {calendar.year_of(month) for month in openings}
    stated = {calendar.year_of(month) for month, opening in openings.items() if opening}
    segments = {row.segment for row in found}
    for year in {row.year for row in found}:
        gap_before = calendar.year_of(year.first.plus(-1)) not in with_lines
        starts = year == found[0].year or (year in stated and gap_before)
        assert (year in segments) == starts
    for row, later in pairwise(found):
        assert row.segment <= row.year
        assert later.segment in {row.segment, later.year}


def test_segments_by_hand() -> None:
    """2020 opened; 2021 opened next to it; nothing in 2022; 2023 not opened; nothing in 2024; 2025 opened."""
    openings = {
        Month(2020, 5): True,
        Month(2021, 1): True,
        Month(2023, 3): False,
        Month(2025, 1): True,
        Month(2025, 2): False,
    }
    found = ledger_months(openings, FiscalCalendar())
    starts = {row.year.first.year: row.segment.first.year for row in found}
    assert starts == {2020: 2020, 2021: 2020, 2022: 2020, 2023: 2020, 2024: 2020, 2025: 2025}
    assert len(found) == 58


STATUSES = ("Active", "Not found", "Deleted")
SUBSCRIPTIONS = (
    "trialing",
    "active",
    "past_due",
    "unpaid",
    "canceled",
    "paused",
    "incomplete",
    "incomplete_expired",
)
CONNECTIONS = ("connected", "reconnect needed")


@pytest.mark.parametrize(
    ("status", "subscription", "connection", "running"),
    list(product(STATUSES, SUBSCRIPTIONS, CONNECTIONS, (True, False))),
)
def test_the_gate(*, status: str, subscription: str, connection: str, running: bool) -> None:
    facts = Facts(status, subscription, connection, running)
    problem = refusal(facts, trigger="scheduled", now=datetime.now(UTC))
    expected: type[ImportProblem] | None = None
    if running:
        expected = Refused
    if connection != "connected":
        expected = ReconnectNeeded
    if status != "Active":
        expected = EntityGone
    if subscription not in {"active", "trialing"}:
        expected = SubscriptionInactive
    assert type(problem) is (expected or type(None))
    if problem is not None:
        codes = {
            Refused: "already_running",
            ReconnectNeeded: "reconnect_needed",
            EntityGone: "entity_removed" if status == "Deleted" else "entity_gone",
            SubscriptionInactive: "subscription_inactive",
        }
        assert problem.code == codes[type(problem)]
        assert problem.who_acts is REMEDIES[problem.code].actor
        assert problem.message
        assert problem.message[0].isupper()
        assert problem.message.endswith(".")
        assert "_" not in problem.message


@given(st.lists(st.builds(Finding, st.text("abc", max_size=5), st.text("ab ", min_size=1)), max_size=130))
def test_listings_are_cut_and_say_so(findings: list[Finding]) -> None:
    lines = listing(iter(findings)).split("\n") if findings else []
    told = grouped(findings)
    assert lines[:SHOWN_FINDINGS] == [finding.message for finding in told[:SHOWN_FINDINGS]]
    more = len(told) - SHOWN_FINDINGS
    assert lines[SHOWN_FINDINGS:] == ([f"... and {more} more"] if more > 0 else [])


def test_findings_tell_their_place() -> None:
    assert str(Finding("c", "text")) == "text"
    assert str(Finding("c", "text", line=3)) == "line 3: text"
    assert str(Finding("c", "text", line=0, column="Bedrag")) == "line 0, column Bedrag: text"
    assert str(Finding("c", "text", column="Bedrag")) == "column Bedrag: text"


def test_what_a_finding_quotes_is_cut_when_long() -> None:
    assert Finding("c", "x" * LONGEST_MESSAGE).message == "x" * LONGEST_MESSAGE
    assert Finding("c", "x" * 900_000).message == "x" * LONGEST_MESSAGE + "…"


def test_problems_tell_their_findings_and_keep_their_code() -> None:
    problem = InconsistentData("Bad.", findings=[Finding("c", "first"), Finding("c", "second")], code="mine")
    assert (str(problem), problem.code) == ("Bad.\nfirst\nsecond", "mine")
    assert (str(InconsistentData("Bad.")), InconsistentData.code) == ("Bad.", "inconsistent_data")
    assert ProviderDown("Down.").retry_at is None
    assert Refused("No.", code="already_running").code == "already_running"
    assert Refused.code == "refused"


@given(st.dates(date(2020, 1, 1), date(2025, 12, 31)), st.dates(), st.dates(), calendars)
def test_what_a_scope_contains_lies_in_its_ranges(
    day: date, start: date, end: date, calendar: FiscalCalendar
) -> None:
    assume(start <= end)
    line = LedgerLine("key", day, "550000", Decimal(1), booking="B")
    for scope in (WholeLedger(), Dates(start, end), FiscalYearsOfItsLines(calendar)):
        assert scope.ranges() == [] or not isinstance(scope, FiscalYearsOfItsLines)
        contained = scope.contains(line)
        assert contained == any(first <= day < last for first, last in scope.ranges())
        assert list(scope.bookings()) == []
    assert Bookings(frozenset({"B"})).contains(line)
    assert not Bookings(frozenset({"C"})).contains(line)
    assert not Bookings(frozenset({"B"})).contains(line._replace(booking=None))
    assert Bookings(frozenset({"B"})).ranges() == []
