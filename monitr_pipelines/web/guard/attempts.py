"""How often an address may try a token that is wrong."""

from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic

MOST = 10
WINDOW_SECONDS = 60
MOST_ADDRESSES = 1000


class Attempts:
    """Failures within the last minute, by address; of many addresses, those of late."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """The whole seconds until an address may try again; 0 where it may now."""
        failures = self._failures.get(address, deque())
        now = self._clock()
        while failures and failures[0] <= now - WINDOW_SECONDS:
            failures.popleft()
        return int(failures[0] + WINDOW_SECONDS - now) + 1 if len(failures) >= MOST else 0

    def failed(self, address: str) -> None:
        """Count a failure."""
        self._failures.setdefault(address, deque(maxlen=MOST)).append(self._clock())
        self._failures.move_to_end(address)
        while len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)
