"""How many imports may be starting at once: more while starts are quick, half as many when one is slow.

A start is the process of a run from its launch by Dagster until it works. It costs about two seconds of a
processor; on a busy machine many at once make each of them slow, and cost more than they bring.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

FEWEST = 1
# Twice as many as run at once (dagster.yaml): the queue never runs dry, and stays short.
MOST = 8
QUICK_SECONDS = 5
SLOW_SECONDS = 10


@dataclass(frozen=True)
class Start:
    """A start that was seen: since when, and how many seconds it took, or takes until now."""

    since: datetime
    seconds: float
    over: bool


@dataclass(frozen=True)
class Pace:
    """The limit, and the moment of its last halving; starts from before that tell nothing new."""

    limit: float = MOST
    halved_at: datetime | None = None

    @property
    def at_once(self) -> int:
        """How many imports may be starting."""
        return int(self.limit)


def next_pace(pace: Pace, starts: Iterable[Start], now: datetime) -> Pace:
    """The pace after a look at the starts.

    A start that takes long halves the limit as soon as that is seen, once for all that began before; a quick
    one raises it by its share, so that a whole round of quick ones makes it one more.
    """
    for start in starts:
        if pace.halved_at is not None and start.since <= pace.halved_at:
            continue
        if start.seconds >= SLOW_SECONDS:
            pace = Pace(max(FEWEST, pace.limit / 2), now)
        elif start.over and start.seconds <= QUICK_SECONDS:
            pace = replace(pace, limit=min(MOST, pace.limit + 1 / pace.limit))
    return pace
