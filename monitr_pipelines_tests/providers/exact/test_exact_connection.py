"""The connector of Exact Online: signing in, tokens that end between two pages, refusals, limits, lists."""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from exact_kit import APPLICATION, CANARY, DIVISION, Exact, Held, Number, apply, in_json, played
from http_kit import CountingLimits

from monitr_pipelines.ledger.records import Account, AccountType, AxisValue, LedgerLine
from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    InconsistentData,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.providers.contract import Administration, Consent, Credentials, Ports
from monitr_pipelines.providers.exact import PROVIDER
from monitr_pipelines.providers.exact.sign_in import OAUTH, address_of
from monitr_pipelines.providers.exact.source import ExactSource
from monitr_pipelines.providers.oauth import EXPIRES_AT
from monitr_pipelines.providers.transport import Reply

LINES = "sync/Financial/TransactionLines"


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert CANARY not in caplog.text


# Signing in


@pytest.mark.parametrize("country", ["be", "nl"])
def test_people_sign_in_at_the_instance_of_their_country(country: str) -> None:
    consent = Consent(
        APPLICATION, "https://monitr.example/back", "st", "v", Credentials({"country": country})
    )
    parts = urlsplit(OAUTH.page(consent))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == (
        f"https://start.exactonline.{country}/api/oauth2/auth"
    )
    assert CANARY not in parts.query


@pytest.mark.parametrize(
    "given",
    [
        {"country": "de"},
        {},
        {"country": "be", "url": "https://start.exactonline.be"},
        {"country": "be", "url": "https://elsewhere.example"},
        {"country": "be", "url": "http://10.0.0.1"},
        {"country": "be", "url": "file:///etc"},
    ],
)
def test_our_secret_goes_to_exact_or_stays_on_this_machine(given: dict[str, str]) -> None:
    with pytest.raises(ReconnectNeeded):
        address_of(given)


def test_a_server_of_this_machine_may_stand_for_it() -> None:
    assert address_of({"country": "be", "url": "http://127.0.0.1:5000/"}) == "http://127.0.0.1:5000"


def test_tokens_are_asked_for_in_the_last_seconds_of_their_life() -> None:
    """Exact refuses before 570 of 600 seconds, and a page that is asked for in time is answered."""
    assert OAUTH.lifetime - OAUTH.renew_before == timedelta(seconds=575)
    assert OAUTH.unspent(Reply(400, {"Reason": "TooEarlyToRefreshTokens"}, b""))
    assert not OAUTH.unspent(Reply(400, {}, b""))


def ending(held: Held, left: timedelta) -> Held:
    until = datetime.now(UTC) + left
    return replace(held, credentials=Credentials(dict(held.credentials) | {EXPIRES_AT: until.isoformat()}))


@pytest.mark.parametrize("page", range(1, 6))
@pytest.mark.parametrize("refused", [True, False])
def test_a_token_that_ends_between_two_pages_neither_loses_nor_doubles_one(
    exact: Exact, page: int, *, refused: bool
) -> None:
    exact.page = 2
    for number in range(5):
        exact.book(str(number + 1))
    held = exact.held()
    source = exact.source(tokens=held)

    def end_token(path: str) -> None:
        if path == LINES and exact.asked.count(LINES) == page:
            if refused:
                exact.tokens["access"] = "ended"
            else:
                held.credentials = ending(held, timedelta(seconds=20)).credentials
                source._api._client.authorization.credentials = held.credentials

    exact.before = end_token
    items = played(source.transactions(None))
    books: dict[str, LedgerLine] = {}
    apply(items, books)
    assert len(books) == 10
    assert exact.asked.count(LINES) == 5, "no page is asked for twice"
    delivered = [line.external_id for item in items for line in getattr(item, "lines", ())]
    assert len(delivered) == len(set(delivered)) == 10
    assert held.renewals == 1
    assert exact.refused[401] == int(refused)
    assert set(exact.used.values()) == {1}


def test_what_another_process_renewed_meanwhile_is_used(exact: Exact) -> None:
    exact.book("1")
    held = exact.held()
    source = exact.source(tokens=held)
    other = exact.source(tokens=held)
    exact.tokens["access"] = "ended"
    other.check()
    played(source.transactions(None))
    assert (held.renewals, exact.refused[401]) == (1, 2)


def test_a_refresh_token_that_was_used_needs_a_person(exact: Exact) -> None:
    held = exact.held()
    exact.grant()
    source = exact.source(tokens=held)
    with pytest.raises(ReconnectNeeded):
        source.check()
    assert exact.refused[401] == 2


# Refusals: the first one ends the import


