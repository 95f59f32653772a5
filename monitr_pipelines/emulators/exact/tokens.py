"""The rules of Exact Online's authorization server: codes, access tokens, refresh tokens that work once.

Sources: the maker's pages on getting and using access tokens, and what clients reported of its answers.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from monitr_pipelines.emulators.frame.grants import App, GivenOut, Grant, Held, Pair, Refused

CODE_LIFE = timedelta(minutes=3)
ACCESS_LIFE = timedelta(seconds=600)
EARLIEST_REFRESH = timedelta(seconds=570)
REFRESH_LIFE = timedelta(days=30)


class TooEarly(Refused):
    """The access token is not over yet."""

    def __init__(self) -> None:
        super().__init__("access_denied", "Rate limit exceeded: access_token not expired")


def _word(kind: str) -> str:
    # The real ones hold characters that have to be escaped in addresses and forms.
    return f"stampBE001.{kind}{secrets.token_urlsafe(24)}!IAAA/+{secrets.token_urlsafe(18)}=="


class Tokens(GivenOut[Grant]):
    """The rules; `reuses` counts the refreshes that were asked with a spent token."""

    def __init__(self, apps: tuple[App, ...], now: Callable[[], datetime]) -> None:
        super().__init__(apps, now)
        self.reuses = 0
        self._used: set[str] = set()

    def grant_code(self, app: str, redirect: str) -> str:
        """A code for someone who agreed."""
        return self._keep_code(_word("c"), Grant(app), CODE_LIFE, redirect)

    def grant_pair(self, app: str, ago: timedelta = timedelta()) -> Pair:
        """A pair without a person, as if someone had agreed so long ago."""
        with self._lock:
            return self._pair(Grant(app), ago)

    def exchange(self, app: str, secret: str, code: str, redirect: str) -> Pair:
        """The pair for a code, which is spent.

        Raises:
            Refused: The program is not who it says, or the code is unknown, spent, old or another's.
        """
        with self._lock:
            self._authenticate(app, secret)
            granted = self._spend_code(code, app)
            if granted is None:
                raise Refused("invalid_grant", "The code is invalid, expired or was used.")
            if granted.redirect != redirect:
                raise Refused("invalid_grant", "The redirect_uri is not the one of the code.")
            return self._pair(granted.grant)

    def refresh(self, app: str, secret: str, token: str) -> Pair:
        """A new pair for a refresh token, which is spent; access tokens live on until their own end.

        Raises:
            Refused: The program is not who it says, or the token is unknown, spent, old or too young; one
                that is too young is not spent.
        """
        with self._lock:
            self._authenticate(app, secret)
            held = self._refreshes.get(token)
            if held is None or held.grant.app != app:
                raise Refused("invalid_grant", "The refresh token is invalid.")
            if token in self._used:
                self.reuses += 1
                raise Refused("unauthorized_client", "Old refresh token used.", 401)
            now = self.now()
            if now >= held.ends:
                ended, today = (f"{moment:%m/%d/%Y %H:%M:%S}" for moment in (held.ends, now))
                text = f"The refresh token expired at {ended} and it is now {today}."
                raise Refused("invalid_request", text)
            if now < held.made + EARLIEST_REFRESH:
                raise TooEarly
            self._used.add(token)
            self.refreshes += 1
            return self._pair(held.grant)

    def _authenticate(self, app: str, secret: str) -> None:
        if not self.knows(app, secret):
            raise Refused("invalid_client", "The client id or secret is wrong.")

    def _pair(self, grant: Grant, ago: timedelta = timedelta()) -> Pair:
        made = self.now() - ago
        access = self._keep_access(_word("a"), Held(grant, made, made + ACCESS_LIFE))
        refresh = _word("r")
        self._refreshes[refresh] = Held(grant, made, made + REFRESH_LIFE)
        return Pair(access, refresh, grant)
