"""The rules of Intuit's authorization server: codes, access tokens, refresh tokens that change every day.

Sources: the maker's pages on OAuth 2.0, and what clients reported of its answers. A refresh gives the same
refresh token back for a day and then another one; who goes on with the one before is refused. Each grant is
for one company.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitr_pipelines.emulators.frame.grants import App, GivenOut, Grant, Held, Pair, Refused

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=100)
SAME_FOR = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class CompanyGrant(Grant):
    """What a person agreed to, for one company."""

    realm: str


class Tokens(GivenOut[CompanyGrant]):
    """The rules; `same_for` is how long a refresh gives the same refresh token back."""

    def __init__(
        self, apps: tuple[App, ...], now: Callable[[], datetime], same_for: timedelta = SAME_FOR
    ) -> None:
        super().__init__(apps, now)
        self._same_for = same_for

    def grant_code(self, app: str, realm: str, redirect: str) -> str:
        """A code for someone who agreed that a program reads a company."""
        grant = CompanyGrant(app, realm=realm)
        return self._keep_code(f"AB1{secrets.token_urlsafe(30)}", grant, CODE_LIFE, redirect)

    def grant_pair(self, app: str, realm: str) -> Pair:
        """A pair without a person."""
        with self._lock:
            return self._pair(CompanyGrant(app, realm=realm))

    def exchange(self, app: str, code: str, redirect: str) -> Pair:
        """The pair for a code, which is spent.

        Raises:
            Refused: The code is unknown, spent, old or another's.
        """
        with self._lock:
            granted = self._spend_code(code, app)
            if granted is None:
                raise Refused("invalid_grant", "Invalid authorization code")
            if granted.redirect != redirect:
                raise Refused("invalid_grant", "Invalid redirect URI")
            return self._pair(granted.grant)

    def refresh(self, app: str, token: str) -> Pair:
        """A new access token with the refresh token to go on with; access tokens live to their own end.

        Raises:
            Refused: The token is unknown, replaced or old.
        """
        with self._lock:
            held, now = self._refreshes.get(token), self.now()
            if held is None or held.grant.app != app or held.ends <= now:
                raise Refused("invalid_grant", "Incorrect or invalid refresh token")
            self.refreshes += 1
            if now - held.made < self._same_for:
                self._refreshes[token] = replace(held, ends=now + REFRESH_LIFE)
                return Pair(self._access(held.grant), token, held.grant)
            del self._refreshes[token]
            return self._pair(held.grant)

    def revoke(self, token: str) -> bool:
        """End the grant that a token is of; False where there is none."""
        with self._lock:
            held = self._refreshes.get(token) or self._accesses.get(token)
            if held is None:
                return False
            for words in (self._accesses, self._refreshes):
                for word in [word for word, each in words.items() if each.grant == held.grant]:
                    del words[word]
            return True

    def _pair(self, grant: CompanyGrant) -> Pair:
        access, now = self._access(grant), self.now()
        refresh = f"RT1-{secrets.token_hex(4)}-H0-{secrets.token_hex(16)}"
        self._refreshes[refresh] = Held(grant, now, now + REFRESH_LIFE)
        return Pair(access, refresh, grant)

    def _access(self, grant: CompanyGrant) -> str:
        now = self.now()
        # The real ones hold dots, as encrypted ones do.
        word = f"eyJ{secrets.token_urlsafe(24)}..{secrets.token_urlsafe(60)}"
        return self._keep_access(word, Held(grant, now, now + ACCESS_LIFE))
