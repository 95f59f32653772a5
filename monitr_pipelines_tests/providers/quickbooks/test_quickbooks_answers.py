"""What is asked of QuickBooks Online, and what its answers and refusals mean."""

import json
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from http_kit import Order
from quickbooks_kit import (
    ACCOUNTS,
    COLUMNS,
    NOW,
    QuickBooks,
    account,
    changes,
    document,
    line,
    query,
    section,
)

from monitr_pipelines.ledger.changes import Bookings, Dates, Replace
from monitr_pipelines.lifecycle.errors import (
    CursorExpired,
    EntityGone,
    ImportProblem,
    InconsistentData,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.providers.contract import End
from monitr_pipelines.providers.quickbooks import datasets, refusals

BEGAN = "2026-01-15T08:00:00+00:00"
CURSOR = {
    "began_at": "2026-01-10T08:00:00+00:00",
    "asked": [*COLUMNS[:5], "klass_name", "debt_amt", "credit_amt"],
    "codes": {"35": "550000", "80": "#80"},
    "untold": False,
    "read": None,
    "months": 1,
    "older": True,
}
RECENT = {"StartPeriod": "2025-12-01", "EndPeriod": "2099-12-31"}
OLD = {"StartPeriod": "2024-05-01", "EndPeriod": "2024-05-31"}


def booked(day: str, kind: str = "Bill", number: str = "8") -> list[object]:
    rows = [line(day, kind, number, debit="1"), line(day, kind, number, credit="1")]
    return [section("Rent", "80", rows[0]), section("Checking", "35", rows[1])]


def fault(code: str, *, small: bool = False, status: int = 400) -> Order:
    error = {"code": code, ("message" if small else "Message"): "m"}
    told = {"fault": {"error": [error]}} if small else {"Fault": {"Error": [error], "type": "SERVICE"}}
    return Order(status, json.dumps(told).encode())


REFUSALS = {
    "throttled as before": (fault("3001", status=403), ProviderDown),
    "no token": (fault("3200", small=True, status=400), ReconnectNeeded),
    "disconnected": (fault("003100", small=True, status=403), ReconnectNeeded),
    "user gone": (fault("120", status=403), EntityGone),
    "no right": (fault("5020", status=403), ReconnectNeeded),
    "subscription ended": (fault("6190", status=403), ReconnectNeeded),
    "unknown parameter": (fault("2010"), OurFault),
    "fault within an answer": (fault("10000", status=200), OurFault),
    "throttled within an answer": (fault("3001", status=200), ProviderDown),
}


@pytest.mark.parametrize(("order", "problem"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_who_must_act(order: Order, problem: type[ImportProblem]) -> None:
    reply = refusals.Reply(order.status, {}, order.body)
    found = refusals.refusal(reply)
    if found is None:
        with pytest.raises(problem):
            refusals.refuse_fault(json.loads(order.body))
    else:
        assert isinstance(found, problem)


@pytest.mark.parametrize(("headers", "wait"), [({}, 60), ({"Retry-After": "7"}, 7)])
def test_a_limit_lasts_a_minute_unless_its_end_is_told(
    quickbooks: QuickBooks, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], wait: int
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("monitr_pipelines.providers.retries.sleep", waits.append)
    quickbooks.order(Order(429, b"{}", headers), {"CompanyInfo": {"CompanyName": "Peeters"}})
    quickbooks.source().check()
    (waited,) = waits
    assert wait - 1 < waited < wait + 1


def test_another_company_than_that_of_the_grant_is_not_asked_for(quickbooks: QuickBooks) -> None:
    with pytest.raises(EntityGone):
        quickbooks.source("4711")
    assert quickbooks.server.asked == []


def test_the_whole_ledger_is_asked_for_on_the_accrual_basis_until_nothing_stood_before(
    quickbooks: QuickBooks,
) -> None:
    newest = document(*booked("2026-01-02"), StartPeriod="2026-01-01", EndPeriod="2099-12-31")
    rest = document(*booked("2020-02-29", number="9"), StartPeriod="1900-01-01", EndPeriod="2025-12-31")
    quickbooks.order_books(newest, rest)
    items = quickbooks.read()
    lines = [each for item in items if isinstance(item, Replace) for each in item.lines]
    assert [(each.booking_date, each.amount) for each in lines] == [
        (date(2026, 1, 2), 1), (date(2026, 1, 2), -1), (date(2020, 2, 29), 1), (date(2020, 2, 29), -1),
    ]  # fmt: skip
    asked = parse_qs(urlsplit(quickbooks.asked("GeneralLedger")[0]).query)
    assert asked["accounting_method"] == ["Accrual"]
    assert asked["minorversion"] == [datasets.MINOR_VERSION]
    assert "klass_name" in asked["columns"][0]
    assert "dept_name" not in asked["columns"][0]
    assert isinstance(items[-1], End)
    assert items[-1].cursor["began_at"] == BEGAN


def test_a_report_that_does_not_fit_is_asked_for_in_halves(quickbooks: QuickBooks) -> None:
    newest = document(StartPeriod="2026-01-01", EndPeriod="2099-12-31")
    cut = document({"ColData": [{"value": "Unable to display more data. Please reduce the date range."}]})
    later = document(*booked("2000-01-01"), StartPeriod="1963-01-01", EndPeriod="2025-12-31")
    earlier = document(StartPeriod="1900-01-01", EndPeriod="1962-12-31")
    quickbooks.order_books(newest, cut, later, earlier)
    assert sum(len(list(item.lines)) for item in quickbooks.read() if isinstance(item, Replace)) == 2


def test_a_fault_in_the_place_of_a_report_says_who_must_act(quickbooks: QuickBooks) -> None:
    quickbooks.order_books(fault("5020", status=200))
    with pytest.raises(ReconnectNeeded, match="may not read the books"):
        quickbooks.read()
    quickbooks.order_books({"QueryResponse": {}})
    with pytest.raises(OurFault, match="form that is not known"):
        quickbooks.read()


def test_changes_are_months_that_are_read_again_and_transactions_that_are_replaced(
    quickbooks: QuickBooks,
) -> None:
    """One that was deleted has no date, and an entity without changes is an empty object."""
    told = changes(
        {"Bill": [{"Id": "8", "TxnDate": "2024-05-31"}]},
        {"Invoice": [{"Id": "9", "status": "Deleted", "MetaData": {}}]},
        {},
    )
    quickbooks.order_books(told, document(**RECENT), document(*booked("2024-05-31"), **OLD))
    items = [each for each in quickbooks.read(CURSOR) if isinstance(each, Replace)]
    assert [item.scope for item in items] == [
        Bookings(frozenset({"Bill:8", "Invoice:9"})),
        Dates(date(2025, 12, 1), date(2100, 1, 1)),
        Dates(date(2024, 5, 1), date(2024, 6, 1)),
        Dates(date(2024, 5, 1), date(2024, 6, 1)),
        Bookings(frozenset({"Bill:8"})),
    ]
    asked = parse_qs(urlsplit(quickbooks.asked("/cdc")[0]).query)
    assert asked["changedSince"] == ["2026-01-10T07:00:00+00:00"]
    assert asked["entities"] == [",".join(datasets.CHANGING)]


def test_an_answer_full_of_changes_is_asked_for_in_parts(
    quickbooks: QuickBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "MOST_CHANGES", 2)
    full = {"Bill": [{"Id": "8", "TxnDate": "2026-01-02"}, {"Id": "9", "TxnDate": "2026-01-02"}]}
    quickbooks.order_books(changes(full))
    with pytest.raises(CursorExpired, match="no longer knows"):
        quickbooks.read(CURSOR)
    asked = [parse_qs(urlsplit(each).query)["entities"][0] for each in quickbooks.asked("/cdc")]
    assert asked[0].count(",") > asked[1].count(",") > asked[-1].count(",") == 0


OUTDATED = {
    "older than changes are told": {"began_at": "2025-12-17T08:00:00+00:00"},
    "from the future": {"began_at": "2026-01-15T10:00:00+00:00"},
    "other columns": {"asked": COLUMNS[:5]},
    "another code": {"codes": {"35": "551000"}},
    "untold": {"untold": True},
}


@pytest.mark.parametrize("other", OUTDATED.values(), ids=OUTDATED)
def test_a_cursor_that_tells_too_little_is_over(quickbooks: QuickBooks, other: dict[str, object]) -> None:
    quickbooks.order_books(changes())
    with pytest.raises(CursorExpired):
        quickbooks.read({**CURSOR, **other})


def test_a_transaction_that_moves_while_it_is_read_is_never_counted_twice(quickbooks: QuickBooks) -> None:
    newest = document(*booked("2026-01-02"), StartPeriod="2026-01-01", EndPeriod="2099-12-31")
    rest = document(*booked("2020-02-29"), StartPeriod="1900-01-01", EndPeriod="2025-12-31")
    quickbooks.order_books(newest, rest)
    with pytest.raises(CursorExpired, match="changed while they were read"):
        quickbooks.read()


def test_accounts_made_since_the_chart_was_read_are_looked_up_once(quickbooks: QuickBooks) -> None:
    new = section("New", "90", line("2026-01-02", "Bill", "8", debit="1"))
    books = document(new, StartPeriod="2026-01-01", EndPeriod="2099-12-31")
    rest = document(StartPeriod="1900-01-01", EndPeriod="2025-12-31")
    # What comes next is on its way while the answer at hand is read.
    quickbooks.order_books(
        books, rest, query("Account", *ACCOUNTS, account("90", "New")), query("Class"), rest
    )
    lines = [each for item in quickbooks.read() if isinstance(item, Replace) for each in item.lines]
    assert [each.account_code for each in lines] == ["#90"]


def test_a_page_of_a_query_that_repeats_is_an_error(
    quickbooks: QuickBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "PAGE", len(ACCOUNTS))
    quickbooks.order_books()
    quickbooks.server.orders.pop()
    with pytest.raises(InconsistentData):
        quickbooks.read()


def balances(*rows: tuple[str, str, str], **heading: str) -> dict[str, object]:
    """A trial balance, whose columns have titles alone."""
    data = [
        {"ColData": [{"value": "n", "id": id_}, {"value": debit}, {"value": credit}]}
        for id_, debit, credit in rows
    ]
    told = {"ReportName": "TrialBalance", "EndPeriod": "2026-01-31", "ReportBasis": "Accrual", **heading}
    return {
        "Header": told,
        "Columns": {"Column": [{"ColTitle": title} for title in ("", "Debit", "Credit")]},
        "Rows": {"Row": [*data, {"group": "GrandTotal", "Summary": {"ColData": [{"value": "TOTAL"}] * 3}}]},
    }


def test_retained_earnings_are_not_compared(quickbooks: QuickBooks) -> None:
    retained = account("99", "Retained Earnings", "130000", AccountSubType="RetainedEarnings")
    quickbooks.order_books(balances(("35", "1,000.50", ""), ("80", ".50", ""), ("99", "", "1001.00")))
    quickbooks.server.orders[2] = Order(body=json.dumps(query("Account", *ACCOUNTS, retained)).encode())
    found = quickbooks.source().trial_balance(date(2026, 1, 31))
    assert found == {"550000": Decimal("1000.50"), "#80": Decimal("0.50")}
    assert found.computed == {"130000"}
    assert (found.day, found.year_start) == (date(2026, 1, 31), date(2026, 1, 1))
    assert found.since is None


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (balances(("35", "1.00", ""), ("80", "", "0.99")), InconsistentData),
        (balances(("77", "1.00", ""), ("80", "", "1.00")), InconsistentData),
        (balances(EndPeriod="2026-01-30"), InconsistentData),
        (balances(ReportBasis="Cash"), InconsistentData),
        ({**balances(), "Columns": {"Column": [{"ColTitle": "Total"}]}}, OurFault),
    ],
    ids=["it does not balance", "an account that is not listed", "another day", "cash", "no sides"],
)
def test_a_trial_balance_that_cannot_be_right_is_none(
    quickbooks: QuickBooks, told: dict[str, object], problem: type[ImportProblem]
) -> None:
    quickbooks.order_books(told)
    with pytest.raises(problem):
        quickbooks.source().trial_balance(date(2026, 1, 31))


def test_what_a_company_says_of_itself(quickbooks: QuickBooks) -> None:
    quickbooks.order_books()
    (found,) = quickbooks.source().administrations()
    assert (found.name, found.currency, found.fiscal_year_start) == ("Bakkerij", "EUR", 1)
    quickbooks.order({"CompanyInfo": {"FiscalYearStartMonth": "Brumaire"}, "time": NOW})
    with pytest.raises(OurFault):
        quickbooks.source().administrations()