@pytest.mark.parametrize(
    ("reason", "kind", "message"),
    [
        ("BlockedUser", ReconnectNeeded, "user_blocked"),
        ("InactiveUser", ReconnectNeeded, "user_blocked"),
        ("BlockedCustomer", ReconnectNeeded, "licence_ended"),
        ("LicenseExpired", ReconnectNeeded, "licence_ended"),
        ("DivisionBlocked", EntityGone, "administration_hidden"),
        ("NoDivisionAccess", EntityGone, "administration_hidden"),
        ("", ReconnectNeeded, "software_refuses"),
    ],
)
def test_a_403_tells_its_reason(exact: Exact, reason: str, kind: type[ImportProblem], message: str) -> None:
    exact.headers = {"Reason": reason} if reason else {}
    exact.before = lambda path: (403, None) if path == LINES else None
    with pytest.raises(ImportProblem) as raised:
        exact.read()
    assert type(raised.value) is kind
    assert [each.kind for each in raised.value.messages] == [message]
    assert exact.refused.total() == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Forbidden - User division is not within division scope", EntityGone),
        ("Application Scope Violated. Cannot read", ReconnectNeeded),
    ],
)
def test_a_403_may_tell_it_in_words(exact: Exact, text: str, kind: type[ImportProblem]) -> None:
    document = {"error": {"code": "", "message": {"lang": "", "value": text}}}
    exact.before = lambda path: (403, document) if path == LINES else None
    with pytest.raises(kind):
        exact.read()
    assert exact.refused.total() == 1


@pytest.mark.parametrize(("status", "kind"), [(400, OurFault), (404, EntityGone), (401, ReconnectNeeded)])
def test_no_refusal_is_repeated(exact: Exact, status: int, kind: type[ImportProblem]) -> None:
    """Ten of them within an hour block the application; a token that has ended costs one more."""
    exact.before = lambda path: (status, None) if path == LINES else None
    with pytest.raises(kind):
        exact.read()
    assert exact.refused.total() == (2 if status == 401 else 1)


def test_maintenance_is_nobodys_fault(exact: Exact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitr_pipelines.providers.retries.sleep", lambda seconds: None)
    exact.before = lambda path: (200, b"<html>Maintenance</html>") if path == LINES else None
    with pytest.raises(ProviderDown):
        exact.read()


# Limits


def test_limits_are_those_of_a_division_and_told_by_headers(exact: Exact) -> None:
    limits = CountingLimits()
    exact.headers = {
        "X-RateLimit-Limit": "9000",
        "X-RateLimit-Remaining": "8999",
        "X-RateLimit-Minutely-Limit": "300",
        "X-RateLimit-Minutely-Remaining": "299",
    }
    with closing(ExactSource(str(DIVISION), Ports(exact.held(), limits, APPLICATION))) as source:
        played(source.transactions(None))
    first, *_, last = [{limit.name: limit.calls for limit in asked} for asked in limits.acquired]
    assert first == {f"minute {DIVISION}": 60, f"day {DIVISION}": 5000}
    assert last == {f"minute {DIVISION}": 300, f"day {DIVISION}": 9000}


def test_the_rows_of_the_last_call_of_a_day_are_kept(exact: Exact) -> None:
    exact.page = 2
    exact.book("1")
    exact.book("2")
    tomorrow = datetime.now(UTC) + timedelta(hours=7)
    used_up = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(tomorrow.timestamp() * 1000))}

    def use_up(path: str) -> None:
        if path == LINES:
            exact.headers = used_up

    exact.before = use_up
    source = exact.source()
    stream = source.transactions(None)
    kept = []
    with pytest.raises(ProviderDown) as down:
        kept.extend(stream)
    assert down.value.retry_at is not None
    assert abs(down.value.retry_at - tomorrow) < timedelta(minutes=1)
    assert exact.asked.count(LINES) == 1
    exact.headers = {}
    exact.before = lambda _: None
    books: dict[str, LedgerLine] = {}
    apply([*played(kept[:-1]), *exact.read(kept[-1].cursor)], books)
    assert len(books) == 4


# Lists


def test_accounts_are_all_there_with_their_kind(exact: Exact) -> None:
    assert list(exact.source().accounts()) == [
        Account("550000", "Bank", AccountType.BALANCE_SHEET),
        Account("700000", "Sales", AccountType.PROFIT_AND_LOSS),
        Account("400000", "Customers", AccountType.BALANCE_SHEET),
    ]


def test_a_division_without_accounts_is_one_that_the_user_may_not_see(exact: Exact) -> None:
    exact.tables["sync/Financial/GLAccounts"] = []
    with pytest.raises(EntityGone) as gone:
        exact.source().accounts()
    assert [message.kind for message in gone.value.messages] == ["books_hidden"]


def test_axes_are_cost_centres_cost_units_and_projects(exact: Exact) -> None:
    assert list(exact.source().axes()) == [
        AxisValue("Cost centre", "001", "North"),
        AxisValue("Cost unit", "U1", "U1"),
        AxisValue("Project", "P-1", "Dike"),
    ]


def test_lists_follow_the_links_of_their_pages_at_our_own_address(exact: Exact) -> None:
    exact.page = 2
    exact.tables["hrm/Costcenters"] = [
        {"ID": str(code), "Code": str(code), "Description": "x"} for code in range(5)
    ]
    found = [value.code for value in exact.source().axes() if value.axis == "Cost centre"]
    assert found == ["0", "1", "2", "3", "4"]
    assert exact.asked.count("hrm/Costcenters") == 3


