"""What answers of Yuki mean: those that it documents, read in place, its faults, and unknown forms."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from common_kit import reference
from yuki_kit import Yuki, answer, end, fault, played

from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    InconsistentData,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.providers.transport import Reply
from monitr_pipelines.providers.yuki import datasets
from monitr_pipelines.providers.yuki.answers import many_rows_of, refusal, rows_of
from monitr_pipelines.providers.yuki.changes import _change
from monitr_pipelines.providers.yuki.datasets import Dataset, address_of
from monitr_pipelines.providers.yuki.details import plain_details
from monitr_pipelines.providers.yuki.lines import lines_of

DOCUMENTED = {
    "ADMINISTRATIONS": "administrationsResponse",
    "ACCOUNTS": "glAccountsResponse",
    "PROJECTS": "projectsAndIDResponse",
    "YEARS": "periodDateTableResponse",
    "YEAR_CHANGED": "financialYearModifiedDateResponse",
    "BALANCES": "glAccountBalanceResponse",
    "LINES": "transactionDetailsResponse",
    "CHANGES": "updatedAndDeletedTransactionsResponse",
    "SESSION": "authenticateResponse",
    "DOMAINS": "domainsResponse",
}
# Yuki tells of it, and its sample is a line without a project.
NOT_IN_THE_SAMPLE = {"LINES": {"projectCode"}}


def documented(name: str) -> bytes:
    return reference("specs", "yuki", "fixtures", f"{name}.xml").read_bytes()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_field_that_is_read_is_in_the_documented_answer(name: str) -> None:
    dataset = getattr(datasets, name)
    rows = rows_of(dataset, documented(DOCUMENTED[name]))
    assert rows
    assert {*dataset.fields} - NOT_IN_THE_SAMPLE.get(name, set()) <= {*rows[0]}
    assert all(rows[0][field].strip() for field in dataset.fields if field in rows[0])


def test_what_is_read_is_documented() -> None:
    assert {*DOCUMENTED} >= {name for name, each in vars(datasets).items() if each in datasets.READ}


def test_the_documented_line_is_a_line() -> None:
    found = plain_details(documented("transactionDetailsResponse"))
    assert found is not None
    (line,) = lines_of(found.each())
    assert line == LedgerLine(
        "dbce2622-bddf-42de-9d9b-2aff4319f592",
        date(2020, 8, 6),
        "400000",
        Decimal("363.00"),
        "b3b9d1de-3f29-44e7-b6a4-6b79d296d0e2",
        period="202008",
        document_number="test",
        relation="JOris",
        description="Factuur voor JOris",
    )


def test_the_documented_change_is_a_deletion() -> None:
    (row,) = many_rows_of(datasets.CHANGES, documented("updatedAndDeletedTransactionsResponse"))
    change = _change(row)
    assert (change.key, change.day, change.deleted) == (
        "c6e77963-1eb6-4aea-bb65-77902c1b201d",
        date(2023, 2, 6),
        True,
    )
    assert change.stamp == datetime(2023, 7, 25, 13, 37, 58, 300_000, UTC)


def test_entering_a_domain_is_answered_with_nothing() -> None:
    assert rows_of(datasets.CURRENT_DOMAIN, documented("setCurrentDomainResponse")) == []


def test_the_documented_limit_ends_the_import_until_the_next_day() -> None:
    problem = refusal(Reply(500, {}, documented("soapFaultResponse")))
    assert isinstance(problem, ProviderDown)
    assert problem.retry_at is not None
    assert timedelta() < problem.retry_at - datetime.now(UTC) <= timedelta(days=1)


@pytest.mark.parametrize(
    ("reason", "kind", "message"),
    [
        ("Invalid session ID", ReconnectNeeded, "software_refuses"),
        ("Invalid access key", ReconnectNeeded, "credentials_refused"),
        ("API-key has no rights to access this web service", ReconnectNeeded, "reading_refused"),
        ("The domain is not active", ReconnectNeeded, "licence_ended"),
        ("This functionality is not part of the bundle", ReconnectNeeded, "licence_ended"),
        ("Administration was not found", EntityGone, "administration_hidden"),
    ],
)
def test_a_fault_says_who_must_act(reason: str, kind: type[ImportProblem], message: str) -> None:
    for code in ("Client", "Server"):
        problem = refusal(Reply(500, {}, fault(reason, code)))
        assert isinstance(problem, kind)
        assert [each.kind for each in problem.messages] == [message]
        assert reason not in problem.detail


def test_an_unknown_fault_is_our_mistake_or_tried_again() -> None:
    told = "Server was unable to read request. ---> administrationID or sessionID is missing."
    assert isinstance(refusal(Reply(500, {}, fault(told, "Client"))), OurFault)
    assert refusal(Reply(500, {}, fault(told, "Server"))) is None


@pytest.mark.parametrize("read", [rows_of, many_rows_of])
def test_a_fault_is_told_with_success_too(read: object) -> None:
    assert callable(read)
    for reason, kind in (("Invalid access key", ReconnectNeeded), ("Something else", OurFault)):
        with pytest.raises(kind):
            read(datasets.LINES, fault(reason))


OTHER = answer("GetTransactionDetails", "<Line><id>k</id></Line>")


@pytest.mark.parametrize("read", [rows_of, many_rows_of])
@pytest.mark.parametrize("body", [OTHER, answer("GetTransactions", ""), b"<html><body>Hello</body></html>"])
def test_what_is_called_otherwise_is_not_taken_for_nothing(read: object, body: bytes) -> None:
    assert callable(read)
    with pytest.raises(OurFault):
        read(datasets.LINES, body)
    assert read(datasets.LINES, answer("GetTransactionDetails", "")) == []


@pytest.mark.parametrize(
    ("dataset", "inner"),
    [
        (datasets.LINES, "<TransactionInfo><id>k</id></TransactionInfo>"),
        (datasets.CHANGES, "<UpdatedTransaction><id>k</id><deleted>perhaps</deleted></UpdatedTransaction>"),
        (datasets.ACCOUNTS, "<GlAccount><descripton>Bank</descripton></GlAccount>"),
        (datasets.YEARS, "<wholePeriod>2026-01-01T00:00:00</wholePeriod>"),
    ],
)
def test_a_record_without_what_has_to_be_there_is_an_error(yuki: Yuki, dataset: Dataset, inner: str) -> None:
    yuki.before = lambda operation, _: (
        (200, answer(operation, inner)) if operation == dataset.operation else None
    )
    yuki.book("k", date(2025, 12, 1))
    with pytest.raises(OurFault):
        _ask_everything(yuki)


def _ask_everything(yuki: Yuki) -> None:
    source = yuki.source()
    played(source, end(played(source)))
    source.accounts()


@pytest.mark.parametrize(
    "given", [{"country": "fr"}, {}, {"url": "https://example.com"}, {"url": "nonsense", "country": "be"}]
)
def test_a_key_goes_to_yuki_or_this_machine_alone(given: dict[str, str]) -> None:
    with pytest.raises(ReconnectNeeded):
        address_of(given)


def test_each_country_has_its_servers() -> None:
    assert address_of({"country": "nl"}) == "https://api.yukiworks.nl"
    assert address_of({"country": "be", "url": "http://127.0.0.1:80/"}) == "http://127.0.0.1:80"


@pytest.mark.parametrize(
    ("shift", "day", "start"), [(0, "2026-05-05", "2025-07-01"), (1, "2026-08-05", "2026-07-01")]
)
def test_a_broken_year_is_found_by_either_name(yuki: Yuki, shift: int, day: str, start: str) -> None:
    """It is called by the year in which it begins, or by that in which it ends."""
    yuki.period = lambda year: f"{year - shift}-07-02T00:00:00 {year - shift + 1}-06-30T00:00:00"
    at = date.fromisoformat(day)
    yuki.balances = lambda _: [("700000", "W", "-12.50"), ("400000", "B", "12.50")]
    balances = yuki.source().trial_balance(at)
    assert (balances.day, balances.year_start) == (at, date.fromisoformat(start))
    assert balances == {"700000": Decimal("-12.50"), "400000": Decimal("12.50")}


def test_a_day_of_no_year_has_no_balances(yuki: Yuki) -> None:
    yuki.period = lambda _: "2020-01-01T00:00:00 2020-12-31T00:00:00"
    with pytest.raises(InconsistentData):
        yuki.source().trial_balance(date(2026, 1, 31))
