"""QuickBooks Online as a whole: who asks, how often, for which company, and what of it is answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitr_pipelines.emulators.frame.contract import Shown
from monitr_pipelines.emulators.frame.messages import JSON, Answer, Request
from monitr_pipelines.emulators.quickbooks.changes import Changes
from monitr_pipelines.emulators.quickbooks.chart import Charts
from monitr_pipelines.emulators.quickbooks.entities import Entity, entities
from monitr_pipelines.emulators.quickbooks.forms import (
    Document,
    Refused,
    answered_at,
    fault,
    gateway_fault,
)
from monitr_pipelines.emulators.quickbooks.limits import Limits
from monitr_pipelines.emulators.quickbooks.query import answered
from monitr_pipelines.emulators.quickbooks.realms import NotShown, Realms, realm_of
from monitr_pipelines.emulators.quickbooks.reports import Reports
from monitr_pipelines.emulators.quickbooks.sign_in import SignIn
from monitr_pipelines.emulators.quickbooks.tokens import Tokens
from monitr_pipelines.emulators.quickbooks.transactions import Transactions
from monitr_pipelines.emulators.shared.records import Company

API = "/v3/"
PATH = re.compile(r"/v3/company/(?P<realm>[^/]+)/(?P<path>.+)")
PLACE = re.compile(r"STARTPOSITION\s+\d+|MAXRESULTS\s+\d+|'\d{4}-\d{2}-\d{2}[^']*'", re.IGNORECASE)
# What of an address says for which days or since when.
MOMENTS = ("start_date", "end_date", "changedSince")
# What any address may have beside its own parameters.
GENERAL = frozenset({"minorversion", "requestid"})
CHANGES, QUERY, REPORTS = "cdc", "query", "reports/"
XML = "application/xml;charset=UTF-8"
NOT_JSON = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<IntuitResponse xmlns="http://schema.intuit.com/finance/v3"/>'
)
FAILED = "An application error has occurred while processing your request"
CHALLENGE = 'Bearer realm="Intuit", error="invalid_token"'


class QuickBooksOnline:
    """The emulator: Intuit's authorization server and its accounting service at one address.

    `tokens`, `limits`, `realms` and `changes` are what tests turn while it serves.
    """

    def __init__(self, realms: Realms, tokens: Tokens, limits: Limits, *, automatic: bool = False) -> None:
        self.realms = realms
        self.books = realms.books
        self.tokens = tokens
        self.limits = limits
        self.sign_in = SignIn(tokens, self._companies, automatic=automatic)
        charts = Charts(realms.books)
        self._transactions = Transactions(realms, charts)
        self._reports = Reports(realms, charts, self._transactions)
        self._entities: Mapping[str, Entity] = entities(realms, charts, self._transactions)
        self.changes = Changes(self._entities, self._transactions)

    def settings(self, address: str) -> Mapping[str, str]:
        """A server that stands for Intuit's, a company, and a token for it that may be used at once."""
        realm = realm_of(next(iter(self.books.companies)))
        pair = self.tokens.grant_pair(next(iter(self.tokens.apps)), realm)
        return {"url": address, "realm_id": realm, "refresh_token": pair.refresh}

    def administrations(self) -> Sequence[Shown]:
        """The company of those settings: a grant is for one."""
        first = next(iter(self.books.companies))
        return [shown for shown in self._companies() if shown.id == realm_of(first)]

    def subject(self, request: Request) -> str:
        """What is asked for, for whichever days and from whichever place."""
        query = {name: text for name, text in request.query.items() if name not in MOMENTS}
        told = PLACE.sub("", f"{query} {request.body.decode('utf-8', 'replace')}")
        return f"{request.path}?{told}"

    def refusal(self, status: int) -> Answer:
        """A refusal as the gateway words it (401, 403, 429), or the service behind it."""
        if status == 401:
            document = gateway_fault("AuthenticationFailed", "3200", status, "AUTHENTICATION")
            return Answer.json(document, status, www_authenticate=CHALLENGE)
        if status == 403:
            return Answer.json(
                gateway_fault("ApplicationAuthorizationFailed", "3100", status, "SERVICE"), status
            )
        if status == 429:
            message = "message=ThrottleExceeded; errorCode=003001; statusCode=429"
            detail = "The request limit was reached.  Try again later"
            return Answer.json(fault(message, detail, "3001", "SERVICE"), status)
        if status == 409:
            detail = "Stale Object Error : You and another user were working on this at the same time."
            return Answer.json(fault("Stale Object Error", detail, "5010"), status)
        detail = "System Failure Error: Could not find resource" if status == 404 else "System Failure Error"
        return Answer.json(fault(FAILED, detail, "10000", "SystemFault"), status)

    def answer(self, request: Request) -> Answer:
        """The answer to a request, whatever was asked."""
        if not request.path.startswith(API):
            with self.books.lock:
                return self.sign_in.answer(request)
        answer = self._service(request)
        return replace(answer, headers={**answer.headers, "intuit_tid": f"1-{request.number:08x}"})

    def _service(self, request: Request) -> Answer:
        held, match = self.tokens.holder(request.bearer), PATH.fullmatch(request.path)
        if held is None or match is None:
            return self.refusal(401 if held is None else 404)
        granted = held.grant.realm
        with self.books.lock:
            company = self.realms.company(match["realm"])
            if company is None or granted != match["realm"]:
                return self.refusal(403)
            if not self.limits.allows(granted):
                return self.refusal(429)
            return self._granted(request, company, match["path"])

    def _granted(self, request: Request, company: Company, path: str) -> Answer:
        if JSON not in request.headers.get("accept", ""):
            # The real service answers XML; nothing that reads JSON may get by without asking for it.
            return Answer.text(NOT_JSON, XML)
        try:
            document = self._document(request, company, path)
        except Refused as refused:
            return Answer.json({**refused.document, **self._time()}, refused.status)
        except NotShown as unknown:
            return Answer.json(fault(FAILED, str(unknown), "10000", "SystemFault"), 500)
        return self.refusal(404) if document is None else Answer.json(document)

    def _document(self, request: Request, company: Company, path: str) -> Document | None:
        asked = request.query
        self._transactions.note()
        if path == QUERY and request.method in ("GET", "POST"):
            _only(asked, "query")
            text = (
                asked.get("query", "") if request.method == "GET" else request.body.decode("utf-8", "replace")
            )
            return {"QueryResponse": answered(self._entities, company, text), **self._time()}
        if request.method != "GET":
            return None
        if path == CHANGES:
            _only(asked, "entities", "changedSince")
            return {**self.changes.answer(company, asked, self.books.clock.now()), **self._time()}
        if path.startswith(REPORTS):
            return self._reports.answer(company, path.removeprefix(REPORTS), asked)
        _only(asked)
        return self._one(company, path)

    def _one(self, company: Company, path: str) -> Document | None:
        """An entity by its kind and id; of the company itself the id is its realm's."""
        kind, _, key = path.partition("/")
        entity = next((each for each in self._entities.values() if each.name.lower() == kind), None)
        if entity is None:
            return None
        found = [row for row in entity.rows(company, 0) if entity.single or row["Id"] == key]
        if not found or (kind == "companyinfo" and key != realm_of(company.id)):
            raise Refused("Object Not Found", "Object Not Found : There is none of this id.", "610")
        return {entity.name: found[0], **self._time()}

    def _companies(self) -> Sequence[Shown]:
        return [Shown(realm_of(company.id), company.name) for company in self.realms.reachable()]

    def _time(self) -> Document:
        return {"time": answered_at(self.books.clock.now())}


def _only(asked: Mapping[str, str], *names: str) -> None:
    """Raise a refusal for parameters that there are not."""
    for name in asked.keys() - GENERAL - {*names}:
        raise Refused("Unsupported parameter", f"There is no parameter {name}.", "2010")
