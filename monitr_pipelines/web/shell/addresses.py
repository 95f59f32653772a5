"""Addresses of the pages, and the way back to one."""

from urllib.parse import urlencode

ENTITIES = "/entities"
REPORTS = "/reports"
INTEGRATIONS = "/integrations"
BILLING = "/billing"
# What the navigation names, by the ids of its texts.
PLACES = {
    "page.entities": ENTITIES,
    "page.reports": REPORTS,
    "page.integrations": INTEGRATIONS,
    "page.billing": BILLING,
}


def local(address: str, otherwise: str = ENTITIES) -> str:
    """An address to go back to, if it is one of ours; else the Entities page, or another."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if ours else otherwise


def entities(**query: object) -> str:
    """The Entities page with what is searched and filtered for; empty values are left out."""
    given = {name: value for name, value in query.items() if value}
    return f"{ENTITIES}?{urlencode(given)}" if given else ENTITIES
