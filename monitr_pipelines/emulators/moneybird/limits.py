"""How often Moneybird lets a program ask: so many calls in each five minutes, whatever administration it is.

Windows begin at whole five minutes of UTC. All its headers tell moments as seconds since 1970, `Retry-After`
too, which elsewhere tells how long to wait.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from monitr_pipelines.emulators.moneybird.forms import EPOCH

WINDOW = timedelta(minutes=5)
SECOND = timedelta(seconds=1)


class CallLimits:
    """Counts the calls of each program.

    Args:
        now: The server's time, in UTC.
        calls: How many each window has.
    """

    def __init__(self, now: Callable[[], datetime], calls: int) -> None:
        self.calls = calls
        self._now = now
        # The window that was counted last and the calls in it, by program.
        self._made: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def count(self, app: str) -> tuple[bool, Mapping[str, str]]:
        """Count a call of a program: whether it is within the limit, and what its answer tells of that."""
        with self._lock:
            window = (self._now() - EPOCH) // WINDOW
            counted, made = self._made.get(app, (window, 0))
            made = made + 1 if counted == window else 1
            self._made[app] = (window, made)
            return made <= self.calls, self._headers(window, self.calls - made)

    def refusal(self) -> Mapping[str, str]:
        """The headers of a refusal, whoever asks."""
        window = (self._now() - EPOCH) // WINDOW
        headers = self._headers(window, 0)
        return {**headers, "Retry-After": headers["RateLimit-Reset"]}

    def _headers(self, window: int, left: int) -> dict[str, str]:
        reset = (window + 1) * (WINDOW // SECOND)
        return {
            "RateLimit-Limit": str(self.calls),
            "RateLimit-Remaining": str(max(0, left)),
            "RateLimit-Reset": str(reset),
        }
