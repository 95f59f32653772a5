"""Asking Exact Online: its envelope, and its two ways of paging."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from operator import attrgetter, ge
from typing import Any, NoReturn, TypeAlias
from urllib.parse import urlsplit

from msgspec import ValidationError

from monitr_pipelines.lifecycle.errors import EntityGone, InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.contract import Ports
from monitr_pipelines.providers.exact.datasets import (
    PAGE,
    Dataset,
    Envelope,
    R,
    S,
    SyncDataset,
    TypedDataset,
    limits_of,
    rate_headers_of,
)
from monitr_pipelines.providers.exact.refusals import refusal
from monitr_pipelines.providers.exact.sign_in import OAUTH, TITLE, address_of
from monitr_pipelines.providers.exact.values import Row, unknown, whole
from monitr_pipelines.providers.http import Client, Decode, Follows
from monitr_pipelines.providers.oauth import Grant

ROOT = "/api/v1"
Page: TypeAlias = tuple[Sequence[Any], str | None]
MOST_PAGES = 100_000
JSON = {"Accept": "application/json"}
VERSION_NAME = b'"Timestamp":'
VERSION = re.compile(VERSION_NAME + rb'\s*"?(\d{1,19})').match
LONGEST_LINK = 2000
LINK = re.compile(rb'"__next"\s*:\s*"([^"\\]*)"\s*}\s*}\s*$').search
VERSION_OF_ROW = attrgetter("timestamp")


class Api:
    """The API of one instance, for one division; None to ask what the user sees.

    The tenth refusal within an hour blocks the whole application at Exact: the first one of an import
    ends it, besides one 401 for a token that has ended.

    Raises:
        EntityGone: The division is no number, so it is none.
    """

    def __init__(self, ports: Ports, division: str | None) -> None:
        if division is not None and not (division.isascii() and division.isdecimal()):
            raise EntityGone(Message("administration_hidden", {"title": TITLE}))
        grant = Grant(OAUTH, ports)
        self._client = Client(
            TITLE,
            address_of(grant.credentials),
            ports.rate_limits,
            limits_of(division),
            rate_headers=rate_headers_of(division),
            authorization=grant,
            refusal=refusal,
        )
        self._division = division
        self._answered_at: datetime | None = None

    def now(self) -> datetime:
        """The moment of the last answer by the clock of the server, which also stamps its rows; else ours."""
        return self._answered_at or datetime.now(UTC)

    def current_division(self) -> str:
        """The division that the user works in."""
        inner = self._answer(f"{ROOT}/current/Me", {"$select": "CurrentDivision"})
        rows = inner.get("results", [inner]) if isinstance(inner, dict) else inner
        if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
            unknown("Me is not one row")
        return str(whole(rows[0], "CurrentDivision"))

    def rows(self, dataset: Dataset, where: str | None = None) -> Iterator[Row]:
        """Every row of a dataset, page by page as Exact links them.

        Raises:
            InconsistentData: A link leads back to a page that was read, or to another dataset.
        """
        return self._linked(dataset, where, self._page)

    def typed_rows(self, dataset: TypedDataset[R], where: str) -> Iterator[R]:
        """The same of a dataset that declares the type of its rows; each next page is asked for ahead."""

        def page(path: str, query: dict[str, str]) -> Page:
            own_path = path.partition("?")[0]

            def following(body: bytes) -> Call | None:
                link = _link(body)
                return None if link is None else Call("GET", f"{own_path}?{urlsplit(link).query}", JSON, {})

            return _parts(self._ask(Call("GET", path, JSON, query), dataset.decode, following))

        return self._linked(dataset, where, page)

    def _linked(
        self,
        dataset: Dataset | TypedDataset[R],
        where: str | None,
        page: Callable[[str, dict[str, str]], Page],
    ) -> Iterator[Any]:
        path = f"{ROOT}/{self.division}/{dataset.path}"
        query = {"$select": ",".join(dataset.fields)} | ({"$filter": where} if where else {})
        rows, link = page(path, query)
        seen = set[str]()
        yield from rows
        while link is not None:
            parts = urlsplit(link)
            if parts.path != path or not parts.query or parts.query in seen or len(seen) >= MOST_PAGES:
                contradicts(f"the link to the next page of {dataset.path} leads elsewhere")
            seen.add(parts.query)
            # At our own address, whatever host the link names: credentials go nowhere else.
            rows, link = page(f"{path}?{parts.query}", {})
            yield from rows

    def pages_since(self, dataset: SyncDataset[S], version: int) -> Iterator[list[S]]:
        """The pages of rows with a higher row version, in their order.

        Each page begins behind the last row of the one before, and not where a link points to: so an
        interrupted fetch goes on the same way, and rows that change meanwhile come again, behind.

        Raises:
            InconsistentData: Rows do not come in the order of their versions, as where a page is repeated.
        """
        path = f"{ROOT}/{self.division}/{dataset.path}"

        def following(body: bytes) -> Call | None:
            last = last_version(body)
            return None if last is None else _behind(path, dataset, last)

        more = True
        while more:
            rows, link = _parts(self._ask(_behind(path, dataset, version), dataset.decode, following))
            versions = [version, *map(VERSION_OF_ROW, rows)]
            if any(map(ge, versions, versions[1:])):
                contradicts(f"the rows of {dataset.path} are not in the order of their versions")
            more = link is not None or len(rows) >= PAGE
            if more and not rows:
                contradicts(f"an empty page of {dataset.path} says that another one follows")
            if rows:
                yield rows
            version = versions[-1]

    @property
    def division(self) -> str:
        """The division that is asked for; the user's own where none was given."""
        if self._division is None:
            self._division = self.current_division()
        return self._division

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _page(self, path: str, query: dict[str, str]) -> tuple[list[Row], str | None]:
        """The rows of a page, and the link to the next one."""
        inner = self._answer(path, query)
        rows, link = (inner.get("results"), inner.get("__next")) if isinstance(inner, dict) else (inner, None)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            unknown("no rows where they belong")
        if link is not None and not isinstance(link, str):
            unknown("the link to the next page is none")
        return rows, link

    def _answer(self, path: str, query: dict[str, str]) -> object:
        """What an answer holds within its envelope."""
        document = self._ask(Call("GET", path, JSON, query))
        return document.get("d") if isinstance(document, dict) else None

    def _ask(self, question: Call, decode: Decode | None = None, then: Follows | None = None) -> Any:  # noqa: ANN401
        try:
            answer = self._client.ask(**question._asdict(), decode=decode, then=then)
        except ValidationError as wrong:
            unknown(str(wrong))
        self._answered_at = answer.sent_at
        return answer.document


