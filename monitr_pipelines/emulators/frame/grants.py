"""What an authorization server gives out: to which programs, for what, and what became of it.

How long words live, whether they change and how a refusal reads is each software's own.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import urlsplit

FOR_EVER = datetime.max.replace(tzinfo=UTC)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Refused(Exception):
    """The answer of the token endpoint is a refusal.

    Args:
        error: Its code, such as `invalid_grant` (RFC 6749).
        description: A sentence for people, empty where the software says none.
        status: That of HTTP.
    """

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.status = status
        self.document = {"error": error} | ({"error_description": description} if description else {})


@dataclass(frozen=True)
class App:
    """A program that is registered with the maker: its key, and where people may be sent back to.

    Without redirects that is anywhere on this machine.
    """

    id: str
    secret: str = field(repr=False)
    redirects: tuple[str, ...] = ()

    def takes(self, redirect: str) -> bool:
        """Whether people may be sent back to an address; one that is not registered may be a thief's."""
        if self.redirects:
            return redirect in self.redirects
        parts = urlsplit(redirect)
        return parts.scheme in ("http", "https") and parts.hostname in LOOPBACK

    def proven_by(self, secret: str) -> bool:
        """Whether a secret is its own."""
        return secrets.compare_digest(self.secret.encode(), secret.encode())


@dataclass(frozen=True)
class Grant:
    """What a person agreed to: for which program, and for which scopes, where the software has them."""

    app: str
    scopes: frozenset[str] = frozenset()


Agreed = TypeVar("Agreed", bound=Grant)


@dataclass(frozen=True)
class Held(Generic[Agreed]):
    """What a token stands for, since when, and until when."""

    grant: Agreed
    made: datetime
    ends: datetime = FOR_EVER


@dataclass(frozen=True)
class Code(Held[Agreed]):
    """What a code stands for, with the address that it was sent to."""

    redirect: str = ""


@dataclass(frozen=True)
class Pair:
    """What the token endpoint gives out; `refresh` is empty where it gives none."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    grant: Grant


class GivenOut(Generic[Agreed]):
    """Codes and tokens that were given out, asked for by many threads at once.

    A rule of a software is a method of its own that holds the lock from its first look to its last word.

    Args:
        apps: Who may ask.
        now: The server's time, in UTC.

    `refreshes` counts the refreshes that were granted.
    """

    def __init__(self, apps: tuple[App, ...], now: Callable[[], datetime]) -> None:
        self.apps = {app.id: app for app in apps}
        self.now = now
        self.refreshes = 0
        self._codes: dict[str, Code[Agreed]] = {}
        self._accesses: dict[str, Held[Agreed]] = {}
        self._refreshes: dict[str, Held[Agreed]] = {}
        self._lock = threading.RLock()

    def knows(self, app: str, secret: str) -> bool:
        """Whether a program is who it says."""
        known = self.apps.get(app)
        return known is not None and known.proven_by(secret)

    def holder(self, access: str | None) -> Held[Agreed] | None:
        """What an access token stands for, None where it is unknown or over."""
        with self._lock:
            held = self._accesses.get(access or "")
            return held if held and self.now() < held.ends else None

    def allowed(self) -> set[Agreed]:
        """What a person agreed to and did not withdraw."""
        with self._lock:
            return {held.grant for held in self._refreshes.values()}

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

    def _keep_code(self, code: str, grant: Agreed, life: timedelta, redirect: str) -> str:
        now = self.now()
        with self._lock:
            self._codes[code] = Code(grant, now, now + life, redirect)
        return code

    def _spend_code(self, code: str, app: str) -> Code[Agreed] | None:
        """What a code stood for; None where it is unknown, spent, over or another program's."""
        with self._lock:
            held = self._codes.pop(code, None)
        return held if held and held.grant.app == app and self.now() < held.ends else None

    def _keep_access(self, access: str, held: Held[Agreed]) -> str:
        """Keep an access token, and forget those that are over."""
        with self._lock:
            now = self.now()
            self._accesses = {word: each for word, each in self._accesses.items() if now < each.ends}
            self._accesses[access] = held
        return access
