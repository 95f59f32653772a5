"""The gate: whether an entity may import now. One function for whoever asks, pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitr_pipelines.ledger.brussels import minute_from
from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    NoLedgerFile,
    OurFault,
    ReconnectNeeded,
    Refused,
    SubscriptionInactive,
    TooSoon,
)
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.lifecycle.messages import Message

PAYING = frozenset({"active", "trialing"})
PATIENT = frozenset({Trigger.MANUAL, Trigger.HOOK})
# What is asked for by itself: not in vain. Who asks for more is told that there is nothing to import.
BY_ITSELF = frozenset({Trigger.SCHEDULED, Trigger.FIRST, Trigger.REACTIVATED, Trigger.AGAIN})
AFTER_FAILURE = timedelta(hours=1)
BILLING_HOLDS = timedelta(hours=72)


class Missing(StrEnum):
    """What an entity lacks to be imported at all."""

    CONNECTOR = "connector"
    FILE = "file"


@dataclass(frozen=True)
class Facts:
    """What decides whether an entity may import, as recorded; times are aware.

    `subscription_read_at` is None where no billing system is asked. `failed_at` is the end of the
    last import if that failed. `missing` is what there must be before there is anything to import.
    """

    status: str
    subscription: str
    connection: str
    running: bool
    subscription_read_at: datetime | None = None
    failed_at: datetime | None = None
    missing: Missing | None = None


def refusal(facts: Facts, *, trigger: Trigger, now: datetime) -> ImportProblem | None:
    """Why the import may not start, or None. Each cause has its own code and remedy, worst first."""
    return (
        _unpaid(facts, now)
        or _gone(facts)
        or _disconnected(facts)
        or _without_source(facts, trigger)
        or _running(facts)
        or _too_soon(facts, trigger, now)
    )


def _unpaid(facts: Facts, now: datetime) -> ImportProblem | None:
    if facts.subscription not in PAYING:
        return SubscriptionInactive(
            Message("subscription_inactive", {"state": facts.subscription.replace("_", " ")})
        )
    read_at = facts.subscription_read_at
    if read_at is not None and now - read_at > BILLING_HOLDS:
        return SubscriptionInactive(Message("subscription_unknown"), code="subscription_unknown")
    return None


def _gone(facts: Facts) -> ImportProblem | None:
    if facts.status == "Active":
        return None
    if facts.status == "Deleted":
        return EntityGone(Message("entity_removed"), code="entity_removed")
    if facts.status == "Not importing":
        return Refused(Message("not_importing"), code="not_importing")
    return EntityGone(Message("entity_not_active", {"status": facts.status.lower()}))


def _disconnected(facts: Facts) -> ImportProblem | None:
    if facts.connection == "connected":
        return None
    if facts.connection == "removed":
        return ReconnectNeeded(Message("connection_removed"), code="connection_removed")
    return ReconnectNeeded(Message("reconnect_needed"))


def _without_source(facts: Facts, trigger: Trigger) -> ImportProblem | None:
    if facts.missing == Missing.CONNECTOR:
        return OurFault(Message("no_connector"), code="no_connector")
    if facts.missing == Missing.FILE and trigger in BY_ITSELF:
        return NoLedgerFile(Message("no_ledger_file"))
    return None


def _running(facts: Facts) -> ImportProblem | None:
    if not facts.running:
        return None
    return Refused(Message("already_running"), code="already_running")


def _too_soon(facts: Facts, trigger: Trigger, now: datetime) -> ImportProblem | None:
    if trigger not in PATIENT or facts.failed_at is None:
        return None
    retry_at = facts.failed_at + AFTER_FAILURE
    if now >= retry_at:
        return None
    return TooSoon(Message("failed_recently", {"clock": minute_from(retry_at)}), retry_at=retry_at)
