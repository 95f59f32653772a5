"""The rules of Twinfield's authorization server: codes, access tokens of an hour, refresh tokens that stay.

Sources: the maker's page on OpenID Connect, and what clients reported of its answers.
"""

import secrets
from datetime import timedelta

from monitr_pipelines.emulators.frame.grants import GivenOut, Grant, Held, Pair, Refused

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(hours=1)
OPENID, OFFLINE = "openid", "offline_access"
SCOPES = frozenset({OPENID, OFFLINE, "twf.user", "twf.organisation", "twf.organisationUser"})


class Tokens(GivenOut[Grant]):
    """The rules."""

    def grant_code(self, grant: Grant, redirect: str) -> str:
        """A code for someone who agreed."""
        return self._keep_code(_word(), grant, CODE_LIFE, redirect)

    def grant_pair(self, app: str, scopes: frozenset[str] = SCOPES) -> Pair:
        """Tokens without a person, as if someone had agreed."""
        with self._lock:
            return self._pair(Grant(app, scopes))

    def exchange(self, app: str, secret: str, code: str, redirect: str) -> Pair:
        """The tokens for a code, which is spent.

        Raises:
            Refused: The program is not who it says, or the code is unknown, spent, old or another's.
        """
        with self._lock:
            self._authenticate(app, secret)
            granted = self._spend_code(code, app)
            if granted is None or granted.redirect != redirect:
                raise Refused("invalid_grant")
            return self._pair(granted.grant)

    def refresh(self, app: str, secret: str, token: str) -> Pair:
        """A new access token and the same refresh token, which may be used until someone withdraws it.

        Raises:
            Refused: The program is not who it says, or the token is unknown or withdrawn.
        """
        with self._lock:
            self._authenticate(app, secret)
            held = self._refreshes.get(token)
            if held is None or held.grant.app != app:
                raise Refused("invalid_grant")
            self.refreshes += 1
            return Pair(self._access(held.grant), token, held.grant)

    def _authenticate(self, app: str, secret: str) -> None:
        if not self.knows(app, secret):
            raise Refused("invalid_client")

    def _pair(self, grant: Grant) -> Pair:
        refresh = _word() if OFFLINE in grant.scopes else ""
        if refresh:
            self._refreshes[refresh] = Held(grant, self.now())
        return Pair(self._access(grant), refresh, grant)

    def _access(self, grant: Grant) -> str:
        now = self.now()
        return self._keep_access(_word(), Held(grant, now, now + ACCESS_LIFE))


def _word() -> str:
    return secrets.token_hex(16)
