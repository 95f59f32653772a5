"""The rules of Intuit's authorization server: codes, access tokens, refresh tokens that change every day.

Sources: the maker's pages on OAuth 2.0, and what clients reported of its answers. A refresh gives the same
refresh token back for a day and then another one; who goes on with the one before is refused. Each grant is
for one company.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=100)
SAME_FOR = timedelta(days=1)


class Refusal(Exception):
    """The answer of the token endpoint is a refusal."""

    def __init__(self, status: int, error: str, description: str = "") -> None:
        super().__init__(f"{status} {error}: {description}")
        self.status = status
        self.document = {"error": error} | ({"error_description": description} if description else {})


@dataclass(frozen=True)
class App:
    """A program that is registered with the maker: its key, and where people may be sent back to."""

    id: str
    secret: str = field(repr=False)
    redirects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """What the token endpoint gives out."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


@dataclass(frozen=True)
class _Code:
    app: str
    realm: str
    redirect: str
    ends: datetime


@dataclass(frozen=True)
class _Access:
    app: str
    realm: str
    ends: datetime


@dataclass(frozen=True)
class _Refresh:
    app: str
    realm: str
    made: datetime
    ends: datetime


class Tokens:
    """What was given out and what became of it, asked by many threads at once.

    Args:
        apps: Who may ask.
        now: The server's time, in UTC.
        same_for: How long a refresh gives the same refresh token back.

    `refreshes` counts the refreshes that were granted.
    """

    def __init__(
        self, apps: tuple[App, ...], now: Callable[[], datetime], same_for: timedelta = SAME_FOR
    ) -> None:
        self.apps = {app.id: app for app in apps}
        self.refreshes = 0
        self._now = now
        self._same_for = same_for
        self._codes: dict[str, _Code] = {}
        self._accesses: dict[str, _Access] = {}
        self._refreshes: dict[str, _Refresh] = {}
        self._lock = threading.Lock()

    def grant_code(self, app: str, realm: str, redirect: str) -> str:
        """A code for someone who agreed that a program reads a company."""
        with self._lock:
            code = f"AB1{secrets.token_urlsafe(30)}"
            self._codes[code] = _Code(app, realm, redirect, self._now() + CODE_LIFE)
            return code

    def grant_pair(self, app: str, realm: str) -> Pair:
        """A pair without a person."""
        with self._lock:
            return Pair(self._access(app, realm), self._refresh(app, realm))

    def exchange(self, app: App, code: str, redirect: str) -> Pair:
        """The pair for a code, which is spent.

        Raises:
            Refusal: The code is unknown, spent, old or another's.
        """
        with self._lock:
            granted = self._codes.pop(code, None)
            if granted is None or granted.app != app.id or granted.ends <= self._now():
                raise Refusal(400, "invalid_grant", "Invalid authorization code")
            if granted.redirect != redirect:
                raise Refusal(400, "invalid_grant", "Invalid redirect URI")
            return Pair(self._access(app.id, granted.realm), self._refresh(app.id, granted.realm))

    def refresh(self, app: App, token: str) -> Pair:
        """A new access token with the refresh token to go on with; access tokens live to their own end.

        Raises:
            Refusal: The token is unknown, replaced or old.
        """
        with self._lock:
            held, now = self._refreshes.get(token), self._now()
            if held is None or held.app != app.id or held.ends <= now:
                raise Refusal(400, "invalid_grant", "Incorrect or invalid refresh token")
            self.refreshes += 1
            if now - held.made < self._same_for:
                self._refreshes[token] = _Refresh(held.app, held.realm, held.made, now + REFRESH_LIFE)
                return Pair(self._access(held.app, held.realm), token)
            del self._refreshes[token]
            return Pair(self._access(held.app, held.realm), self._refresh(held.app, held.realm))

    def revoke(self, token: str) -> bool:
        """End the grant that a token is of; False where there is none."""
        with self._lock:
            held = self._refreshes.get(token) or self._accesses.get(token)
            if held is None:
                return False
            self._end(held.app, held.realm)
            return True

    def realm(self, access: str | None) -> str | None:
        """The company that an access token is for, None where the token is unknown or over."""
        with self._lock:
            held = self._accesses.get(access or "")
            return held.realm if held and self._now() < held.ends else None

    def allowed(self) -> list[tuple[str, str]]:
        """The programs and realms that a person agreed to and did not withdraw."""
        with self._lock:
            return sorted({(held.app, held.realm) for held in self._refreshes.values()})

    def end_access(self) -> None:
        """Every access token is over from now on, whatever its clock says; refresh tokens live on."""
        with self._lock:
            self._accesses.clear()

    def withdraw(self) -> None:
        """The person no longer allows it: nothing that was given out works."""
        with self._lock:
            self._accesses.clear()
            self._refreshes.clear()
            self._codes.clear()

    def _end(self, app: str, realm: str) -> None:
        of = (app, realm)
        self._accesses = {word: each for word, each in self._accesses.items() if (each.app, each.realm) != of}
        self._refreshes = {
            word: each for word, each in self._refreshes.items() if (each.app, each.realm) != of
        }

    def _access(self, app: str, realm: str) -> str:
        now = self._now()
        self._accesses = {word: held for word, held in self._accesses.items() if now < held.ends}
        # The real ones hold dots, as encrypted ones do.
        word = f"eyJ{secrets.token_urlsafe(24)}..{secrets.token_urlsafe(60)}"
        self._accesses[word] = _Access(app, realm, now + ACCESS_LIFE)
        return word

    def _refresh(self, app: str, realm: str) -> str:
        now = self._now()
        word = f"RT1-{secrets.token_hex(4)}-H0-{secrets.token_hex(16)}"
        self._refreshes[word] = _Refresh(app, realm, now, now + REFRESH_LIFE)
        return word
