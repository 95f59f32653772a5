"""The words of an import's life, which the database checks: who asked, how much is fetched, how it ended."""

from enum import StrEnum


class Trigger(StrEnum):
    """Who or what asked for an import."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"
    HOOK = "hook"
    FILE = "file"
    FIRST = "first"
    REACTIVATED = "reactivated"
    RECONNECTED = "reconnected"
    DAGSTER = "dagster"
    CLI = "cli"
    AGAIN = "again"


class ImportMode(StrEnum):
    """How much an import fetches: what changed, or the whole ledger."""

    INCREMENTAL = "incremental"
    FULL = "full"


class Outcome(StrEnum):
    """How an import ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class UploadState(StrEnum):
    """What became of a ledger file."""

    DRAFT = "draft"
    WAITING = "waiting"
    APPLIED = "applied"
    REFUSED = "refused"
    DISCARDED = "discarded"


# What is not in the books can be thrown away; whose lines are there cannot vanish without them.
DISCARDABLE = frozenset({UploadState.DRAFT, UploadState.WAITING, UploadState.REFUSED})


class ImportState(StrEnum):
    """Where an import stands: how it ended, or what it does until then."""

    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


def state_of(*, outcome: str | None, started: bool, lease_alive: bool | None) -> ImportState:
    """Where an import stands; one whose worker no longer renews its lease has failed."""
    if outcome is not None:
        return ImportState(outcome)
    if not started:
        return ImportState.WAITING
    return ImportState.IN_PROGRESS if lease_alive else ImportState.FAILED
