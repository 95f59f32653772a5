"""What the authorization server gives out: codes of five minutes, refresh tokens of sixty days, and access.

An access token is what a password would have got: it says for ten minutes who the user is.
"""

import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitr_pipelines.emulators.octopus.tokens import USER, Tokens

CODE_LIFE, REFRESH_LIFE = timedelta(minutes=5), timedelta(days=60)


class NotGranted(Exception):
    """The answer of the token endpoint is a refusal: the error code of RFC 6749 and a sentence."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Pair:
    """An access token with a refresh token."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


@dataclass
class Grants:
    """What became of codes and refresh tokens, asked by many threads at once.

    `reuses` counts refreshes that were asked with a token that is spent.
    """

    tokens: Tokens
    user: str
    reuses: int = 0
    _codes: dict[str, datetime] = field(default_factory=dict, repr=False)
    _refreshes: dict[str, datetime] = field(default_factory=dict, repr=False)
    _spent: set[str] = field(default_factory=set, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def code(self) -> str:
        """A code for someone who agreed."""
        with self._lock:
            code = secrets.token_urlsafe(24)
            self._codes[code] = self.tokens.now() + CODE_LIFE
            return code

    def pair(self) -> Pair:
        """A pair without a code, as if someone had just agreed."""
        with self._lock:
            return self._pair()

    def exchange(self, code: str) -> Pair:
        """The pair for a code, which is spent.

        Raises:
            NotGranted: The code is unknown, spent or over.
        """
        with self._lock:
            ends = self._codes.pop(code, None)
            if ends is None or ends <= self.tokens.now():
                raise NotGranted("invalid_grant", "Invalid authorization code")
            return self._pair()

    def refresh(self, token: str) -> Pair:
        """A new pair for a refresh token, which is spent.

        Raises:
            NotGranted: The token is unknown, spent or over.
        """
        with self._lock:
            self.reuses += token in self._spent
            ends = self._refreshes.pop(token, None)
            if ends is None or ends <= self.tokens.now():
                raise NotGranted("invalid_grant", "Invalid refresh token")
            self._spent.add(token)
            return self._pair()

    def withdraw(self) -> None:
        """The user no longer allows it: no code and no refresh token works."""
        with self._lock:
            self._codes.clear()
            self._refreshes.clear()

    def _pair(self) -> Pair:
        refresh = secrets.token_urlsafe(32)
        self._refreshes[refresh] = self.tokens.now() + REFRESH_LIFE
        return Pair(self.tokens.give(USER, self.user), refresh)
