"""The gate: every cause has its code and remedy, in a fixed order; the clock is given."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.brussels import minute_from
from monitr_pipelines.lifecycle.eligibility import AFTER_FAILURE, BILLING_HOLDS, PAYING, Facts, refusal
from monitr_pipelines.lifecycle.errors import TooSoon

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # the hour in which Brussels turns its clocks forward
STATES = ["trialing", "active", "past_due", "unpaid", "canceled", "paused", "incomplete"]
TRIGGERS = ["scheduled", "manual", "hook", "file", "first", "reactivated", "reconnected", "dagster", "cli"]
GOOD: dict[str, Any] = {
    "status": "Active", "subscription": "active", "connection": "connected", "running": False,
}  # fmt: skip


def code_of(trigger: str = "manual", now: datetime = NOW, **facts: object) -> str | None:
    problem = refusal(Facts(**{**GOOD, **facts}), trigger=trigger, now=now)
    return problem.code if problem else None


CAUSES = [
    ({"subscription": "canceled"}, "subscription_inactive"),
    ({"subscription_read_at": NOW - BILLING_HOLDS - timedelta(seconds=1)}, "subscription_unknown"),
    ({"status": "Not found"}, "entity_gone"),
    ({"connection": "reconnect needed"}, "reconnect_needed"),
    ({"running": True}, "already_running"),
    ({"failed_at": NOW - timedelta(minutes=59)}, "failed_recently"),
]


@pytest.mark.parametrize(("facts", "code"), CAUSES)
def test_each_cause_has_its_code(facts: dict[str, Any], code: str) -> None:
    assert code_of(**facts) == code


def test_the_first_cause_is_told_of_several() -> None:
    for first, (facts, code) in enumerate(CAUSES):
        later = {name: value for others, _ in CAUSES[first + 1 :] for name, value in others.items()}
        assert code_of(**{**later, **facts}) == code


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"status": "Not importing"}, "not_importing"), ({"connection": "removed"}, "connection_removed")],
)
def test_what_someone_chose_is_told_as_such(facts: dict[str, Any], code: str) -> None:
    assert code_of(**facts) == code


@given(
    subscription=st.sampled_from(STATES),
    trigger=st.sampled_from(TRIGGERS),
    minutes=st.integers(0, 180),
    status=st.sampled_from(["Active", "Not importing", "Not found", "Deleted"]),
    connected=st.booleans(),
    running=st.booleans(),
)
def test_only_what_is_sound_in_every_way_passes(
    *, subscription: str, trigger: str, minutes: int, status: str, connected: bool, running: bool
) -> None:
    passed = code_of(
        trigger,
        subscription=subscription,
        status=status,
        connection="connected" if connected else "reconnect needed",
        running=running,
        failed_at=NOW - timedelta(minutes=minutes),
    )
    patient = trigger in {"manual", "hook"} and minutes < 60
    sound = subscription in PAYING and status == "Active" and connected and not running and not patient
    assert (passed is None) == sound


def test_the_hour_counts_from_the_end_of_the_failed_import() -> None:
    assert code_of(failed_at=NOW - AFTER_FAILURE + timedelta(microseconds=1)) == "failed_recently"
    assert code_of(failed_at=NOW - AFTER_FAILURE) is None
    for trigger in ("scheduled", "file", "cli", "dagster", "first", "reactivated"):
        assert code_of(trigger, failed_at=NOW) is None


def test_the_refusal_tells_the_time_in_brussels_and_when_to_retry() -> None:
    failed_at = datetime(2026, 3, 29, 0, 29, 30, tzinfo=UTC)
    problem = refusal(Facts(**{**GOOD, "failed_at": failed_at}), trigger="manual", now=NOW)
    assert isinstance(problem, TooSoon)
    assert problem.retry_at == failed_at + AFTER_FAILURE
    assert "03:30" in problem.message  # 01:29:30 UTC, an hour that Brussels calls 3, rounded up


@pytest.mark.parametrize(
    ("second", "microsecond", "told"), [(0, 0, "11:05"), (0, 1, "11:06"), (59, 999_999, "11:06")]
)
def test_a_minute_is_told_that_has_come_by_then(second: int, microsecond: int, told: str) -> None:
    assert minute_from(datetime(2026, 11, 23, 10, 5, second, microsecond, tzinfo=UTC)) == told


@pytest.mark.parametrize("read_at", [None, NOW, NOW - BILLING_HOLDS])
def test_the_last_known_subscription_holds_for_three_days(read_at: datetime | None) -> None:
    assert code_of(subscription_read_at=read_at) is None
