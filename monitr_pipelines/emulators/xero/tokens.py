"""The rules of Xero's authorization server: codes, access tokens, refresh tokens that rotate with a grace.

A refresh token that was just used may be used again for half an hour, for whoever lost the answer; one that
nobody uses ends after sixty days.
"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from monitr_pipelines.emulators.frame.grants import App, GivenOut, Grant, Held, Pair, Refused

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(seconds=1800)
REFRESH_LIFE = timedelta(days=60)
GRACE = timedelta(minutes=30)
OFFLINE = "offline_access"


class Tokens(GivenOut[Grant]):
    """The rules; `reuses` counts the refreshes within the grace."""

    def __init__(self, apps: tuple[App, ...], now: Callable[[], datetime]) -> None:
        super().__init__(apps, now)
        self.reuses = 0
        self._challenges: dict[str, str | None] = {}
        self._used: dict[str, datetime] = {}

    def grant_code(self, grant: Grant, redirect: str, challenge: str | None = None) -> str:
        """A code for someone who agreed, with the proof key of the program (RFC 7636, S256)."""
        with self._lock:
            code = self._keep_code(secrets.token_urlsafe(32), grant, CODE_LIFE, redirect)
            self._challenges[code] = challenge
            return code

    def grant_pair(self, grant: Grant) -> Pair:
        """A pair without a person, as if someone had just agreed."""
        with self._lock:
            return self._pair(grant)

    def exchange(self, app: str, secret: str, code: str, redirect: str, verifier: str | None = None) -> Pair:
        """The pair for a code, which is spent.

        Raises:
            Refused: The program is not who it says, or the code is unknown, spent, old or another's.
        """
        with self._lock:
            self._authenticate(app, secret)
            granted, challenge = self._spend_code(code, app), self._challenges.pop(code, None)
            if granted is None or granted.redirect != redirect or not _proven(challenge, verifier):
                raise Refused("invalid_grant")
            return self._pair(granted.grant)

    def refresh(self, app: str, secret: str, token: str) -> Pair:
        """A new pair for a refresh token; access tokens live on until their own end.

        Raises:
            Refused: The program is not who it says, or the token is unknown, old or was used too long ago.
        """
        with self._lock:
            self._authenticate(app, secret)
            held, now = self._refreshes.get(token), self.now()
            if held is None or held.grant.app != app or now >= held.ends:
                raise Refused("invalid_grant")
            if token not in self._used:
                self._used[token] = now
            elif now < self._used[token] + GRACE:
                self.reuses += 1
            else:
                raise Refused("invalid_grant")
            self.refreshes += 1
            return self._pair(held.grant)

    def known(self, access: str | None) -> Held[Grant] | None:
        """What an access token stands for, over or not; None where it is unknown."""
        with self._lock:
            return self._accesses.get(access or "")

    def end_access(self) -> None:
        """Every access token is over from now on; refresh tokens live on."""
        with self._lock:
            now = self.now()
            self._accesses = {
                word: replace(held, ends=min(held.ends, now)) for word, held in self._accesses.items()
            }

    def _authenticate(self, app: str, secret: str) -> None:
        if not self.knows(app, secret):
            raise Refused("invalid_client")

    def _pair(self, grant: Grant) -> Pair:
        now = self.now()
        access = f"ey{secrets.token_urlsafe(48)}.{secrets.token_urlsafe(48)}"
        # Those that are over are kept: the service tells them from unknown ones.
        self._accesses[access] = Held(grant, now, now + ACCESS_LIFE)
        refresh = secrets.token_urlsafe(32) if OFFLINE in grant.scopes else ""
        if refresh:
            self._refreshes[refresh] = Held(grant, now, now + REFRESH_LIFE)
        return Pair(access, refresh, grant)


def _proven(challenge: str | None, verifier: str | None) -> bool:
    if challenge is None:
        return True
    made = urlsafe_b64encode(sha256((verifier or "").encode()).digest()).rstrip(b"=").decode()
    return secrets.compare_digest(made, challenge)
