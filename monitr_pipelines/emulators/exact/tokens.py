"""The rules of Exact Online's authorization server: codes, access tokens, refresh tokens that work once.

Sources: the maker's pages on getting and using access tokens, and what clients reported of its answers.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

CODE_LIFE = timedelta(minutes=3)
ACCESS_LIFE = timedelta(seconds=600)
EARLIEST_REFRESH = timedelta(seconds=570)
REFRESH_LIFE = timedelta(days=30)


class Refused(Exception):
    """The answer of the token endpoint is a refusal."""

    def __init__(self, status: int, error: str, description: str, reason: str | None = None) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.status = status
        self.error = error
        self.description = description
        self.reason = reason


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
    redirect: str
    ends: datetime


@dataclass(frozen=True)
class _Access:
    app: str
    ends: datetime


@dataclass(frozen=True)
class _Refresh:
    app: str
    issued: datetime
    used: bool = False


def _word(kind: str) -> str:
    # The real ones hold characters that have to be escaped in addresses and forms.
    return f"stampBE001.{kind}{secrets.token_urlsafe(24)}!IAAA/+{secrets.token_urlsafe(18)}=="


class Tokens:
    """What was given out and what became of it, asked by many threads at once.

    Args:
        apps: Who may ask.
        now: The server's time, in UTC.

    `refreshes` counts the refreshes that were granted, `reuses` those that were asked with a spent token.
    """

    def __init__(self, apps: tuple[App, ...], now: Callable[[], datetime]) -> None:
        self.apps = {app.id: app for app in apps}
        self.refreshes = 0
        self.reuses = 0
        self._now = now
        self._codes: dict[str, _Code] = {}
        self._accesses: dict[str, _Access] = {}
        self._refreshes: dict[str, _Refresh] = {}
        self._lock = threading.Lock()

    def grant_code(self, app: str, redirect: str) -> str:
        """A code for someone who agreed."""
        with self._lock:
            code = _word("c")
            self._codes[code] = _Code(app, redirect, self._now() + CODE_LIFE)
            return code

    def grant_pair(self, app: str) -> Pair:
        """A pair without a person, for tests and for trying a connector without a browser."""
        with self._lock:
            return self._pair(app)

    def grant_refresh(self, app: str) -> str:
        """A refresh token that was given out a while ago, so that it may be used at once."""
        with self._lock:
            return self._pair(app, self._now() - EARLIEST_REFRESH).refresh

    def exchange(self, app: str, secret: str, code: str, redirect: str) -> Pair:
        """The pair for a code, which is spent.

        Raises:
            Refused: The program is not who it says, or the code is unknown, spent, old or another's.
        """
        with self._lock:
            self._authenticate(app, secret)
            granted = self._codes.pop(code, None)
            if granted is None or granted.app != app or granted.ends <= self._now():
                raise Refused(400, "invalid_grant", "The code is invalid, expired or was used.")
            if granted.redirect != redirect:
                raise Refused(400, "invalid_grant", "The redirect_uri is not the one of the code.")
            return self._pair(app)

    def refresh(self, app: str, secret: str, token: str) -> Pair:
        """A new pair for a refresh token, which is spent; access tokens live on until their own end.

        Raises:
            Refused: The program is not who it says, or the token is unknown, spent, old or too young; one
                that is too young is not spent.
        """
        with self._lock:
            self._authenticate(app, secret)
            held = self._refreshes.get(token)
            if held is None or held.app != app:
                raise Refused(400, "invalid_grant", "The refresh token is invalid.")
            if held.used:
                self.reuses += 1
                raise Refused(401, "unauthorized_client", "Old refresh token used.")
            now = self._now()
            if now >= held.issued + REFRESH_LIFE:
                ended = f"{held.issued + REFRESH_LIFE:%m/%d/%Y %H:%M:%S}"
                raise Refused(
                    400,
                    "invalid_request",
                    f"The refresh token expired at {ended} and it is now {now:%m/%d/%Y %H:%M:%S}.",
                )
            if now < held.issued + EARLIEST_REFRESH:
                raise Refused(
                    400,
                    "access_denied",
                    "Rate limit exceeded: access_token not expired",
                    "TooEarlyToRefreshTokens",
                )
            self._refreshes[token] = replace(held, used=True)
            self.refreshes += 1
            return self._pair(app)

    def holder(self, access: str | None) -> str | None:
        """The program that an access token was given to, None where it is unknown or over."""
        with self._lock:
            held = self._accesses.get(access or "")
            return held.app if held and self._now() < held.ends else None

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
            raise Refused(400, "invalid_client", "The client id or secret is wrong.")

    def _pair(self, app: str, issued: datetime | None = None) -> Pair:
        now = self._now()
        self._accesses = {word: held for word, held in self._accesses.items() if now < held.ends}
        pair = Pair(_word("a"), _word("r"))
        self._accesses[pair.access] = _Access(app, (issued or now) + ACCESS_LIFE)
        self._refreshes[pair.refresh] = _Refresh(app, issued or now)
        return pair
