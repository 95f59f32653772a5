"""How often Twinfield lets a program ask: credits a minute, one for a question, three for anything else."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUERY, OTHER = 1, 3


class Credits:
    """Counts what each program has used of the minute that runs by the clock of the server."""

    def __init__(self, now: Callable[[], datetime], a_minute: int) -> None:
        self._now = now
        self._a_minute = a_minute
        self._used: dict[str, tuple[datetime, int]] = {}
        self._lock = threading.Lock()

    def wait(self, app: str, cost: int) -> int | None:
        """Take so many credits; the seconds until there are some again where they are used up."""
        with self._lock:
            began = self._began()
            minute, used = self._used.get(app, (began, 0))
            used = used if minute == began else 0
            if used + cost > self._a_minute:
                return self.left()
            self._used[app] = (began, used + cost)
            return None

    def left(self) -> int:
        """The seconds until the next minute begins, at least one."""
        return max(1, (self._began() + MINUTE - self._now()) // timedelta(seconds=1))

    def _began(self) -> datetime:
        return EPOCH + (self._now() - EPOCH) // MINUTE * MINUTE
