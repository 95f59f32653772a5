"""The clock of an emulated server: it can stand still, be put forward, and be wrong."""

import time
from datetime import UTC, datetime, timedelta

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """The time as the emulated server tells it, in UTC.

    Args:
        start: When it begins; it then stands still but for `tick` and `advance`, so that the same changes
            always have the same times. None for the time of this machine.
        tick: How far each change moves a clock that has a start.

    `skew` is how far the server is ahead of the truth; a test sets it.
    """

    def __init__(self, start: datetime | None = None, tick: timedelta = timedelta(milliseconds=1)) -> None:
        self.skew = timedelta()
        self._set = None if start is None else _microseconds(start)
        self._tick = tick // MICROSECOND

    def now(self) -> datetime:
        """The moment, with its microseconds."""
        return moment(self.microseconds())

    def microseconds(self) -> int:
        """The moment as microseconds since 1970."""
        truth = time.time_ns() // 1000 if self._set is None else self._set
        return truth + self.skew // MICROSECOND

    def tick(self) -> int:
        """The moment of something that is written; later than any before on a clock that has a start."""
        if self._set is not None:
            self._set += self._tick
        return self.microseconds()

    def advance(self, by: timedelta) -> None:
        """Let time pass; on a clock of this machine it is skew."""
        if self._set is None:
            self.skew += by
        else:
            self._set += by // MICROSECOND


def moment(microseconds: int) -> datetime:
    """Microseconds since 1970 as a moment in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)


def _microseconds(when: datetime) -> int:
    return (when - EPOCH) // MICROSECOND
