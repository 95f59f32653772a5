"""Who an operator is: a token, sent with each request or exchanged for a cookie on a page of ours.

A cookie is a moment in time, signed with the token that it was made for: it outlives a restart, and is worth
nothing once the token is taken out of the settings.
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from monitr_pipelines.web.guard.rules import header

COOKIE = "monitr_operator"
LIFE_SECONDS = 12 * 3600
SCHEME = "bearer "


@dataclass(frozen=True)
class Tokens:
    """The tokens of the operators; without any, everyone is let in."""

    tokens: tuple[str, ...]
    clock: Callable[[], float] = time.time

    def admit(self, asked: HTTPConnection) -> bool:
        """Whether a request comes from an operator, or from a proxy that vouches for one."""
        if not self.tokens:
            return True
        given = header(asked, "authorization")
        if given.lower().startswith(SCHEME) and self.token(given[len(SCHEME) :]):
            return True
        return self._is_live(asked.cookies.get(COOKIE, ""))

    def token(self, given: str) -> str | None:
        """The token that equals what was given; the time it takes tells nothing of it."""
        same = [token for token in self.tokens if _equal(token, given.strip())]
        return same[0] if same else None

    def set_cookie(self, response: Response, token: str, *, secure: bool) -> None:
        """Let a browser in until the cookie ends."""
        until = str(int(self.clock()) + LIFE_SECONDS)
        response.set_cookie(
            COOKIE,
            f"{until}.{_signature(token, until)}",
            max_age=LIFE_SECONDS,
            httponly=True,
            samesite="strict",
            secure=secure,
        )

    def _is_live(self, cookie: str) -> bool:
        until, _, signature = cookie.partition(".")
        signed = [token for token in self.tokens if _equal(_signature(token, until), signature)]
        return bool(signed) and int(until) > self.clock()


def _signature(token: str, until: str) -> str:
    return hmac.new(token.encode(), f"operator until {until}".encode(), hashlib.sha256).hexdigest()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode(errors="replace"))
