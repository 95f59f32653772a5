"""The gate: whether an entity may import now. One function for whoever asks, pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitr_pipelines.ledger.brussels import minute_from
from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    ReconnectNeeded,
    Refused,
    SubscriptionInactive,
    TooSoon,
)

PAYING = frozenset({"active", "trialing"})
PATIENT = frozenset({"manual", "hook"})
AFTER_FAILURE = timedelta(hours=1)
BILLING_HOLDS = timedelta(hours=72)


@dataclass(frozen=True)
class Facts:
    """What decides whether an entity may import, as recorded; times are aware.

    `subscription_read_at` is None where no billing system is asked. `failed_at` is the end of the
    last import if that failed.
    """

    status: str
    subscription: str
    connection: str
    running: bool
    subscription_read_at: datetime | None = None
    failed_at: datetime | None = None


def refusal(facts: Facts, *, trigger: str, now: datetime) -> ImportProblem | None:
    """Why the import may not start, or None. Each cause has its own code and remedy, worst first."""
    return (
        _unpaid(facts, now)
        or _gone(facts)
        or _disconnected(facts)
        or _running(facts)
        or _too_soon(facts, trigger, now)
    )


def _unpaid(facts: Facts, now: datetime) -> ImportProblem | None:
    if facts.subscription not in PAYING:
        return SubscriptionInactive(
            f"The subscription of this organisation is {facts.subscription.replace('_', ' ')}. "
            "Imports start again when it is active: see Organisations > Billing."
        )
    read_at = facts.subscription_read_at
    if read_at is not None and now - read_at > BILLING_HOLDS:
        return SubscriptionInactive(
            "The subscription could not be verified for three days. You need not do anything: "
            "imports start again when the billing system answers.",
            code="subscription_unknown",
        )
    return None


def _gone(facts: Facts) -> ImportProblem | None:
    if facts.status == "Active":
        return None
    return EntityGone(
        f"This entity is {facts.status.lower()}. Check the administration in the accounting software."
    )


def _disconnected(facts: Facts) -> ImportProblem | None:
    if facts.connection == "connected":
        return None
    return ReconnectNeeded(
        "The connection no longer works. Connect again under Organisations > Integrations."
    )


def _running(facts: Facts) -> ImportProblem | None:
    if not facts.running:
        return None
    return Refused("An import of this entity is running. Wait until it has ended.", code="already_running")


def _too_soon(facts: Facts, trigger: str, now: datetime) -> ImportProblem | None:
    if trigger not in PATIENT or facts.failed_at is None:
        return None
    retry_at = facts.failed_at + AFTER_FAILURE
    if now >= retry_at:
        return None
    return TooSoon(
        f"The last import failed less than an hour ago. Wait until {minute_from(retry_at)}, then try again.",
        retry_at=retry_at,
    )
