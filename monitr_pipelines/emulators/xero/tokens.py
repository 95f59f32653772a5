"""The rules of Xero's authorization server: codes, access tokens, refresh tokens that rotate with a grace.

A refresh token that was just used may be used again for half an hour, for whoever lost the answer; one that
nobody uses ends after sixty days.
"""

import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(seconds=1800)
REFRESH_LIFE = timedelta(days=60)
GRACE = timedelta(minutes=30)
OFFLINE = "offline_access"


class Refused(Exception):
    """The answer of the token endpoint is a refusal."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True)
class App:
    """A program that is registered with the maker: its key, and where people may be sent back to."""

    id: str
    secret: str = field(repr=False)
    redirects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grant:
    """What a person agreed to: for whom, and what it may read."""

    app: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Pair:
    """What the token endpoint gives out; without `offline_access` there is no refresh token."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Access:
    """An access token: whose it is, and when it ends."""

    grant: Grant
    ends: datetime


@dataclass(frozen=True)
class _Code:
    grant: Grant
    redirect: str
    challenge: str | None
    ends: datetime


@dataclass(frozen=True)
class _Refresh:
    grant: Grant
    issued: datetime
    used: datetime | None = None


class Tokens:
    """What was given out and what became of it, asked by many threads at once.

    Args:
        apps: Who may ask.
        now: The server's time, in UTC.

    `refreshes` counts those that were granted, `reuses` those among them within the grace.
    """

    def __init__(self, apps: tuple[App, ...], now: Callable[[], datetime]) -> None:
        self.apps = {app.id: app for app in apps}
        self.refreshes = 0
        self.reuses = 0
        self._now = now
        self._codes: dict[str, _Code] = {}
        self._accesses: dict[str, Access] = {}
        self._refreshes: dict[str, _Refresh] = {}
        self._lock = threading.Lock()

    def grant_code(self, grant: Grant, redirect: str, challenge: str | None = None) -> str:
        """A code for someone who agreed, with the proof key of the program (RFC 7636, S256)."""
        with self._lock:
            code = secrets.token_urlsafe(32)
            self._codes[code] = _Code(grant, redirect, challenge, self._now() + CODE_LIFE)
            return code

    def grant_pair(self, grant: Grant) -> Pair:
        """A pair without a person, as if someone had just agreed."""
        with self._lock:
            return self._pair(grant)

    def exchange(self, app: str, secret: str, code: str, redirect: str, verifier: str | None = None) -> Pair:
        """The pair for a code, which is spent.

        Raises:
            Refused: The program is not who it says, or the code is unknown, spent, old or another's.
        """
        with self._lock:
            self._authenticate(app, secret)
            granted = self._codes.pop(code, None)
            if granted is None or granted.grant.app != app or granted.ends <= self._now():
                raise Refused("invalid_grant")
            if granted.redirect != redirect or not _proven(granted.challenge, verifier):
                raise Refused("invalid_grant")
            return self._pair(granted.grant)

    def refresh(self, app: str, secret: str, token: str) -> Pair:
        """A new pair for a refresh token; access tokens live on until their own end.

        Raises:
            Refused: The program is not who it says, or the token is unknown, old or was used too long ago.
        """
        with self._lock:
            self._authenticate(app, secret)
            held, now = self._refreshes.get(token), self._now()
            if held is None or held.grant.app != app or now >= held.issued + REFRESH_LIFE:
                raise Refused("invalid_grant")
            if held.used is None:
                self._refreshes[token] = replace(held, used=now)
            elif now < held.used + GRACE:
                self.reuses += 1
            else:
                raise Refused("invalid_grant")
            self.refreshes += 1
            return self._pair(held.grant)

    def holder(self, access: str | None) -> Access | None:
        """What an access token stands for, over or not; None where it is unknown."""
        with self._lock:
            return self._accesses.get(access or "")

    def end_access(self) -> None:
        """Every access token is over from now on; refresh tokens live on."""
        with self._lock:
            now = self._now()
            self._accesses = {
                word: replace(held, ends=min(held.ends, now)) for word, held in self._accesses.items()
            }

    def withdraw(self) -> None:
        """The person no longer allows it: nothing that was given out works."""
        with self._lock:
            self._accesses.clear()
            self._refreshes.clear()
            self._codes.clear()

    def _authenticate(self, app: str, secret: str) -> None:
        known = self.apps.get(app)
        if known is None or not secrets.compare_digest(known.secret.encode(), secret.encode()):
            raise Refused("invalid_client")

    def _pair(self, grant: Grant) -> Pair:
        now = self._now()
        access = f"ey{secrets.token_urlsafe(48)}.{secrets.token_urlsafe(48)}"
        self._accesses[access] = Access(grant, now + ACCESS_LIFE)
        if OFFLINE not in grant.scopes:
            return Pair(access, None, grant.scopes)
        refresh = secrets.token_urlsafe(32)
        self._refreshes[refresh] = _Refresh(grant, now)
        return Pair(access, refresh, grant.scopes)


def _proven(challenge: str | None, verifier: str | None) -> bool:
    if challenge is None:
        return True
    made = urlsafe_b64encode(sha256((verifier or "").encode()).digest()).rstrip(b"=").decode()
    return secrets.compare_digest(made, challenge)
