"""What to do about an import that waits: one pure function of its row and of the runs launched for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

# The second comes at once, the others half a minute apart: who starts slowly, or is away, has that long.
MOST_LAUNCHES = 4


@dataclass(frozen=True)
class Waiting:
    """An import that no run has claimed.

    `by_schedule`: the night asked for it; else `requested_by` says who did. `claimed`: someone said a moment
    ago that he is launching it. `running`: another import of the entity has started.
    """

    id: int
    entity_id: int
    organisation_id: int
    entity_key: str
    priority: int
    by_schedule: bool
    requested_by: str
    launches: int
    launched_run_id: str | None
    launched_priority: int | None
    claimed: bool
    running: bool


@dataclass(frozen=True)
class TaggedRun:
    """A Dagster run that carries the import's id. Whatever made it may have died before it was `queued`."""

    run_id: str
    queued: bool = True
    ended: bool = False
    canceled: bool = False


class Step(Enum):
    """What is to be done next."""

    WAIT = auto()
    FOLLOW = auto()
    LAUNCH = auto()
    CANCEL = auto()
    GIVE_UP = auto()


def alive_of(waiting: Waiting, runs: Sequence[TaggedRun]) -> TaggedRun | None:
    """The run that will claim the import: the newest that has not ended."""
    return next((run for run in runs if not run.ended and (run.queued or waiting.claimed)), None)


def next_step(waiting: Waiting, runs: Sequence[TaggedRun]) -> Step:
    """What to do about an import, given its runs, the newest first.

    A run on its way is followed. One that a person canceled cancels the import. One that ended in any
    other way without claiming it, or that was deleted, is replaced when nothing else runs, a few times: the
    first at once. So is one that Dagster refused to make.
    """
    alive = alive_of(waiting, runs)
    if alive is not None:
        known = waiting.launched_run_id == alive.run_id and waiting.launched_priority == waiting.priority
        return Step.WAIT if known else Step.FOLLOW
    if runs and runs[0].canceled:
        return Step.CANCEL
    if waiting.running or (waiting.claimed and not _is_first_loss(waiting, runs)):
        return Step.WAIT
    return Step.LAUNCH if max(len(runs), waiting.launches) < MOST_LAUNCHES else Step.GIVE_UP


def _is_first_loss(waiting: Waiting, runs: Sequence[TaggedRun]) -> bool:
    """Whether the launch that someone was at is over, and it was the first."""
    return waiting.launches <= 1 and any(run.ended and run.run_id == waiting.launched_run_id for run in runs)
