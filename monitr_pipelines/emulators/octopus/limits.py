"""How often a day each operation may be called; a day is one of the server's calendar."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass
class DailyCalls:
    """Counts the calls of each operation, in each dossier where it is of one.

    Args:
        now: The server's time.
        zone: Where its clock hangs.
        calls: So many of each operation instead of what the specification says; None for that.
    """

    now: Callable[[], datetime]
    zone: ZoneInfo
    calls: int | None = None
    _day: date | None = None
    _made: dict[tuple[str, str], int] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def allows(self, operation: str, dossier: str, calls: int) -> bool:
        """Whether one more call is allowed, which is counted then; one that is refused is not."""
        with self._lock:
            today = self.now().astimezone(self.zone).date()
            if today != self._day:
                self._day, self._made = today, {}
            made = self._made.get((operation, dossier), 0)
            if made >= (calls if self.calls is None else self.calls):
                return False
            self._made[operation, dossier] = made + 1
            return True
