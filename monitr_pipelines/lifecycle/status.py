"""The status of an entity's imports: one pure function of recorded facts."""

from enum import StrEnum

from monitr_pipelines.lifecycle.imports import Outcome


class Status(StrEnum):
    """As finance users read it."""

    WAITING = "Waiting…"
    IN_PROGRESS = "In progress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    NEVER = "Never imported"


def status_of(*, lease_alive: bool | None, waiting: bool, last_outcome: str | None) -> Status:
    """What to show, first match first: running, waiting, its worker dead, how the last one ended.

    `lease_alive` is None when no import is started, False when one is but its worker no longer renews
    its lease. A running import hides an old failure; an entity never imported is not a healthy one. A
    request that waits goes before a dead worker: people want to know what comes next, and the reconciler
    writes down the dead one, as `worker_lost`, within seconds.
    """
    if lease_alive:
        return Status.IN_PROGRESS
    if waiting:
        return Status.WAITING
    if lease_alive is False or last_outcome == Outcome.FAILED:
        return Status.FAILED
    return Status.SUCCEEDED if last_outcome == Outcome.SUCCEEDED else Status.NEVER
