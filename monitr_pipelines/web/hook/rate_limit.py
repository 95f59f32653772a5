"""How often a key may ask: a bucket of tokens that fills evenly, one for each key, in this process."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic


@dataclass
class Bucket:
    """Tokens left, and the moment they were counted."""

    tokens: float
    counted_at: float


class RateLimit:
    """At most `per_minute` requests of a key within a minute, at once or evenly.

    Only keys that were verified are counted, so that there are no more buckets than valid keys.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[int, Bucket] = {}

    def wait(self, key_id: int) -> int:
        """Count a request; 0 where it may pass, else the whole seconds until one may."""
        now = self._clock()
        rate = self._per_minute / 60
        with self._lock:
            bucket = self._buckets.setdefault(key_id, Bucket(self._per_minute, now))
            bucket.tokens = min(self._per_minute, bucket.tokens + (now - bucket.counted_at) * rate)
            bucket.counted_at = now
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return 0
            return math.ceil((1 - bucket.tokens) / rate)
