"""Signing in to Xero: a person allows us in on Xero's page, and chooses the organisations there.

An access token lives for half an hour, a refresh token that nobody uses for sixty days; each exchange gives
another refresh token. See Xero's documentation of the standard authorization code flow.
"""

from collections.abc import Mapping
from datetime import timedelta

from monitr_pipelines.lifecycle.errors import ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.oauth import OAuth, Proof
from monitr_pipelines.web_address import is_loopback, parts_of

TITLE = "Xero"
# Only what is read. Apps that Xero did not approve for journals are refused the third on its page.
SCOPES = (
    "offline_access",
    "accounting.settings.read",
    "accounting.journals.read",
    "accounting.reports.trialbalance.read",
)


def address_of(given: Mapping[str, str], maker: str = "https://api.xero.com") -> str:
    """Where to ask: one of Xero's own addresses, or a server on this machine to try it.

    Raises:
        ReconnectNeeded: The address is not on this machine. Whether that may be called is the guard's to say
            (`providers.addresses`).
    """
    url = given.get("url")
    if not url:
        return maker
    try:
        host = parts_of(url).hostname or ""
    except ValueError:
        host = ""
    if not is_loopback(host):
        raise ReconnectNeeded(Message("software_moved", {"title": TITLE}))
    return url.rstrip("/")


OAUTH = OAuth(
    TITLE,
    authorize=lambda given: f"{address_of(given, 'https://login.xero.com')}/identity/connect/authorize",
    token=lambda given: f"{address_of(given, 'https://identity.xero.com')}/connect/token",
    scopes=SCOPES,
    pkce=True,
    proof=Proof.IN_HEADER,
    lifetime=timedelta(minutes=30),
)
