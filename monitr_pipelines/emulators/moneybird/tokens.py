"""The rules of Moneybird's authorization server: codes, and tokens that live until they are taken back."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

CODE_LIFE = timedelta(minutes=10)
SCOPES = ("sales_invoices", "documents", "estimates", "bank", "time_entries", "settings")
DEFAULT_SCOPES = frozenset({"sales_invoices"})
INVALID_GRANT = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used "
    "in the authorization request, or was issued to another client."
)


class TokenRefused(Exception):
    """The answer of the token endpoint is a refusal."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.status = status
        self.error = error
        self.description = description


@dataclass(frozen=True)
class App:
    """A program that is registered with the maker: its key, and where people may be sent back to."""

    id: str
    secret: str = field(repr=False)
    redirects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grant:
    """What a person agreed to: which program may see what."""

    app: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Pair:
    """What the token endpoint gives out; `refresh` is None where it gives none."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    grant: Grant
    created: datetime


@dataclass(frozen=True)
class Lives:
    """How long tokens live.

    Args:
        access: How long access tokens do; None for ever.
        refresh: Whether refresh tokens come along.
    """

    access: timedelta | None = None
    refresh: bool = True


@dataclass(frozen=True)
class _Code:
    grant: Grant
    redirect: str
    ends: datetime


class Tokens:
    """What was given out and what became of it, asked by many threads at once.

    `refreshes` counts the refreshes that were granted, `reuses` those that were asked with a spent token.
    """

    def __init__(self, app: App, now: Callable[[], datetime], lives: Lives) -> None:
        self.app = app
        self.lives = lives
        self.refreshes = 0
        self.reuses = 0
        self._now = now
        self._codes: dict[str, _Code] = {}
        self._accesses: dict[str, Pair] = {}
        self._refreshes: dict[str, Pair] = {}
        self._spent: set[str] = set()
        self._lock = threading.Lock()

    def grant_code(self, scopes: frozenset[str], redirect: str) -> str:
        """A code for someone who agreed."""
        with self._lock:
            code = secrets.token_hex(32)
            self._codes[code] = _Code(Grant(self.app.id, scopes), redirect, self._now() + CODE_LIFE)
            return code

    def grant_pair(self, scopes: frozenset[str] = frozenset(SCOPES)) -> Pair:
        """A pair without a person, as if someone had agreed just now."""
        with self._lock:
            return self._pair(Grant(self.app.id, scopes))

    def personal(self, scopes: frozenset[str] = frozenset(SCOPES)) -> str:
        """A personal token: one that its owner made, for no program, and that does not end."""
        with self._lock:
            pair = Pair(secrets.token_urlsafe(32), None, Grant("personal", scopes), self._now())
            self._accesses[pair.access] = pair
            return pair.access

    def exchange(self, code: str, redirect: str) -> Pair:
        """The pair for a code, which is spent.

        Raises:
            TokenRefused: The code is unknown, spent, old or of another address.
        """
        with self._lock:
            granted = self._codes.pop(code, None)
            if granted is None or granted.ends <= self._now() or granted.redirect != redirect:
                raise TokenRefused(400, "invalid_grant", INVALID_GRANT)
            return self._pair(granted.grant)

    def refresh(self, token: str) -> Pair:
        """A new pair for a refresh token; it and the access token that came with it are over.

        Raises:
            TokenRefused: The refresh token is unknown or spent.
        """
        with self._lock:
            held = self._refreshes.pop(token, None)
            if held is None:
                self.reuses += token in self._spent
                raise TokenRefused(400, "invalid_grant", INVALID_GRANT)
            self._spent.add(token)
            self._accesses.pop(held.access, None)
            self.refreshes += 1
            return self._pair(held.grant)

    def authenticate(self, app: str, secret: str) -> None:
        """Ask a program who it is.

        Raises:
            TokenRefused: It is not who it says.
        """
        known = self.app
        if app != known.id or not secrets.compare_digest(known.secret.encode(), secret.encode()):
            text = "Client authentication failed due to unknown client, no client authentication included."
            raise TokenRefused(401, "invalid_client", text)

    def holder(self, access: str | None) -> Grant | None:
        """Whom an access token was given to, None where it is unknown or over."""
        with self._lock:
            held = self._accesses.get(access or "")
            over = held and held.grant.app == self.app.id and self._is_over(held)
            return held.grant if held and not over else None

    def end_access(self) -> None:
        """Every access token is over from now on; refresh tokens live on."""
        with self._lock:
            self._accesses.clear()

    def withdraw(self) -> None:
        """The person no longer allows it: nothing that was given out works."""
        with self._lock:
            self._accesses.clear()
            self._refreshes.clear()
            self._codes.clear()

    def _is_over(self, pair: Pair) -> bool:
        return self.lives.access is not None and self._now() >= pair.created + self.lives.access

    def _pair(self, grant: Grant) -> Pair:
        refresh = secrets.token_urlsafe(32) if self.lives.refresh else None
        pair = Pair(secrets.token_urlsafe(32), refresh, grant, self._now())
        self._accesses[pair.access] = pair
        if refresh:
            self._refreshes[refresh] = pair
        return pair
