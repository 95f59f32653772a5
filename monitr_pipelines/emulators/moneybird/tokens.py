"""The rules of Moneybird's authorization server: codes, and tokens that live until they are taken back."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitr_pipelines.emulators.frame.grants import FOR_EVER, App, GivenOut, Grant, Held, Pair, Refused

CODE_LIFE = timedelta(minutes=10)
SCOPES = ("sales_invoices", "documents", "estimates", "bank", "time_entries", "settings")
DEFAULT_SCOPES = frozenset({"sales_invoices"})
INVALID_GRANT = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used "
    "in the authorization request, or was issued to another client."
)


@dataclass(frozen=True)
class Lives:
    """How long tokens live.

    Args:
        access: How long access tokens do; None for ever.
        refresh: Whether refresh tokens come along.
    """

    access: timedelta | None = None
    refresh: bool = True


class Tokens(GivenOut[Grant]):
    """The rules, for one program; `reuses` counts the refreshes that were asked with a spent token."""

    def __init__(self, app: App, now: Callable[[], datetime], lives: Lives) -> None:
        super().__init__((app,), now)
        self.app = app
        self.lives = lives
        self.reuses = 0
        # The access token that came with a refresh token.
        self._with: dict[str, str] = {}
        self._spent: set[str] = set()

    def grant_code(self, scopes: frozenset[str], redirect: str) -> str:
        """A code for someone who agreed."""
        return self._keep_code(secrets.token_hex(32), Grant(self.app.id, scopes), CODE_LIFE, redirect)

    def grant_pair(self, scopes: frozenset[str] = frozenset(SCOPES)) -> Pair:
        """A pair without a person, as if someone had agreed just now."""
        with self._lock:
            return self._pair(Grant(self.app.id, scopes))

    def personal(self, scopes: frozenset[str] = frozenset(SCOPES)) -> str:
        """A personal token: one that its owner made, for no program, and that does not end."""
        return self._keep_access(secrets.token_urlsafe(32), Held(Grant("personal", scopes), self.now()))

    def exchange(self, code: str, redirect: str) -> Pair:
        """The pair for a code, which is spent.

        Raises:
            Refused: The code is unknown, spent, old or of another address.
        """
        with self._lock:
            granted = self._spend_code(code, self.app.id)
            if granted is None or granted.redirect != redirect:
                raise Refused("invalid_grant", INVALID_GRANT)
            return self._pair(granted.grant)

    def refresh(self, token: str) -> Pair:
        """A new pair for a refresh token; it and the access token that came with it are over.

        Raises:
            Refused: The refresh token is unknown or spent.
        """
        with self._lock:
            held = self._refreshes.pop(token, None)
            if held is None:
                self.reuses += token in self._spent
                raise Refused("invalid_grant", INVALID_GRANT)
            self._spent.add(token)
            self._accesses.pop(self._with.pop(token), None)
            self.refreshes += 1
            return self._pair(held.grant)

    def authenticate(self, app: str, secret: str) -> None:
        """Ask a program who it is.

        Raises:
            Refused: It is not who it says.
        """
        if not self.knows(app, secret):
            text = "Client authentication failed due to unknown client, no client authentication included."
            raise Refused("invalid_client", text, 401)

    def _pair(self, grant: Grant) -> Pair:
        now, life = self.now(), self.lives.access
        refresh = secrets.token_urlsafe(32) if self.lives.refresh else ""
        ends = FOR_EVER if life is None else now + life
        access = self._keep_access(secrets.token_urlsafe(32), Held(grant, now, ends))
        if refresh:
            self._refreshes[refresh] = Held(grant, now)
            self._with[refresh] = access
        return Pair(access, refresh, grant)
