"""What the subscription sensor says and remembers, without a daemon."""

from collections.abc import Callable, Iterator

import dagster as dg
import pytest
from night_kit import loaded

from monitr_pipelines.emulators.stripe import Account, Fault, serve
from monitr_pipelines.warehouse.server.database import Connection


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    with serve(Account("sk_test_canary")) as served:
        monkeypatch.setenv("MONITR_BILLING", "stripe")
        monkeypatch.setenv("MONITR_STRIPE_KEY", served.key)
        monkeypatch.setenv("MONITR_STRIPE_ADDRESS", served.address)
        served.subscriptions.append(("cus_1", "active"))
        yield served


@pytest.fixture
def customer(make_entity: Callable[..., str], connection: Connection) -> Iterator[str]:
    entity = make_entity()
    connection.execute(
        "update app.organisation set billing_customer = 'cus_1' "
        "where id = (select organisation_id from app.entity where key = %s)",
        [entity],
    )
    yield entity
    connection.execute("update app.organisation set billing_customer = null, subscription_read_at = null")


@pytest.fixture
def look(instance: dg.DagsterInstance) -> Callable[..., tuple[str, str]]:
    """Evaluates the sensor after a look that left a cursor; answers what it says and the new cursor."""
    sensor = loaded().resolve_sensor_def("subscription_states")

    def evaluate(cursor: str = "") -> tuple[str, str]:
        with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
            answer = sensor.evaluate_tick(context)
            assert context._logger is None, "a file for every look"
        assert not answer.run_requests
        assert "canary" not in str(answer)
        return answer.skip_message or "", answer.cursor or ""

    return evaluate


def test_a_look_tells_what_it_changed(
    look: Callable[..., tuple[str, str]], account: Account, customer: str
) -> None:
    look()
    assert look() == ("no subscription changed.", "")
    account.subscriptions[:] = [("cus_1", "canceled")]
    assert "lapsed: organisation" in look()[0]
    account.subscriptions[:] = [("cus_1", "trialing")]
    said, _ = look()
    assert "came back: organisation" in said
    assert "imports requested: 1" in said


def test_who_asks_to_be_left_alone_is_left_alone(
    look: Callable[..., tuple[str, str]], account: Account, customer: str
) -> None:
    account.faults.append(Fault(429, {"Retry-After": "60"}))
    said, cursor = look()
    assert "HTTP 429" in said
    assert account.requests == 1
    said, cursor = look(cursor)
    assert "left alone until" in said
    assert account.requests == 1
    assert look("2020-01-01T00:00:00+00:00")[1] == ""
    assert account.requests == 2


def test_settings_that_name_no_source_are_told(
    look: Callable[..., tuple[str, str]], account: Account, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MONITR_STRIPE_KEY")
    assert "MONITR_STRIPE_KEY is not set" in look()[0]
    monkeypatch.setenv("MONITR_BILLING", "paper")
    said, _ = look()
    assert "MONITR_BILLING must be table or stripe" in said


def test_the_table_says_nothing_else(
    look: Callable[..., tuple[str, str]], customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MONITR_BILLING", raising=False)
    look()
    assert look() == ("no subscription changed.", "")
