"""Addresses of the pages, and the way back to one."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import Request

SIGN_IN = "/sign-in"
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


def here(request: Request) -> str:
    """The path of a request with its query, to come back to; of a form that was posted, the first page."""
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def entities(**query: object) -> str:
    """The Entities page with what is searched and filtered for; empty values are left out."""
    return _with(ENTITIES, query)


def sign_in(*, back: str = ENTITIES, unsent: int = 0) -> str:
    """The sign-in page: where it leads `back` to, and whether a form was `unsent` (its session had ended)."""
    return _with(SIGN_IN, {"back": "" if back == ENTITIES else back, "unsent": unsent})


def _with(address: str, query: Mapping[str, object]) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"{address}?{urlencode(given)}" if given else address
