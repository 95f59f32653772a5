"""Tokens of ten minutes: one tells who a user is, another opens one dossier to that user."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIFE = timedelta(minutes=10)
USER, DOSSIER = "user", "dossier"


@dataclass(frozen=True)
class _Held:
    kind: str
    of: str
    ends: datetime


@dataclass
class Tokens:
    """What was given out, asked by many threads at once; `issued` counts it by kind."""

    now: Callable[[], datetime]
    issued: dict[str, int] = field(default_factory=lambda: {USER: 0, DOSSIER: 0})
    _held: dict[str, _Held] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def give(self, kind: str, of: str) -> str:
        """A token of a kind, for a user or for the id of a dossier."""
        with self._lock:
            now = self.now()
            self._held = {word: held for word, held in self._held.items() if now < held.ends}
            word = ".".join(f"eyJ{secrets.token_urlsafe(24)}" for _ in range(3))
            self._held[word] = _Held(kind, of, now + LIFE)
            self.issued[kind] += 1
            return word

    def holder(self, kind: str, word: str) -> str | None:
        """Whom it was given to; None where it is unknown, of the other kind, or over."""
        with self._lock:
            held = self._held.get(word)
            return held.of if held and held.kind == kind and self.now() < held.ends else None

    def end_all(self) -> None:
        """Nothing that was given out works any more."""
        with self._lock:
            self._held.clear()
