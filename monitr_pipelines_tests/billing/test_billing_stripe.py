"""The Stripe source against a strict stand-in for Stripe, over HTTP."""

import logging
import traceback
from datetime import UTC, datetime, timedelta

import pytest
from process_kit import wait_for

from monitr_pipelines.billing import stripe_source
from monitr_pipelines.billing.choose import TableBilling, chosen_source
from monitr_pipelines.billing.contract import BillingUnreachable
from monitr_pipelines.billing.stripe_source import StripeBilling
from monitr_pipelines.emulators.stripe import Account, Fault

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def ask(account: Account, known: dict[str, str], key: str | None = None) -> dict[str, str]:
    return dict(StripeBilling(key or account.key, account.address).states(known, now=NOW))


def refused(account: Account, known: dict[str, str], key: str | None = None) -> BillingUnreachable:
    with pytest.raises(BillingUnreachable) as raised:
        ask(account, known, key)
    assert "canary" not in "".join(traceback.format_exception(raised.value))
    return raised.value


def test_every_page_is_read(account: Account) -> None:
    account.subscriptions = [(f"cus_{number}", "active") for number in range(250)]
    known = {f"cus_{number}": "active" for number in range(250)}
    assert ask(account, known) == known
    assert account.requests == 3


@pytest.mark.parametrize("count", [99, 100, 101, 200])
def test_lists_that_end_with_a_page(account: Account, count: int) -> None:
    account.subscriptions = [(f"cus_{number}", "trialing") for number in range(count)]
    known = {f"cus_{number}": "active" for number in range(count)}
    assert ask(account, known) == dict.fromkeys(known, "trialing")


@pytest.mark.parametrize(
    ("states", "best"),
    [
        (["canceled", "active", "past_due"], "active"),
        (["canceled", "trialing"], "trialing"),
        (["unpaid", "past_due", "canceled"], "past_due"),
        (["incomplete_expired", "canceled"], "canceled"),
        (["paused", "incomplete"], "paused"),
        ([], "canceled"),
    ],
)
def test_the_best_subscription_of_a_customer_counts(account: Account, states: list[str], best: str) -> None:
    account.subscriptions = [
        *(("cus_1", state) for state in states),
        ("cus_2", "active"),
        ("cus_3", "active"),
    ]
    known = dict.fromkeys(["cus_1", "cus_2", "cus_3"], "active")
    assert ask(account, known) == known | {"cus_1": best}


def test_nothing_is_asked_where_there_are_no_customers(account: Account) -> None:
    assert ask(account, {}) == {}
    assert account.requests == 0


def test_a_refused_key_is_told_without_the_key(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    error = refused(account, {"cus_1": "active"}, key="sk_live_canary_wrong")
    assert error.reason == "Stripe refused the key (HTTP 401)"
    assert "canary" not in caplog.text


def test_asked_too_often_tells_until_when_to_wait(account: Account) -> None:
    account.faults.append(Fault(429, {"Retry-After": "17"}))
    error = refused(account, {"cus_1": "active"})
    assert error.retry_at == NOW + timedelta(seconds=17)
    account.faults.append(Fault(429, {"Retry-After": "999999"}))
    assert refused(account, {"cus_1": "active"}).retry_at == NOW + stripe_source.LONGEST_WAIT
    account.faults.append(Fault(429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}))
    assert refused(account, {"cus_1": "active"}).retry_at is None
    assert account.requests == 3


@pytest.mark.parametrize("digits", [20, 5000])
def test_a_wait_beyond_all_numbers_is_the_longest(account: Account, digits: int) -> None:
    account.faults.append(Fault(429, {"Retry-After": "9" * digits}))
    assert refused(account, {"cus_1": "active"}).retry_at == NOW + stripe_source.LONGEST_WAIT


def test_one_error_of_the_server_is_tried_again_more_are_told(account: Account) -> None:
    account.subscriptions = [("cus_1", "active")]
    account.faults.append(Fault(500))
    assert ask(account, {"cus_1": "active"}) == {"cus_1": "active"}
    account.faults.extend([Fault(500), Fault(503)])
    assert "HTTP 503" in refused(account, {"cus_1": "active"}).reason
    assert account.requests == 4


def test_silence_ends_in_time(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_source, "ANSWER_SECONDS", 0.2)
    account.faults.extend([Fault(silent=True)] * 2)
    assert "did not answer" in refused(account, {"cus_1": "active"}).reason
    wait_for(lambda: account.requests == 1 + stripe_source.RETRIES, "the requests that it did not wait for")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(cut=True),
        Fault(body={"object": "list", "has_more": True, "data": []}),
        Fault(body={"object": "list", "data": [{"id": "sub_1", "customer": "cus_1", "status": "active"}]}),
        Fault(body={"object": "list", "has_more": False, "data": None}),
        Fault(body={"object": "list", "has_more": False, "data": [{"id": "sub_1", "status": "active"}]}),
        Fault(
            body={
                "object": "list",
                "has_more": False,
                "data": [{"id": "sub_1", "customer": "cus_1", "status": "dormant"}],
            }
        ),
        Fault(body=[]),
        Fault(body="<html>"),
    ],
    ids=["cut", "endless", "no has_more", "no data", "no customer", "unknown state", "array", "text"],
)
def test_a_page_that_is_not_whole_is_no_answer(account: Account, fault: Fault) -> None:
    account.subscriptions = [("cus_1", "active")]
    account.faults.append(fault)
    refused(account, {"cus_1": "active"})
    assert ask(account, {"cus_1": "active"}) == {"cus_1": "active"}


def test_a_later_page_that_fails_is_no_answer(account: Account) -> None:
    account.subscriptions = [(f"cus_{number}", "active") for number in range(150)]
    account.faults.extend([Fault(), Fault(body={"object": "list", "has_more": True, "data": []})])
    refused(account, {"cus_1": "active"})


def test_most_customers_gone_at_once_is_no_answer(account: Account) -> None:
    known = dict.fromkeys(["cus_1", "cus_2", "cus_3"], "active")
    assert "no subscription at all" in refused(account, known).reason
    account.subscriptions = [("cus_3", "active"), ("cus_of_another", "active")]
    assert "2 of 3" in refused(account, known).reason


def test_nobody_listens(account: Account) -> None:
    account.address = "http://127.0.0.1:9"
    assert "did not answer" in refused(account, {"cus_1": "active"}).reason


def test_the_source_is_chosen_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MONITR_BILLING", "MONITR_STRIPE_KEY", "MONITR_STRIPE_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(chosen_source(), TableBilling)
    monkeypatch.setenv("MONITR_BILLING", "stripe")
    with pytest.raises(BillingUnreachable, match="MONITR_STRIPE_KEY is not set"):
        chosen_source()
    monkeypatch.setenv("MONITR_STRIPE_KEY", "sk_test_canary")
    assert isinstance(chosen_source(), StripeBilling)
    monkeypatch.setenv("MONITR_STRIPE_ADDRESS", "http://stripe.example")
    with pytest.raises(BillingUnreachable, match="https"):
        chosen_source()
    monkeypatch.setenv("MONITR_BILLING", "paper")
    with pytest.raises(BillingUnreachable, match="table or stripe"):
        chosen_source()
