"""Signing in to Exact Online: every country is an instance of its own, with its own tokens.

An access token lives for 600 seconds, and new ones are refused before 570 of them are over
(`TooEarlyToRefreshTokens`); that refusal leaves the refresh token as it was. Each refresh token is good
once. They are asked for in the last 25 seconds, so that most questions never meet a token that has ended.
"""

from collections.abc import Mapping
from datetime import timedelta

from monitr_pipelines.lifecycle.errors import ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.oauth import OAuth
from monitr_pipelines.providers.transport import Reply
from monitr_pipelines.web_address import is_loopback, parts_of

TITLE = "Exact Online"
COUNTRIES = {"be": "https://start.exactonline.be", "nl": "https://start.exactonline.nl"}
TOO_EARLY = "TooEarlyToRefreshTokens"


def address_of(given: Mapping[str, str]) -> str:
    """Where the instance of a connection is; our secret goes there, so it is never just any address.

    Raises:
        ReconnectNeeded: The country is none, or the address is not on this machine. Whether that may be
            called is the guard's to say (`providers.addresses`).
    """
    if url := given.get("url"):
        return _on_this_machine(url)
    if address := COUNTRIES.get(given.get("country", "")):
        return address
    raise _no_address()


def _on_this_machine(url: str) -> str:
    try:
        host = parts_of(url).hostname or ""
    except ValueError:
        raise _no_address() from None
    if not is_loopback(host):
        raise _no_address()
    return url.rstrip("/")


def _no_address() -> ReconnectNeeded:
    return ReconnectNeeded(Message("software_elsewhere", {"title": TITLE}))


def _is_too_early(reply: Reply) -> bool:
    return reply.headers.get("Reason") == TOO_EARLY


OAUTH = OAuth(
    TITLE,
    authorize=lambda given: f"{address_of(given)}/api/oauth2/auth",
    token=lambda given: f"{address_of(given)}/api/oauth2/token",
    lifetime=timedelta(seconds=600),
    renew_before=timedelta(seconds=25),
    unspent=_is_too_early,
)
