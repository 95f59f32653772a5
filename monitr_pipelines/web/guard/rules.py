"""What is refused before Dagster hears of it, by the head of a request alone.

Dagster runs mutations that come by GET, in a form or as plain text, which any page can send without being
asked; it compares neither Host nor Origin.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from monitr_pipelines.web.guard.addresses import Addresses

GRAPHQL = "graphql"
READS = ("GET", "HEAD")
OF_OUR_OWN = ("same-origin", "none")


@dataclass(frozen=True)
class Refusal:
    """A status of HTTP, and the name of the sentence that goes with it."""

    status: int
    reason: str


UNKNOWN_HOST = Refusal(421, "host")
FOREIGN = Refusal(403, "foreign")
METHOD = Refusal(405, "method")
NOT_JSON = Refusal(415, "json")


def refused(asked: HTTPConnection, addresses: Addresses) -> Refusal | None:
    """Why a request, or the start of a WebSocket, is refused; None where it is not."""
    host = header(asked, "host")
    if not addresses.answers_to(host):
        return UNKNOWN_HOST
    if _is_foreign(asked, addresses, host):
        return FOREIGN
    return _form_refused(asked) if asked.scope["type"] == "http" else None


def header(asked: HTTPConnection, name: str) -> str:
    """The value of a header; one that is sent twice has none of its values."""
    return ", ".join(asked.headers.getlist(name))


def is_graphql(asked: HTTPConnection) -> bool:
    """Whether it goes to the endpoint of queries and mutations."""
    return str(asked.scope["path"]).strip("/").lower() == GRAPHQL


def wants_page(asked: HTTPConnection) -> bool:
    """Whether a browser opens a page, rather than a script of one asking for something."""
    return asked.scope.get("method") in READS and "text/html" in header(asked, "accept")


def _is_foreign(asked: HTTPConnection, addresses: Addresses, host: str) -> bool:
    """Whether the page of another site asks; a link to one of our pages may stand anywhere."""
    origin = header(asked, "origin")
    if origin and not addresses.owns(origin, host):
        return True
    site = header(asked, "sec-fetch-site")
    if site:
        return site not in OF_OUR_OWN and not _follows_link(asked)
    referrer = header(asked, "referer")
    if origin or not referrer or asked.scope.get("method") in READS:
        return False
    page = urlsplit(referrer)
    return not addresses.owns(f"{page.scheme}://{page.netloc}", host)


def _follows_link(asked: HTTPConnection) -> bool:
    is_window = (header(asked, "sec-fetch-mode"), header(asked, "sec-fetch-dest")) == ("navigate", "document")
    return is_window and asked.scope.get("method") in READS and not is_graphql(asked)


def _form_refused(asked: HTTPConnection) -> Refusal | None:
    method = asked.scope["method"]
    if method in READS:
        return METHOD if is_graphql(asked) and not wants_page(asked) else None
    if method != "POST":
        return METHOD
    kind = header(asked, "content-type").partition(";")[0].strip().lower()
    return None if kind == "application/json" else NOT_JSON
