"""Signing in to Twinfield: OpenID Connect, and the servers that hold the books of an organisation.

From developers.twinfield.com, "Web services overview": an access token lives for an hour, a refresh token for
decades, and the answer about an access token names the servers of its organisation.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from monitr_pipelines.lifecycle.errors import ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.oauth import OAuth, Proof
from monitr_pipelines.web_address import is_loopback, parts_of

TITLE = "Twinfield"
LOGIN = "https://login.twinfield.com"
DOMAIN = ".twinfield.com"
CONNECT = "/auth/authentication/connect"
VALIDATION = f"{CONNECT}/accesstokenvalidation"
CLUSTER = "twf.clusterUrl"
SCOPES = ("openid", "offline_access", "twf.user", "twf.organisation", "twf.organisationUser")


def login_of(given: Mapping[str, str]) -> str:
    """Where people sign in; our secret goes there, so it is never just any address.

    Raises:
        ReconnectNeeded: The address is not on this machine. Whether that may be called is the guard's to say
            (`providers.addresses`).
    """
    url = given.get("url")
    if not url:
        return LOGIN
    if _is_here(url):
        return url.rstrip("/")
    raise elsewhere()


def cluster_of(told: Any, given: Mapping[str, str]) -> str:  # noqa: ANN401 - whatever was answered
    """The address of the servers of an organisation, from the answer about a token; the token goes there.

    Raises:
        ReconnectNeeded: It is none of Twinfield's own.
    """
    address = told.get(CLUSTER) if isinstance(told, dict) else None
    if not isinstance(address, str):
        raise elsewhere()
    parts = urlsplit(address)
    of_twinfield = parts.scheme == "https" and (parts.hostname or "").endswith(DOMAIN)
    if of_twinfield or (given.get("url") and _is_here(address)):
        return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    raise elsewhere()


def elsewhere() -> ReconnectNeeded:
    """The software is not where it should be."""
    return ReconnectNeeded(Message("software_elsewhere", {"title": TITLE}))


def _is_here(url: str) -> bool:
    try:
        return is_loopback(parts_of(url).hostname or "")
    except ValueError:
        return False


OAUTH = OAuth(
    TITLE,
    authorize=lambda given: f"{login_of(given)}{CONNECT}/authorize",
    token=lambda given: f"{login_of(given)}{CONNECT}/token",
    scopes=SCOPES,
    proof=Proof.IN_HEADER,
    lifetime=timedelta(hours=1),
)
