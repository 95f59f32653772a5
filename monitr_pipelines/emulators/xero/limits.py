"""How often Xero lets a program ask: calls at once, a minute and a day of a tenant, a minute of all of them.

Minute and day are the sixty seconds and the twenty-four hours before a call, whenever they began.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

AT_ONCE = 5
APP_CALLS_A_MINUTE = 10_000
SECOND = timedelta(seconds=1)


@dataclass
class Window:
    """Calls within so long: `problem` is what a refusal calls it, `header` stands in those of all answers."""

    problem: str
    header: str
    calls: int
    length: timedelta
    made: deque[datetime] = field(default_factory=deque, repr=False)

    def full(self, now: datetime) -> bool:
        """Whether there is room for no other call."""
        while self.made and self.made[0] <= now - self.length:
            self.made.popleft()
        return len(self.made) >= self.calls

    def wait(self, now: datetime) -> str:
        """Whole seconds until there is room, as a header has them."""
        left = self.made[0] + self.length - now if self.made else self.length
        return str(max(1, ceil(left / SECOND)))

    def remaining(self) -> dict[str, str]:
        """What an answer tells of it."""
        return {f"X-{self.header}-Remaining": str(max(0, self.calls - len(self.made)))}


@dataclass(frozen=True)
class Call:
    """Whether a call is allowed, and what its answer tells."""

    allowed: bool
    headers: Mapping[str, str]


class CallLimits:
    """Counts the calls of each program in each tenant; one that is refused is not counted."""

    def __init__(self, now: Callable[[], datetime], minute: int, day: int) -> None:
        self.minute, self.day = minute, day
        self._now = now
        self._windows: dict[tuple[str, str | None], tuple[Window, ...]] = {}
        self._going_on: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    @contextmanager
    def counted(self, app: str, tenant: str) -> Iterator[Call]:
        """A call from its beginning to its end."""
        with self._lock:
            call = self._begun(app, tenant)
        try:
            yield call
        finally:
            if call.allowed:
                with self._lock:
                    self._going_on[app, tenant] -= 1

    def refusal(self) -> Mapping[str, str]:
        """The headers of a refusal for the minute, whoever asks."""
        return {"X-Rate-Limit-Problem": "minute", "Retry-After": "60"}

    def _begun(self, app: str, tenant: str) -> Call:
        now = self._now()
        windows = (*self._of(app, tenant), *self._of(app, None))
        full = [window for window in windows if window.full(now)]
        headers = {name: text for window in windows for name, text in window.remaining().items()}
        if full:
            longest = max(full, key=lambda window: window.length)
            told = {"X-Rate-Limit-Problem": longest.problem, "Retry-After": longest.wait(now)}
            return Call(allowed=False, headers=headers | told)
        if self._going_on.get((app, tenant), 0) >= AT_ONCE:
            return Call(allowed=False, headers=headers | {"X-Rate-Limit-Problem": "concurrent"})
        self._going_on[app, tenant] = self._going_on.get((app, tenant), 0) + 1
        for window in windows:
            window.made.append(now)
        remaining = {name: text for window in windows for name, text in window.remaining().items()}
        return Call(allowed=True, headers=remaining)

    def _of(self, app: str, tenant: str | None) -> tuple[Window, ...]:
        if (app, tenant) not in self._windows:
            minute, day = timedelta(minutes=1), timedelta(days=1)
            self._windows[app, tenant] = (
                (
                    Window("minute", "MinLimit", self.minute, minute),
                    Window("day", "DayLimit", self.day, day),
                )
                if tenant
                else (Window("appminute", "AppMinLimit", max(APP_CALLS_A_MINUTE, self.minute), minute),)
            )
        return self._windows[app, tenant]
