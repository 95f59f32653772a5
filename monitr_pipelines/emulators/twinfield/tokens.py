"""The rules of Twinfield's authorization server: codes, access tokens of an hour, refresh tokens that stay.

Sources: the maker's page on OpenID Connect, and what clients reported of its answers.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(hours=1)
OPENID, OFFLINE = "openid", "offline_access"
SCOPES = frozenset({OPENID, OFFLINE, "twf.user", "twf.organisation", "twf.organisationUser"})


class Refused(Exception):
    """The answer of the token endpoint is a refusal, by its error code."""

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
    """What was agreed to: by which program, for which scopes, until when (None: for decades)."""

    app: str
    scopes: frozenset[str]
    ends: datetime | None = None
    redirect: str = ""

    @property
    def lasts(self) -> bool:
        """Whether a refresh token belongs to it."""
        return OFFLINE in self.scopes


@dataclass(frozen=True)
class Given:
    """What the token endpoint gives out; no refresh token where nobody asked for offline access."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)


class Tokens:
    """What was given out and what became of it, asked by many threads at once.

    Args:
        apps: Who may ask.
        now: The server's time, in UTC.

    `refreshes` counts the refreshes that were granted.
    """

    def __init__(self, apps: tuple[App, ...], now: Callable[[], datetime]) -> None:
        self.apps = {app.id: app for app in apps}
        self.refreshes = 0
        self._now = now
        self._codes: dict[str, Grant] = {}
        self._accesses: dict[str, Grant] = {}
        self._refreshes: dict[str, Grant] = {}
        self._lock = threading.Lock()

    def grant_code(self, app: str, redirect: str, scopes: frozenset[str]) -> str:
        """A code for someone who agreed."""
        with self._lock:
            code = _word()
            self._codes[code] = Grant(app, scopes, self._now() + CODE_LIFE, redirect)
            return code

    def grant(self, app: str, scopes: frozenset[str] = SCOPES) -> Given:
        """Tokens without a person, as if someone had agreed."""
        with self._lock:
            return self._given(Grant(app, scopes))

    def exchange(self, app: str, secret: str, code: str, redirect: str) -> Given:
        """The tokens for a code, which is spent.

        Raises:
            Refused: The program is not who it says, or the code is unknown, spent, old or another's.
        """
        with self._lock:
            self._authenticate(app, secret)
            granted = self._codes.pop(code, None)
            if granted is None or granted.app != app or granted.redirect != redirect or self._over(granted):
                raise Refused("invalid_grant")
            return self._given(Grant(app, granted.scopes))

    def refresh(self, app: str, secret: str, token: str) -> Given:
        """A new access token and the same refresh token, which may be used until someone withdraws it.

        Raises:
            Refused: The program is not who it says, or the token is unknown or withdrawn.
        """
        with self._lock:
            self._authenticate(app, secret)
            held = self._refreshes.get(token)
            if held is None or held.app != app:
                raise Refused("invalid_grant")
            self.refreshes += 1
            return Given(self._access(held), token)

    def holder(self, access: str | None) -> Grant | None:
        """What an access token stands for, None where it is unknown or over."""
        with self._lock:
            held = self._accesses.get(access or "")
            return None if held is None or self._over(held) else held

    def allowed(self) -> list[str]:
        """The programs that a person agreed to and did not withdraw."""
        with self._lock:
            return sorted({held.app for held in self._refreshes.values()})

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

    def _authenticate(self, app: str, secret: str) -> None:
        known = self.apps.get(app)
        if known is None or not secrets.compare_digest(known.secret.encode(), secret.encode()):
            raise Refused("invalid_client")

    def _given(self, grant: Grant) -> Given:
        refresh = _word() if grant.lasts else None
        if refresh:
            self._refreshes[refresh] = grant
        return Given(self._access(grant), refresh)

    def _access(self, grant: Grant) -> str:
        self._accesses = {word: held for word, held in self._accesses.items() if not self._over(held)}
        word = _word()
        self._accesses[word] = Grant(grant.app, grant.scopes, self._now() + ACCESS_LIFE)
        return word

    def _over(self, grant: Grant) -> bool:
        return grant.ends is not None and grant.ends <= self._now()


def _word() -> str:
    return secrets.token_hex(16)