@pytest.mark.parametrize("link", ["https://x/api/v1/{0}/hrm/Costcenters?$skiptoken=1", "https://x/?a=1", ""])
def test_a_link_that_leads_in_a_circle_or_elsewhere_is_noticed(exact: Exact, link: str) -> None:
    document = {"d": {"results": [], "__next": link.format(DIVISION)}}
    exact.before = lambda path: (200, document) if path == "hrm/Costcenters" else None
    with pytest.raises(InconsistentData):
        list(exact.source().axes())
    assert len(exact.asked) <= 3


def test_administrations_are_the_divisions_that_are_not_archived(exact: Exact) -> None:
    assert exact.source(None).administrations() == [Administration(str(DIVISION), "Peeters NV", "EUR", None)]
    exact.division["Status"] = 2
    assert exact.source(None).administrations() == []


def test_one_administration_tells_where_its_fiscal_year_starts(exact: Exact) -> None:
    exact.tables["financial/FinancialPeriods"] = [
        period(year, number, date(year - (number < 7), (number + 5) % 12 + 1, 1))
        for year in (2025, 2026)
        for number in range(1, 13)
    ]
    (found,) = exact.source().administrations()
    assert found.fiscal_year_start == 7


def period(year: int, number: int, start: date) -> dict[str, object]:
    end = (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return {"FinYear": year, "FinPeriod": number, "StartDate": in_json(start), "EndDate": in_json(end)}


@pytest.mark.parametrize(
    "rows", [{"results": [{"CurrentDivision": 7}]}, [{"CurrentDivision": 7}], {"CurrentDivision": 7}]
)
def test_who_the_user_is_comes_in_any_form(exact: Exact, rows: object) -> None:
    exact.before = lambda _: (200, {"d": rows})
    assert exact.source(None)._api.current_division() == "7"


@pytest.mark.parametrize("rows", [{"results": []}, [], {}, None, [7], {"results": None}])
def test_a_user_who_is_nobody_is_a_fault(exact: Exact, rows: object) -> None:
    exact.before = lambda _: (200, {"d": rows})
    with pytest.raises(OurFault):
        exact.source(None).check()


@pytest.mark.parametrize("administration", ["999", "1/../2", "²", "x?y"])
def test_a_division_that_is_not_there_is_gone(exact: Exact, administration: str) -> None:
    with pytest.raises(EntityGone):
        exact.source(administration).check()


def test_an_archived_division_is_gone(exact: Exact) -> None:
    exact.division["Status"] = 2
    with pytest.raises(EntityGone) as gone:
        exact.source().check()
    assert [message.kind for message in gone.value.messages] == ["administration_archived"]


# The trial balance


def test_balances_are_since_ever_or_since_the_year_began(exact: Exact) -> None:
    exact.tables["financial/FinancialPeriods"] = [
        period(2026, number, date(2026, number, 1)) for number in (1, 2, 3)
    ]
    exact.tables["financial/ReportingBalance"] = [
        balance("550000", "B", 2025, 12, "100.10"),
        balance("550000", "B", 2026, 1, "1"),
        balance("550000", "B", 2026, 3, "7"),
        balance("700000", "W", 2025, 12, "-100.10"),
        balance("700000", "W", 2026, 1, "-0.4"),
        balance("700000 ", "W", 2026, 2, "-0.6"),
        balance("700000", "W", 2026, 3, "-7"),
    ]
    for within in (date(2026, 2, 28), date(2026, 2, 3)):
        found = exact.source().trial_balance(within)
        assert found == {"550000": Decimal("101.10"), "700000": Decimal("-1.0")}
        assert (found.day, found.year_start, found.since) == (date(2026, 2, 28), date(2026, 1, 1), None)
        assert found.periods == ("", "2026-00", "2026-02")
    assert exact.source().trial_balance(date(2027, 5, 1)).day == date(2026, 3, 31)
    with pytest.raises(InconsistentData):
        exact.source().trial_balance(date(2025, 12, 31))


def test_of_many_balances_earlier_years_are_left_out(exact: Exact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitr_pipelines.providers.exact.source.MANY_BALANCES", 1)
    exact.tables["financial/FinancialPeriods"] = [
        period(year, number, date(year, number, 1)) for year in (2025, 2026) for number in (1, 2, 3)
    ]
    exact.tables["financial/ReportingBalance"] = [balance("550000", "B", 2026, 1, "1")]
    found = exact.source().trial_balance(date(2026, 2, 28))
    assert exact.asked.count("financial/ReportingBalance") == 1
    assert (found.since, found.periods) == (date(2026, 1, 1), ("2026-00", "2026-00", "2026-02"))


def balance(code: str, kind: str, year: int, number: int, amount: str) -> dict[str, object]:
    return {
        "GLAccountCode": code,
        "BalanceType": kind,
        "ReportingYear": year,
        "ReportingPeriod": number,
        "Amount": Number(amount),
    }


def test_what_it_promises() -> None:
    assert PROVIDER.bookings_balance
    assert PROVIDER.sign_in is OAUTH
    assert PROVIDER.longest_rest == timedelta(days=30)
