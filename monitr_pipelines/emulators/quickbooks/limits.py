"""How often a company may be asked: so many requests a minute, of all programs together."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from monitr_pipelines.emulators.shared.clock import EPOCH

REQUESTS_A_MINUTE = 500
MINUTE = timedelta(minutes=1)


class Limits:
    """Counts requests by realm and whole minutes. A refusal does not say when to come back."""

    def __init__(self, now: Callable[[], datetime], a_minute: int = REQUESTS_A_MINUTE) -> None:
        self.a_minute = a_minute
        self._now = now
        self._made: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def allows(self, realm: str) -> bool:
        """Count a request; False where there were too many in this minute already."""
        with self._lock:
            minute = (self._now() - EPOCH) // MINUTE
            before, made = self._made.get(realm, (minute, 0))
            made = made if before == minute else 0
            self._made[realm] = (minute, made + 1)
            return made < self.a_minute