def _parts(envelope: Envelope[R]) -> tuple[list[R], str | None]:
    """Rows and link; without an inner envelope no page has a link, and one that is not full is the last."""
    return (envelope.d, None) if isinstance(envelope.d, list) else (envelope.d.results, envelope.d.next)


def last_version(body: bytes) -> int | None:
    """The row version of the last row of a page, seen in its text; None where no page follows it.

    No text in the page reads like this: quotes within texts are escaped.

    >>> last_version(b'{"d":{"results":[{"Timestamp":7},{"Timestamp": "8"}],"__next":"https://..."}}')
    8
    """
    if body.find(b'"__next"', -LONGEST_LINK) < 0:
        return None
    found = VERSION(body, body.rfind(VERSION_NAME))
    return int(found[1]) if found else None


def _link(body: bytes) -> str | None:
    """The link to the next page, seen in the text of one; None where there is none, or an unusual one.

    >>> _link(b'{"d":{"results":[],"__next":"https://start.example/x?$skiptoken=7"}}')
    'https://start.example/x?$skiptoken=7'
    """
    found = LINK(body, max(0, len(body) - LONGEST_LINK))
    return found[1].decode() if found else None


def _behind(path: str, dataset: SyncDataset[S], version: int) -> Call:
    query = {"$filter": f"Timestamp gt {version}L", "$select": ",".join(dataset.fields)}
    return Call("GET", path, JSON, query)


def contradicts(detail: str) -> NoReturn:
    """Raise that answers of Exact cannot both be right."""
    raise InconsistentData(Message("answer_contradicts", {"title": TITLE}), detail=detail)
