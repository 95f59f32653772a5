"""Signing in to Moneybird: one server, and access tokens that do not end for now.

An answer with a token has a refresh token and no `expires_in`; Moneybird says that tokens may end some day.
So a token counts as good for years, until one is refused: then it is renewed, where there is a refresh token.
A personal API token is an access token that nobody renews.
"""

from collections.abc import Mapping
from datetime import timedelta

from monitr_pipelines.lifecycle.errors import ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.oauth import OAuth
from monitr_pipelines.web_address import is_loopback, parts_of

TITLE = "Moneybird"
ADDRESS = "https://moneybird.com"
# What the reports, the documents, the bank and the projects take; see `datasets`.
SCOPES = ("sales_invoices", "documents", "bank", "settings")


def address_of(given: Mapping[str, str]) -> str:
    """Where Moneybird is; our secret goes there, so a server given to try it has to be on this machine.

    Raises:
        ReconnectNeeded: It is not.
    """
    url = given.get("url")
    if not url:
        return ADDRESS
    try:
        if is_loopback(parts_of(url).hostname or ""):
            return url.rstrip("/")
    except ValueError:
        pass
    raise ReconnectNeeded(Message("software_elsewhere", {"title": TITLE}))


OAUTH = OAuth(
    TITLE,
    authorize=lambda given: f"{address_of(given)}/oauth/authorize",
    token=lambda given: f"{address_of(given)}/oauth/token",
    scopes=SCOPES,
    lifetime=timedelta(days=3650),
)
