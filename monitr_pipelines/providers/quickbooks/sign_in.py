"""Signing in to QuickBooks Online: Intuit's own page, one company at a time.

An access token lives for an hour. The refresh token may be another one at any renewal, and ends a hundred
days after the last; the number of the company (`realmId`) comes back with the person and in no token.
"""

from collections.abc import Mapping
from datetime import timedelta

from monitr_pipelines.lifecycle.errors import ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.oauth import OAuth, Proof
from monitr_pipelines.web_address import is_loopback, parts_of

TITLE = "QuickBooks Online"
PAGE, TOKEN, API = (
    "https://appcenter.intuit.com",
    "https://oauth.platform.intuit.com",
    "https://quickbooks.api.intuit.com",
)
ACCOUNTING = "com.intuit.quickbooks.accounting"


def address_of(given: Mapping[str, str], usual: str = API) -> str:
    """One of Intuit's own addresses, or in the place of all of them that of a server to try.

    Raises:
        ReconnectNeeded: The address is not on this machine; our secret goes nowhere else.
    """
    url = given.get("url")
    if not url:
        return usual
    try:
        host = parts_of(url).hostname or ""
    except ValueError:
        host = ""
    if not is_loopback(host):
        raise ReconnectNeeded(Message("software_elsewhere", {"title": TITLE}))
    return url.rstrip("/")


OAUTH = OAuth(
    TITLE,
    authorize=lambda given: f"{address_of(given, PAGE)}/connect/oauth2",
    token=lambda given: f"{address_of(given, TOKEN)}/oauth2/v1/tokens/bearer",
    scopes=(ACCOUNTING,),
    proof=Proof.IN_HEADER,
    lifetime=timedelta(hours=1),
)
