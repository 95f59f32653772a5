"""What the authorization server gives out: codes of five minutes, refresh tokens of sixty days, and access.

An access token is what a password would have got: it says for ten minutes who the user is.
"""

import secrets
from datetime import timedelta

from monitr_pipelines.emulators.frame.grants import App, GivenOut, Grant, Held, Pair, Refused
from monitr_pipelines.emulators.octopus.tokens import USER, Tokens

CODE_LIFE, REFRESH_LIFE = timedelta(minutes=5), timedelta(days=60)


class Grants(GivenOut[Grant]):
    """The rules, for one program and one user; access tokens are among the `tokens` of the service.

    `reuses` counts refreshes that were asked with a token that is spent.
    """

    def __init__(self, app: App, tokens: Tokens, user: str) -> None:
        super().__init__((app,), tokens.now)
        self.app = app
        self.tokens = tokens
        self.user = user
        self.reuses = 0
        self._spent: set[str] = set()

    def grant_code(self, redirect: str) -> str:
        """A code for someone who agreed."""
        return self._keep_code(secrets.token_urlsafe(24), Grant(self.app.id), CODE_LIFE, redirect)

    def grant_pair(self) -> Pair:
        """A pair without a code, as if someone had just agreed."""
        with self._lock:
            return self._pair()

    def exchange(self, code: str) -> Pair:
        """The pair for a code, which is spent; nobody looks where it was sent to.

        Raises:
            Refused: The code is unknown, spent or over.
        """
        with self._lock:
            if self._spend_code(code, self.app.id) is None:
                raise Refused("invalid_grant", "Invalid authorization code")
            return self._pair()

    def refresh(self, token: str) -> Pair:
        """A new pair for a refresh token, which is spent.

        Raises:
            Refused: The token is unknown, spent or over.
        """
        with self._lock:
            self.reuses += token in self._spent
            held = self._refreshes.pop(token, None)
            if held is None or held.ends <= self.now():
                raise Refused("invalid_grant", "Invalid refresh token")
            self._spent.add(token)
            self.refreshes += 1
            return self._pair()

    def _pair(self) -> Pair:
        now, grant = self.now(), Grant(self.app.id)
        refresh = secrets.token_urlsafe(32)
        self._refreshes[refresh] = Held(grant, now, now + REFRESH_LIFE)
        return Pair(self.tokens.give(USER, self.user), refresh, grant)
