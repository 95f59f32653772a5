"""The connector of Moneybird: signing in, tokens, refusals, limits, lists, and what it says of itself."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from moneybird_kit import APPLICATION, Emulated, emulated, played

from monitr_pipelines.emulators.frame.faults import Fault, on_path
from monitr_pipelines.emulators.frame.messages import Answer
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.importing import connecting
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    InconsistentData,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
    Refused,
)
from monitr_pipelines.providers.contract import Consent, Credentials
from monitr_pipelines.providers.moneybird import PROVIDER
from monitr_pipelines.providers.moneybird.datasets import RATE_HEADERS
from monitr_pipelines.providers.moneybird.sign_in import OAUTH, address_of

ENTRIES, SUMS = "reports/journal_entries", "reports/general_ledger"
TOKENS = "/oauth/token"


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture, moneybird: Emulated) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    secrets = moneybird.emulator.settings(moneybird.server.address)
    yield
    assert secrets["access_token"] not in caplog.text


def kinds(raised: pytest.ExceptionInfo[ImportProblem]) -> list[str]:
    return [each.kind for each in raised.value.messages]


def _with_first(answer: Answer, fields: dict[str, object]) -> Answer:
    """An answer of rows of which the first, if there is one, has other fields."""
    rows = json.loads(answer.body)
    return Answer.json([{**row, **fields} for row in rows[:1]] + rows[1:])


# Signing in


def test_people_sign_in_on_its_page_for_what_is_read() -> None:
    consent = Consent(APPLICATION, "https://monitr.example/back", "st", "v", Credentials({}))
    parts = urlsplit(OAUTH.page(consent))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://moneybird.com/oauth/authorize"
    query = parse_qs(parts.query)
    assert query["scope"] == ["sales_invoices documents bank settings"]
    assert APPLICATION.secret not in parts.query


@pytest.mark.parametrize(
    "url", ["https://moneybird.com", "https://elsewhere.example", "http://10.0.0.1", "x"]
)
def test_our_secret_goes_to_moneybird_or_stays_on_this_machine(url: str) -> None:
    with pytest.raises(ReconnectNeeded):
        address_of({"url": url})
    assert address_of({"url": "http://127.0.0.1:5000/"}) == "http://127.0.0.1:5000"


def test_a_token_without_an_end_is_used_until_it_is_refused(moneybird: Emulated) -> None:
    code = moneybird.emulator.tokens.grant_code(frozenset(OAUTH.scopes), "http://127.0.0.1/back")
    consent = Consent(
        APPLICATION, "http://127.0.0.1/back", "st", "v", Credentials({"url": moneybird.server.address})
    )
    credentials = OAUTH.exchange(consent, code)
    assert datetime.fromisoformat(credentials["expires_at"]) - datetime.now(UTC) > timedelta(days=365)
    with moneybird.source(**credentials) as opened:
        opened.check()
        moneybird.emulator.tokens.end_access()
        opened.administrations()
        moneybird.emulator.tokens.end_access()
        assert list(opened.accounts())
    assert len(moneybird.server.exchanges.of(TOKENS)) == 1 + 1


def test_a_personal_token_is_enough_and_nobody_renews_it() -> None:
    with emulated(refresh="none") as moneybird:
        address = moneybird.server.address
        token = moneybird.emulator.tokens.personal()
        given = connecting.complete("moneybird", {"url": address, "access_token": token}, with_tokens=True)
        assert [each.id for each in connecting.accepted("moneybird", given).administrations] == [
            each.id for each in moneybird.emulator.administrations()
        ]
        moneybird.emulator.tokens.withdraw()
        with moneybird.source(access_token=f"{token}-withdrawn") as opened, pytest.raises(ReconnectNeeded):
            opened.check()
        assert not moneybird.server.exchanges.of(TOKENS)
    with pytest.raises(Refused):
        connecting.complete("moneybird", {"url": address}, with_tokens=True)
    with pytest.raises(Refused):
        connecting.complete("exact", {"country": "be", "access_token": token}, with_tokens=True)


# Refusals


@pytest.mark.parametrize("scope", ["bank", "documents"])
def test_a_scope_that_is_missing_is_told_and_no_token_is_spent_on_it(moneybird: Emulated, scope: str) -> None:
    moneybird.emulator.rights.missing.add(scope)
    with pytest.raises(ReconnectNeeded) as raised:
        moneybird.read()
    assert kinds(raised) == ["permission_missing"]
    assert not moneybird.server.exchanges.of(TOKENS)


def test_a_suspended_administration_is_not_listed_and_not_read(moneybird: Emulated) -> None:
    first, *others = [each.id for each in moneybird.emulator.administrations()]
    moneybird.emulator.rights.suspended.add(1)
    with moneybird.source() as opened, pytest.raises(EntityGone) as raised:
        opened.check()
    assert kinds(raised) == ["administration_suspended"]
    given = moneybird.emulator.settings(moneybird.server.address)
    assert [each.id for each in connecting.accepted("moneybird", given).administrations] == others
    assert first not in others


@pytest.mark.parametrize("administration", ["999", "1/../2", "²", "x?y"])
def test_an_administration_that_is_not_there_is_gone(moneybird: Emulated, administration: str) -> None:
    with pytest.raises(EntityGone), moneybird.source(administration) as opened:
        opened.check()


def test_payment_that_is_due_is_a_suspension(moneybird: Emulated) -> None:
    due = Fault("402", change=lambda _: Answer.json({"error": "limit_reached"}, 402))
    moneybird.server.faults.inject(due, on_path(SUMS))
    with pytest.raises(EntityGone) as raised:
        moneybird.read()
    assert kinds(raised) == ["administration_suspended"]


# Limits


def test_the_limit_is_told_by_headers_in_seconds_since_1970() -> None:
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=4)
    headers = {
        "RateLimit-Limit": "150",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": str(int(later.timestamp())),
    }
    (told,) = RATE_HEADERS
    assert (told.calls(headers), told.free_at(headers)) == (150, later)
    assert {limit.name: limit.calls for limit in PROVIDER.limits} == {told.name: 150}


def test_when_to_come_back_is_a_second_since_1970(moneybird: Emulated) -> None:
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    refused = Answer.json("Retry later", 429, retry_after=str(int(later.timestamp())))
    moneybird.server.faults.inject(Fault("429", change=lambda _: refused), on_path(ENTRIES))
    with pytest.raises(ProviderDown) as raised:
        moneybird.read()
    assert raised.value.retry_at == later


# Lists and balances


def test_accounts_have_the_side_of_their_type(moneybird: Emulated) -> None:
    with moneybird.source() as opened:
        types = {account.code[:1]: account.type for account in opened.accounts()}
    assert types["1"] is types["4"] is types["5"] is AccountType.BALANCE_SHEET
    assert types["6"] is types["7"] is AccountType.PROFIT_AND_LOSS


def test_archived_projects_are_listed(moneybird: Emulated) -> None:
    books = moneybird.books
    project = next(each.id for each in books.values.values() if books.axes[each.axis].code == "project")
    with books.lock:
        Bookkeeper(books).change_value(project, archived=True, name="Done")
    with moneybird.source() as opened:
        assert "Done" in {value.name for value in opened.axes()}


@pytest.mark.parametrize("at", [date(2024, 12, 31), date(2025, 6, 15), date(2026, 11, 30)])
def test_balances_are_those_of_the_lines(moneybird: Emulated, at: date) -> None:
    """Since ever on the balance sheet, since the fiscal year began in the result, to the end of a month."""
    with moneybird.source() as opened:
        items = [played(item) for item in opened.transactions(None)]
        told = opened.trial_balance(at)
        results = {each.code for each in opened.accounts() if each.type is AccountType.PROFIT_AND_LOSS}
    due: dict[str, Decimal] = {}
    for line in (line for item in items for line in getattr(item, "lines", ())):
        begun = line.account_code not in results or line.booking_date >= told.year_start
        if begun and line.booking_date <= told.day:
            due[line.account_code] = due.get(line.account_code, Decimal(0)) + line.amount
    assert {code: value for code, value in told.items() if value} == {
        code: value for code, value in due.items() if value
    }
    assert told.day >= at
    assert (told.day.month, told.year_start) == (at.month, date(at.year, 1, 1))


def test_before_the_books_begin_there_are_no_balances(moneybird: Emulated) -> None:
    with moneybird.source() as opened, pytest.raises(InconsistentData) as raised:
        opened.trial_balance(date(2023, 12, 31))
    assert kinds(raised) == ["no_balances_of_day"]


# Answers that cannot be


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"amount": "Jan Peeters"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": None}, "amount"),
        ({"date": "20260105"}, "date"),
        ({"date": None}, "date"),
        ({"ledger_account_id": None}, "ledger_account_id"),
        ({"description": 7}, "description"),
    ],
)
def test_a_value_that_is_none_is_told_by_its_field_alone(
    moneybird: Emulated, fields: dict[str, object], told: str
) -> None:
    odd = Fault("odd", change=lambda answer: _with_first(answer, fields))
    moneybird.server.faults.inject(odd, on_path(ENTRIES), times=None)
    with pytest.raises(OurFault) as raised:
        moneybird.read()
    assert told in raised.value.detail
    assert "Peeters" not in f"{raised.value!r} {raised.value} {raised.value.detail}"


@pytest.mark.parametrize(
    "fields", [{"date": "1999-01-05"}, {"ledger_account_id": "7", "project_id": "7"}, {"amount": "0.01"}]
)
def test_lines_that_were_not_asked_for_are_refused(moneybird: Emulated, fields: dict[str, object]) -> None:
    other = Fault("other", change=lambda answer: _with_first(answer, fields))
    moneybird.server.faults.inject(other, on_path(ENTRIES), times=None)
    with pytest.raises(InconsistentData):
        moneybird.read()


def test_journals_whose_signs_are_by_the_type_of_an_account_are_refused() -> None:
    with emulated(sign="natural") as moneybird, pytest.raises(InconsistentData):
        moneybird.read()


def test_what_it_promises() -> None:
    assert PROVIDER.sign_in is OAUTH
    assert PROVIDER.longest_rest is None
    assert not PROVIDER.preview
