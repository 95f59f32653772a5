"""Which requests an emulator had, and what became of them; tests read it."""

import threading
from collections import deque
from dataclasses import dataclass, field

from monitr_pipelines.emulators.frame.messages import Request

# An emulator that is left on for days keeps no more than these; `total` goes on counting.
KEPT = 100_000


@dataclass(frozen=True)
class Exchange:
    """A request, the status of its answer (0: none was sent) and the fault that it had."""

    request: Request
    status: int
    size: int
    fault: str | None = None


@dataclass
class Exchanges:
    """The latest exchanges in the order of their answers."""

    total: int = 0
    _kept: deque[Exchange] = field(default_factory=lambda: deque(maxlen=KEPT))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, exchange: Exchange) -> None:
        """Keep one."""
        with self._lock:
            self.total += 1
            self._kept.append(exchange)

    def of(self, path: str = "", method: str = "") -> list[Exchange]:
        """Those whose path has a part in it, of one method or of all."""
        with self._lock:
            kept = list(self._kept)
        return [each for each in kept if path in each.request.path and method in ("", each.request.method)]

    def clear(self) -> None:
        """Forget all, and count from nothing."""
        with self._lock:
            self.total = 0
            self._kept.clear()
