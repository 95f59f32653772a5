"""What a look at billing says and remembers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from monitr_pipelines.billing.watching import Watch
from monitr_pipelines.emulators.stripe import Account, Fault
from monitr_pipelines.warehouse.server.database import Connection


@pytest.fixture
def stripe(account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("MONITR_BILLING", "stripe")
    monkeypatch.setenv("MONITR_STRIPE_KEY", account.key)
    monkeypatch.setenv("MONITR_STRIPE_ADDRESS", account.address)
    return account


@pytest.fixture
def customer(make_customer: Callable[..., tuple[str, str]], stripe: Account) -> str:
    _, name = make_customer()
    stripe.subscriptions.append((name, "active"))
    return name


@pytest.fixture
def look(connection: Connection) -> Callable[..., str]:
    watch = Watch()

    def once(later: timedelta = timedelta(0)) -> str:
        told = watch.look(connection, datetime.now(UTC) + later)
        assert "canary" not in told
        return told

    return once


def test_a_look_tells_what_it_changed(look: Callable[..., str], stripe: Account, customer: str) -> None:
    look()
    assert look() == "no subscription changed."
    stripe.subscriptions[:] = [(customer, "canceled")]
    assert "lapsed: organisation" in look()
    stripe.subscriptions[:] = [(customer, "trialing")]
    told = look()
    assert "came back: organisation" in told
    assert "imports requested: 1" in told


def test_who_asks_to_be_left_alone_is_left_alone(
    look: Callable[..., str], stripe: Account, customer: str
) -> None:
    stripe.faults.append(Fault(429, {"Retry-After": "60"}))
    assert "HTTP 429" in look()
    assert stripe.requests == 1
    assert "left alone until" in look()
    assert stripe.requests == 1
    assert "Billing" not in look(timedelta(minutes=2))
    assert stripe.requests == 2


def test_settings_that_name_no_source_are_told(
    look: Callable[..., str], customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MONITR_STRIPE_KEY")
    assert "MONITR_STRIPE_KEY is not set" in look()
    monkeypatch.setenv("MONITR_BILLING", "paper")
    assert "MONITR_BILLING must be table or stripe" in look()


def test_the_table_says_nothing_else(
    look: Callable[..., str], customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MONITR_BILLING")
    look()
    assert look() == "no subscription changed."
