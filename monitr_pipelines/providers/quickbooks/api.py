"""Asking QuickBooks Online about one company: entities by queries, changes, and reports."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from msgspec import ValidationError, json

from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.contract import Ports
from monitr_pipelines.providers.http import Client, Follows
from monitr_pipelines.providers.oauth import Grant
from monitr_pipelines.providers.quickbooks import datasets
from monitr_pipelines.providers.quickbooks.datasets import BEGINNING, LIMITS, MINOR_VERSION, Dataset, Report
from monitr_pipelines.providers.quickbooks.refusals import refusal, refuse_fault
from monitr_pipelines.providers.quickbooks.sign_in import OAUTH, TITLE, address_of
from monitr_pipelines.providers.quickbooks.values import Object, contradicts, moment, unknown

JSON = {"Accept": "application/json"}
MOST_PAGES = 1000
# Of the company, among the credentials.
REALM = "realm_id"
# What is said where a report does not fit into an answer.
TOO_LARGE = b"Unable to display more data"
MOST_CELLS = 400_000
OLDER = f'"{BEGINNING}"'.encode()
VALUE = b'"value"'
REPORT = json.Decoder(Report).decode


class Size(NamedTuple):
    """What the text of a report tells before it is read.

    Args:
        cells: How many values it has.
        cut: Whether it did not fit into an answer.
        older: Whether accounts had a balance before its first day.
    """

    cells: int
    cut: bool
    older: bool


class Told(NamedTuple):
    """A report; None where it was cut."""

    report: Report | None
    size: Size


class Api:
    """The API of one company, that which the person chose on signing in.

    Raises:
        EntityGone: Another one is asked for.
    """

    def __init__(self, ports: Ports, company: str | None) -> None:
        grant = Grant(OAUTH, ports)
        self.company = grant.credentials.get(REALM, "")
        if not self.company or company not in {None, self.company}:
            raise EntityGone(Message("administration_hidden", {"title": TITLE}))
        self._root = f"/v3/company/{quote(self.company, safe='')}"
        self._client = Client(
            TITLE,
            address_of(grant.credentials),
            ports.rate_limits,
            LIMITS,
            authorization=grant,
            refusal=refusal,
        )
        self._answered_at: datetime | None = None

    def now(self) -> datetime:
        """The moment of the first answer, by the clock that also stamps changes; else ours."""
        return self._answered_at or datetime.now(UTC)

    def company_info(self) -> Object:
        """What the company says of itself."""
        return self._single(datasets.COMPANY, f"/companyinfo/{quote(self.company, safe='')}")

    def preferences(self) -> Object:
        """What the company has chosen: currencies, classes, locations, the fiscal year."""
        return self._single(datasets.PREFERENCES, "/preferences")

    def rows(self, dataset: Dataset) -> Iterator[Object]:
        """Every row of an entity that can be made inactive, inactive ones too.

        Raises:
            InconsistentData: A row comes twice, as where a page is repeated.
        """
        seen: set[str] = set()
        for page in range(MOST_PAGES):
            found = self._page(dataset, page * datasets.PAGE + 1)
            ids = {str(row.get("Id")) for row in found}
            if len(ids) < len(found) or ids & seen:
                contradicts(f"a row of {dataset.name} comes twice")
            seen |= ids
            yield from found
            if len(found) < datasets.PAGE:
                return
        contradicts(f"{dataset.name} has no end")

    def changes(self, entities: Sequence[str], since: datetime) -> Mapping[str, Sequence[Object]]:
        """What was changed or deleted since a moment, by entity; one that is left out has no changes."""
        asked = {"entities": ",".join(entities), "changedSince": since.isoformat(timespec="seconds")}
        document = self._ask(self._call("/cdc", asked))
        found: dict[str, Sequence[Object]] = {}
        for response in _objects(document, "CDCResponse"):
            refuse_fault(response)
            for told in _objects(response, "QueryResponse"):
                refuse_fault(told)
                for name, rows in told.items():
                    if isinstance(rows, list):
                        found[name] = _mappings(rows, name)
        if not found.keys() <= set(entities):
            unknown("changes of an entity that was not asked for")
        return found

    def report(self, question: Call, then: Follows | None = None) -> Told:
        """A report; `then` tells what is asked next, from the text of one that is whole."""
        try:
            found: Told = self._client.ask(**question._asdict(), decode=_told, then=then).document
        except ValidationError as wrong:
            unknown(str(wrong))
        return found

    def report_call(self, dataset: Dataset, start: date, last: date, columns: Sequence[str] = ()) -> Call:
        """The question for a report, its first and last day included."""
        query = {"start_date": f"{start}", "end_date": f"{last}", "accounting_method": "Accrual"}
        return self._call(dataset.asked, query | ({"columns": ",".join(columns)} if columns else {}))

    def close(self) -> None:
        """Let go of the connection; nobody signs out of a grant."""
        self._client.close()

    def _single(self, dataset: Dataset, path: str) -> Object:
        found = self._ask(self._call(path, {})).get(dataset.name)
        return found if isinstance(found, Mapping) else unknown(f"{dataset.name} is not there")

    def _page(self, dataset: Dataset, start: int) -> Sequence[Object]:
        question = f"select * {dataset.asked} where Active in (true, false) orderby Id"
        paged = f"{question} startposition {start} maxresults {datasets.PAGE}"
        response = self._ask(self._call("/query", {"query": paged})).get("QueryResponse")
        if not isinstance(response, Mapping):
            unknown(f"no rows of {dataset.name} where they belong")
        rows = response.get(dataset.name, [])
        return _mappings(rows, dataset.name)

    def _call(self, path: str, query: Mapping[str, str]) -> Call:
        asked = urlencode({**query, "minorversion": MINOR_VERSION}, quote_via=quote)
        return Call("GET", f"{self._root}{path}?{asked}", JSON)

    def _ask(self, question: Call) -> Object:
        document = self._client.ask(**question._asdict()).document
        refuse_fault(document)
        if not isinstance(document, Mapping):
            unknown("an answer is no object")
        if self._answered_at is None and "time" in document:
            self._answered_at = moment(document["time"], "time")
        return document


def size_of(body: bytes) -> Size:
    """What the text of a report tells."""
    cells = body.count(VALUE)
    return Size(cells, cells >= MOST_CELLS or TOO_LARGE in body, OLDER in body)


def _told(body: bytes) -> Told:
    """A report from its text; of a fault in its place, what that means."""
    size = size_of(body)
    try:
        return Told(None if size.cut else REPORT(body), size)
    except ValidationError:
        refuse_fault(json.decode(body))
        raise


def _objects(document: Object, name: str) -> Sequence[Object]:
    found: Any = document.get(name)
    return _mappings(found, name)


def _mappings(found: object, name: str) -> Sequence[Object]:
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        unknown(f"{name} is no list of objects")
    return found
