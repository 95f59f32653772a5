"""Asking Twinfield: who asks and of which servers, with tokens that are renewed, and answers that say no."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from lxml import etree

from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.contract import Ports
from monitr_pipelines.providers.http import Client
from monitr_pipelines.providers.oauth import ACCESS_TOKEN, Grant
from monitr_pipelines.providers.soap import first, local
from monitr_pipelines.providers.twinfield import envelopes
from monitr_pipelines.providers.twinfield.datasets import LIMITS, PAGE, Service
from monitr_pipelines.providers.twinfield.faults import (
    TokenEnded,
    contradicts,
    gone,
    refusal,
    refused,
    unknown,
)
from monitr_pipelines.providers.twinfield.sign_in import OAUTH, TITLE, VALIDATION, cluster_of, login_of
from monitr_pipelines.providers.twinfield.values import is_number

MOST_PAGES = 10_000
BAD_REQUEST, UNAUTHORIZED = 400, 401
T = TypeVar("T")
Ask = Callable[[str], Call]


class Api:
    """The web services of one organisation, for one office; None to ask which there are."""

    def __init__(self, ports: Ports, office: str | None) -> None:
        self._grant = Grant(OAUTH, ports)
        self._rate_limits = ports.rate_limits
        self._office = office
        self._token = ""
        self._address = ""
        self._client: Client | None = None
        self._answered_at: datetime | None = None

    def now(self) -> datetime:
        """The moment of the last answer by the clock of the server, which also stamps its rows; else ours."""
        return self._answered_at or datetime.now(UTC)

    @property
    def office(self) -> str:
        """The code of the office that is asked of."""
        if self._office is None:
            raise gone("no office was chosen")
        return self._office

    def document(self, question: str, name: str, office: str | None) -> etree._Element:
        """What Twinfield makes of a document: the element of a name. None asks of no office.

        Raises:
            OurFault: It did not do what was asked; all of its answers are successes for HTTP.
        """
        return self._ask(
            lambda token: envelopes.process(token, office, question),
            lambda body: _named(_succeeded(envelopes.opened(body)), name),
        )

    def browsed(self, question: str, decode: Callable[[bytes], T], following: str | None = None) -> T:
        """The rows of a browse; `following` is the question that comes next, on its way meanwhile."""
        office = self.office
        return self._ask(
            lambda token: envelopes.process(token, office, question),
            decode,
            None if following is None else (lambda token: envelopes.process(token, office, following)),
        )

    def dimensions(self, dimension_type: str) -> Iterator[tuple[str, str]]:
        """Every dimension of a type, by code and name.

        Raises:
            InconsistentData: There are fewer than the finder says.
        """
        start = 1
        for _ in range(MOST_PAGES):
            found = self._ask(
                partial(
                    envelopes.search,
                    office=self.office,
                    dimension_type=dimension_type,
                    first=start,
                    rows=PAGE,
                ),
                lambda body: _found(envelopes.opened(body)),
            )
            total, items = found
            yield from items
            start += len(items)
            if start > total:
                return
            if not items:
                contradicts("the finder ends before its last row")
        contradicts("the finder has no end")

    def query(self, service: str, asked: Service, values: Mapping[str, str]) -> etree._Element:
        """What a query gives."""
        return self._ask(
            lambda token: envelopes.query(token, self.office, service, asked.name, values),
            lambda body: _named(envelopes.opened(body), "Result"),
        )

    def close(self) -> None:
        """Let go of the connection; nobody signs out of a grant."""
        if self._client is not None:
            self._client.close()

    def _ask(self, ask: Ask, decode: Callable[[bytes], T], following: Ask | None = None) -> T:
        """Ask with the token at hand; once more with a renewed one where that is not accepted."""
        try:
            return self._asked(ask, decode, following)
        except TokenEnded:
            self._grant.renew()
            return self._asked(ask, decode, following)

    def _asked(self, ask: Ask, decode: Callable[[bytes], T], following: Ask | None) -> T:
        client, token = self._servers(), self._token
        next_one = following(token) if following else None
        answer = client.ask(
            **ask(token)._asdict(), decode=decode, then=(lambda _: next_one) if next_one else None
        )
        self._answered_at = answer.sent_at
        document: T = answer.document
        return document

    def _servers(self) -> Client:
        """The servers of the organisation, as the answer about the token at hand names them."""
        self._grant.headers()
        token = self._grant.credentials[ACCESS_TOKEN]
        if self._client is None or token != self._token:
            address = self._cluster(token)
            if self._client is None or address != self._address:
                self.close()
                self._client = self._client_of(address)
            self._token, self._address = token, address
        return self._client

    def _cluster(self, token: str) -> str:
        given = self._grant.credentials
        client = self._client_of(login_of(given), {BAD_REQUEST: TokenEnded})
        try:
            return cluster_of(client.ask("GET", VALIDATION, query={"token": token}).document, given)
        finally:
            client.close()

    def _client_of(self, address: str, meanings: Mapping[int, Any] | None = None) -> Client:
        return Client(TITLE, address, self._rate_limits, LIMITS, meanings=meanings or {}, refusal=refusal)


def _named(root: etree._Element, name: str) -> etree._Element:
    found = first(root, name)
    return unknown(f"{name} is missing") if found is None else found


def _succeeded(root: etree._Element) -> etree._Element:
    """The same answer; what is refused comes back, and what is wrong with it says so."""
    for each in root.iter():
        if each.get("result") == "0" or each.get("msgtype") == "error":
            refused(f"{local(each)} is refused")
    return root


def _found(answer: etree._Element) -> tuple[int, list[tuple[str, str]]]:
    """How many rows there are, and those of a page."""
    message = first(answer, "MessageOfErrorCodes")
    if message is not None:
        refused("the finder answers with a message")
    total = first(answer, "TotalRows")
    if total is None or not is_number(total.text or ""):
        unknown("the finder tells no number of rows")
    items = first(answer, "Items")
    rows = [[each.text or "" for each in row] for row in (items if items is not None else ())]
    if not all(len(row) > 1 and row[0] for row in rows):
        unknown("a row of the finder has no code")
    return int(total.text or ""), [(row[0].strip(), row[1].strip()) for row in rows]
