"""Twinfield as a whole: who asks, for which office, how often, and what of it is answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from lxml import etree

from monitr_pipelines.emulators.frame.contract import Shown
from monitr_pipelines.emulators.frame.grants import Grant
from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.shared.records import Company
from monitr_pipelines.emulators.twinfield.credits import OTHER, QUERY, Credits
from monitr_pipelines.emulators.twinfield.deletions import Deletions
from monitr_pipelines.emulators.twinfield.dimensions import NotShown
from monitr_pipelines.emulators.twinfield.documents import QUERIES, Documents
from monitr_pipelines.emulators.twinfield.envelope import (
    TWINFIELD,
    Call,
    Faulty,
    answer,
    call_of,
    fault,
    parsed,
)
from monitr_pipelines.emulators.twinfield.finder import Finder
from monitr_pipelines.emulators.twinfield.offices import PERIODS, Offices, Periods, code_of
from monitr_pipelines.emulators.twinfield.sign_in import BELOW, SignIn
from monitr_pipelines.emulators.twinfield.tokens import Tokens
from monitr_pipelines.emulators.twinfield.transactions import Transactions

SERVICES = "/webservices/"
PROCESS = ("ProcessXmlString", "ProcessXmlDocument")
OPERATIONS = {
    "processxml.asmx": PROCESS,
    "finder.asmx": ("Search",),
    "deletedtransactionsservice.svc": ("Query",),
    "periodservice.svc": ("Query",),
}
SCOPES = {"twf.user": 351, "twf.organisation": 352, "twf.organisationUser": 353}
SAID = {401: 354, 403: 102}
# From developers.twinfield.com, "Guidelines"; of all other faults it is 500.
STATUSES = dict.fromkeys((102, 104, 105, 106, 352, 353), 403) | dict.fromkeys((103, 351, 354), 401)
TOKEN = re.compile(rb"AccessToken[^>]*>[^<]*<")
BROWSED = re.compile(rb"<columns code=\"[^\"]*\"")
UNUSED = re.compile(r"\sxmlns(:\w+)?=\"[^\"]*\"")
ROOT = re.compile(r"<\w+")
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Setup:
    """What can be chosen of the emulator; see `OPTIONS` of the package."""

    encoding: str = "utf-8"
    largest: int = 0


class Twinfield:
    """The emulator of one organisation.

    `tokens`, `credits`, the `rights` of `offices` and `cluster`, the path below which its services are
    from now on, are what tests turn while it serves.
    """

    def __init__(
        self,
        offices: Offices,
        transactions: Transactions,
        sign_in: tuple[Tokens, bool],
        limits: Credits,
        setup: Setup,
    ) -> None:
        self.offices = offices
        self.rights = offices.rights
        self.transactions = transactions
        self.credits = limits
        self.cluster = ""
        tokens, automatic = sign_in
        self.sign_in = SignIn(tokens, lambda address: f"{address}{self.cluster}", automatic)
        self._setup = setup
        self._documents = Documents(offices, transactions, setup.largest)
        self._finder = Finder(offices)
        self._deletions = Deletions(offices, transactions)
        self._periods = Periods(offices.books)
        # What is deleted from now on can only be logged by what it was called before.
        transactions.look()

    @property
    def tokens(self) -> Tokens:
        """What was given out to programs."""
        return self.sign_in.tokens

    def settings(self, address: str) -> Mapping[str, str]:
        """The server that stands for the maker's, and a refresh token that may be used at once."""
        pair = self.tokens.grant_pair(next(iter(self.tokens.apps)))
        return {"url": address, "refresh_token": pair.refresh}

    def administrations(self) -> Sequence[Shown]:
        """The offices that the person may use."""
        return [Shown(code_of(company.id), company.name) for company in self.offices.reachable()]

    def subject(self, request: Request) -> str:
        """The service and what is asked of it, whoever asks; periods of a browse code are as pages are."""
        browsed = b" ".join(BROWSED.findall(request.body))
        asked = browsed or TOKEN.sub(b"", request.body)
        return f"{request.path} {asked.decode('utf-8', 'replace')}"

    def refusal(self, status: int) -> Answer:
        """A refusal as the older services word it; limits and gateways answer before they are asked."""
        if status == 429:
            return self._limited(self.credits.left())
        if status in (404, 502, 503, 504):
            return Answer.text(f"<html><body><h2>{status}</h2></body></html>", HTML, status)
        whose = "Client" if status < 500 else "Server"
        faulty = Faulty(SAID.get(status), "Server was unable to process request.", whose=whose)
        return fault(faulty, newer=False, encoding=self._setup.encoding, status=status)

    def answer(self, request: Request) -> Answer:
        """The answer to a request, whatever was asked."""
        if request.path.startswith(BELOW):
            return self.sign_in.answer(request)
        below = f"{self.cluster}{SERVICES}"
        operations = OPERATIONS.get(request.path.removeprefix(below).lower())
        if not request.path.startswith(below) or operations is None:
            return self.refusal(404)
        if request.method != "POST":
            return Answer.text("", HTML, 405, allow="POST")
        try:
            with self.offices.books.lock:
                return self._answer(request, operations)
        except Faulty as faulty:
            newer = request.path.endswith(".svc")
            status = STATUSES.get(faulty.code or 0, 500)
            return fault(faulty, newer=newer, encoding=self._setup.encoding, status=status)
        except NotShown as unknown:
            return fault(
                Faulty(text=str(unknown), whose="Server"), newer=False, encoding=self._setup.encoding
            )

    def _answer(self, request: Request, operations: tuple[str, ...]) -> Answer:
        call = call_of(request)
        if call.name not in operations:
            raise Faulty(text=f"Server did not recognize the operation {call.name}.")
        held = self.tokens.holder(call.token)
        if held is None:
            raise Faulty(354)
        document = _document(call) if call.name in PROCESS else None
        cost = QUERY if document is None or document.tag in QUERIES else OTHER
        wait = self.credits.wait(held.grant.app, cost)
        if wait is not None:
            return self._limited(wait)
        company = self._company(call, held.grant)
        return answer(call, self._said(call, document, company), self._setup.encoding)

    def _said(self, call: Call, document: etree._Element | None, company: Company) -> str:
        if document is not None:
            told = self._documents.answer(document, company)
            return f"<{call.name}Result>{self._enclosed(call, told)}</{call.name}Result>"
        if call.newer:
            if PERIODS in call.operation.nsmap.values():
                return self._periods.answer(call.operation, company)
            return self._deletions.answer(call.operation)
        return self._finder.answer(call.operation, company)

    def _enclosed(self, call: Call, document: str) -> str:
        """A document within an answer: as a text, or as elements that have no namespace."""
        if call.name == "ProcessXmlDocument":
            return ROOT.sub(r'\g<0> xmlns=""', document, count=1)
        declared = "" if self._setup.encoding == "utf-8" else '<?xml version="1.0" encoding="utf-16"?>'
        return escape(declared + document)

    def _company(self, call: Call, grant: Grant) -> Company:
        """The office of the header; that which the person opened last where it names none."""
        for scope, code in SCOPES.items():
            if scope not in grant.scopes:
                raise Faulty(code)
        reason = self.rights.reasons.get(None) or self.rights.reasons.get(call.office)
        reachable = self.offices.reachable()
        company = self.offices.company(call.office) if call.office else next(iter(reachable), None)
        if reason or company is None:
            raise Faulty(reason or 109)
        return company

    def _limited(self, seconds: int) -> Answer:
        refused = Answer.text("API calls quota exceeded.", "text/plain; charset=utf-8", 429)
        return replace(refused, headers={**refused.headers, "Retry-After": str(seconds)})


def _document(call: Call) -> etree._Element:
    """The document that is to be processed, as text or as it is.

    Raises:
        Faulty: There is none.
    """
    given = call.operation.find(f"{{{TWINFIELD}}}xmlRequest")
    if given is None:
        raise Faulty(text="Value cannot be null. Parameter name: xmlRequest.")
    if call.name == "ProcessXmlDocument":
        if len(given) != 1 or not str(given[0].tag).isalpha():
            raise Faulty(text="The document is missing, or has a namespace.")
        # By itself, without what its envelope declares.
        return parsed(UNUSED.sub("", etree.tostring(given[0], encoding="unicode", with_tail=False)))
    return parsed(re.sub(r"^\s*<\?xml[^>]*\?>", "", given.text or ""))
