"""How often Exact Online lets a program ask: calls a minute and a day, and errors an hour.

Windows are whole minutes and whole days of UTC; resets are told in milliseconds since 1970. An answer that
refuses for one of the two tells nothing of the other, as clients reported.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitr_pipelines.emulators.exact.forms import EPOCH, MILLISECOND

ERRORS_ALLOWED = 10
ERROR_WINDOW = timedelta(hours=1)
FIRST_BLOCK = timedelta(hours=1)
COUNTED_ERRORS = frozenset({400, 401, 403, 404})


@dataclass(frozen=True)
class Window:
    """One limit: `header` stands within the names of its headers."""

    header: str
    calls: int
    length: timedelta

    def began(self, now: datetime) -> datetime:
        """When the window of a moment began."""
        return EPOCH + (now - EPOCH) // self.length * self.length

    def headers(self, now: datetime, made: int) -> dict[str, str]:
        """What an answer tells after so many calls."""
        reset = (self.began(now) + self.length - EPOCH) // MILLISECOND
        return {
            f"X-RateLimit-{self.header}Limit": str(self.calls),
            f"X-RateLimit-{self.header}Remaining": str(max(0, self.calls - made)),
            f"X-RateLimit-{self.header}Reset": str(reset),
        }


@dataclass(frozen=True)
class Call:
    """Whether a call is allowed, and what its answer tells."""

    allowed: bool
    headers: Mapping[str, str]


class CallLimits:
    """Counts the calls of each program in each division."""

    def __init__(self, now: Callable[[], datetime], minute: int, day: int) -> None:
        self.minute = Window("Minutely-", minute, timedelta(minutes=1))
        self.day = Window("", day, timedelta(days=1))
        self._now = now
        # When the window began and the calls in it, by program, division and window.
        self._made: dict[tuple[str, int | None, Window], tuple[datetime, int]] = {}
        self._lock = threading.Lock()

    def count(self, app: str, division: int | None) -> Call:
        """Count a call of a program in a division; one that is refused is not counted."""
        with self._lock:
            now = self._now()
            windows = (self.minute, self.day)
            made = {window: self._calls(app, division, window, now) for window in windows}
            for window in windows:
                if made[window] >= window.calls:
                    return Call(allowed=False, headers=window.headers(now, made[window]))
            headers: dict[str, str] = {}
            for window in windows:
                self._made[app, division, window] = (window.began(now), made[window] + 1)
                headers |= window.headers(now, made[window] + 1)
            return Call(allowed=True, headers=headers)

    def refusal(self) -> Mapping[str, str]:
        """The headers of a refusal for the minute, whoever asks."""
        return self.minute.headers(self._now(), self.minute.calls)

    def _calls(self, app: str, division: int | None, window: Window, now: datetime) -> int:
        began, calls = self._made.get((app, division, window), (now, 0))
        return calls if began == window.began(now) else 0


@dataclass
class _Blocked:
    until: datetime
    length: timedelta


@dataclass
class ErrorBudget:
    """Blocks a program that gets too many errors: ten an hour at one endpoint of one division.

    The block lasts an hour, and twice as long each time that errors go on after it.
    """

    now: Callable[[], datetime]
    _errors: dict[tuple[str, int | None, str], list[datetime]] = field(default_factory=dict)
    _blocked: dict[str, _Blocked] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def blocks(self, app: str) -> bool:
        """Whether a program is blocked now."""
        with self._lock:
            blocked = self._blocked.get(app)
            return blocked is not None and self.now() < blocked.until

    def note(self, app: str, division: int | None, endpoint: str, status: int) -> None:
        """Count an answer."""
        if status not in COUNTED_ERRORS:
            return
        with self._lock:
            now = self.now()
            key = (app, division, endpoint)
            recent = [when for when in self._errors.get(key, []) if when > now - ERROR_WINDOW]
            self._errors[key] = [*recent, now]
            if len(self._errors[key]) >= ERRORS_ALLOWED:
                before = self._blocked.get(app)
                length = before.length * 2 if before else FIRST_BLOCK
                self._blocked[app] = _Blocked(now + length, length)
                self._errors[key] = []
