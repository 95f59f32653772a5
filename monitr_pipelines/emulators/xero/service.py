"""Xero as a whole: who asks, for which organisation, how often, and what of it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from monitr_pipelines.emulators.frame.contract import Shown
from monitr_pipelines.emulators.frame.grants import Grant, Held
from monitr_pipelines.emulators.frame.messages import JSON, Answer, Request
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Company
from monitr_pipelines.emulators.xero import forms, masters, scopes
from monitr_pipelines.emulators.xero.conditions import Row, chosen
from monitr_pipelines.emulators.xero.forms import BadRequest, guid
from monitr_pipelines.emulators.xero.journals import Journals, NotShown
from monitr_pipelines.emulators.xero.ledger import Ledger
from monitr_pipelines.emulators.xero.limits import CallLimits
from monitr_pipelines.emulators.xero.masters import Form, Masters
from monitr_pipelines.emulators.xero.sign_in import AUTHORIZE, TOKEN, SignIn
from monitr_pipelines.emulators.xero.tokens import Tokens
from monitr_pipelines.emulators.xero.trial_balance import TrialBalance

API = "/api.xro/2.0/"
CONNECTIONS = ("/connections", "/Connections")
TENANT, MODIFIED = "xero-tenant-id", "if-modified-since"
REPORT = "Reports/TrialBalance"
TEXT = "text/plain; charset=utf-8"
UNAUTHENTICATED, UNAUTHORIZED = "AuthenticationUnsuccessful", "AuthorizationUnsuccessful"
NO_REPORTING = (
    "You are not permitted to access this resource without the reporting role or higher privileges."
)
TEXTS = {
    404: "The resource you're looking for cannot be found",
    409: "Conflict",
    503: "The Organisation for this access token is not available",
}
CONSENT = guid("consent", 0, 1)
UNCACHED = {"Cache-Control": "max-age=0, no-cache, no-store", "Pragma": "no-cache"}


@dataclass
class Rights:
    """What the program and the person may see; tests change it while the server runs.

    Args:
        journals: Whether the maker approved the program for journals.
        reporting: Whether the person has the reporting role.
        practice: Whether the person's practice is among the connections.
    """

    journals: bool = True
    reporting: bool = True
    practice: bool = False


class Xero:
    """The emulator of Xero's API; `tokens`, `limits` and `rights` are what tests turn while it serves."""

    def __init__(
        self, books: SharedBooks, sign_in: SignIn, limits: CallLimits, form: Form, rights: Rights
    ) -> None:
        self.books = books
        self.sign_in = sign_in
        self.limits = limits
        self.rights = rights
        self.masters = Masters(books, form)
        self.journals = Journals(books, Ledger(books), self.masters)
        self.trial_balance = TrialBalance(books, self.masters)

    @property
    def tokens(self) -> Tokens:
        """What was given out to programs."""
        return self.sign_in.tokens

    def settings(self, address: str) -> Mapping[str, str]:
        """The server that stands for all of Xero's hosts, and a refresh token of someone who just agreed."""
        pair = self.tokens.grant_pair(Grant(next(iter(self.tokens.apps)), scopes.EVERYTHING))
        return {"url": address, "refresh_token": pair.refresh}

    def administrations(self) -> Sequence[Shown]:
        """The organisations that are connected."""
        return [Shown(tenant_of(each), each.name) for each in self.books.companies.values() if each.reachable]

    def subject(self, request: Request) -> str:
        """The path of an organisation and how it is filtered, whatever the offset."""
        headers = (request.headers.get(name, "") for name in (TENANT, MODIFIED))
        others = (f"{name}={text}" for name, text in sorted(request.query.items()) if name != "offset")
        return " ".join((request.path, *headers, *others))

    def refusal(self, status: int) -> Answer:
        """A refusal as the service words it."""
        if status == 401:
            return Answer.json(forms.unauthorized(UNAUTHENTICATED), status)
        if status == 403:
            return Answer.json(forms.forbidden(UNAUTHENTICATED), status)
        if status == 429:
            return Answer(status, headers=self.limits.refusal())
        if status in TEXTS:
            return Answer.text(TEXTS[status], TEXT, status)
        return _failed(status, "An error occurred in Xero. Check the API Status page.")

    def answer(self, request: Request) -> Answer:
        """The answer to a request, whatever was asked."""
        if request.path in (AUTHORIZE, TOKEN):
            return self.sign_in.answer(request)
        access = self.tokens.known(request.bearer)
        if access is None or access.ends <= self.books.clock.now():
            detail = UNAUTHENTICATED if access is None else _expired(access)
            document = forms.unauthorized(detail, request.number)
            return Answer.json(document, 401, www_authenticate="Bearer error=invalid_token")
        path, _, connection = request.path.rpartition("/")
        if request.path in CONNECTIONS or path in CONNECTIONS:
            with self.books.lock:
                return self._connections(request, connection if path in CONNECTIONS else None)
        if not request.path.startswith(API):
            return self.refusal(404)
        return self._counted(request, access.grant)

    def _connections(self, request: Request, connection: str | None) -> Answer:
        reachable = [each for each in self.books.companies.values() if each.reachable]
        rows = {str(row["id"]): (row, each) for each in reachable for row in [self.masters.connection(each)]}
        if request.query.get("authEventId", CONSENT) != CONSENT:
            rows = {}
        if connection is None and request.method == "GET":
            return _told(request, [*(row for row, _ in rows.values()), *self._practice()])
        if connection is None or request.method != "DELETE":
            return Answer.text("", TEXT, 405)
        if connection not in rows:
            return self.refusal(404)
        Bookkeeper(self.books).change_company(rows[connection][1].id, reachable=False)
        return Answer(204)

    def _practice(self) -> list[Row]:
        if not self.rights.practice:
            return []
        row = self.masters.connection(next(iter(self.books.companies.values())))
        keys = {name: guid(kind, 0, 1) for name, kind in (("id", "connection"), ("tenantId", "organisation"))}
        return [row | keys | {"tenantType": "PRACTICE", "tenantName": "Emulated Accountants"}]

    def _counted(self, request: Request, grant: Grant) -> Answer:
        tenant = request.headers.get(TENANT, "")
        with self.books.lock:
            company = next(
                (each for each in self.books.companies.values() if tenant_of(each) == tenant), None
            )
        if company is None or not company.reachable:
            return Answer.json(forms.forbidden(UNAUTHENTICATED, request.number), 403)
        with self.limits.counted(grant.app, tenant) as call:
            answer = self._answer(request, grant, company) if call.allowed else Answer(429)
        return replace(answer, headers={**UNCACHED, **answer.headers, **call.headers})

    def _answer(self, request: Request, grant: Grant, company: Company) -> Answer:
        name, key = _endpoint(request)
        if name not in scopes.NEEDED:
            return self.refusal(404)
        if request.method != "GET":
            return Answer.text("", TEXT, 405, allow="GET")
        detail = self._denied(name, grant)
        if detail is not None:
            return Answer.json(forms.unauthorized(detail, request.number), 401)
        if JSON not in request.headers.get("accept", ""):
            # The real service answers XML; nothing that reads JSON may get by without asking for it.
            return Answer.text("", TEXT, 406)
        return self._granted(name, key, request, company)

    def _denied(self, name: str, grant: Grant) -> str | None:
        """Why the program or the person may not see it."""
        if not grant.scopes & scopes.NEEDED[name] or (name == "Journals" and not self.rights.journals):
            return UNAUTHORIZED
        return NO_REPORTING if name == REPORT and not self.rights.reporting else None

    def _granted(self, name: str, key: str, request: Request, company: Company) -> Answer:
        try:
            with self.books.lock:
                title, rows = self._rows(name, key, request, company)
        except BadRequest as bad:
            return Answer.json(forms.bad_request(bad), 400)
        except NotShown as unknown:
            return _failed(500, str(unknown))
        if key and not rows:
            return self.refusal(404)
        return _told(request, forms.envelope(request.number, self.books.clock.now(), title, rows))

    def _rows(self, name: str, key: str, request: Request, company: Company) -> tuple[str, list[Row]]:
        query, since = request.query, forms.since(request.headers.get(MODIFIED))
        where, order = query.get("where"), query.get("order")
        if name == "Journals":
            one = self.journals.single(company, key) if key else None
            return name, self.journals.page(company, query, since) if one is None else one
        if name == "Accounts":
            rows = self.masters.accounts(company, since)
            return name, chosen(rows, masters.ACCOUNT_FIELDS, where, order)
        if name == "TrackingCategories":
            rows = self.masters.categories(
                company, archived=query.get("includeArchived", "").lower() == "true"
            )
            return name, chosen(rows, masters.CATEGORY_FIELDS, where, order)
        if name == REPORT:
            return "Reports", self.trial_balance.report(company, query)
        return "Organisations", [self.masters.organisation(company)]


def tenant_of(company: Company) -> str:
    """The key of a company's organisation."""
    return guid("organisation", company.id, company.id)


def _expired(access: Held[Grant]) -> str:
    return f"TokenExpired: token expired at {access.ends:%m/%d/%Y %H:%M:%S}"


def _endpoint(request: Request) -> tuple[str, str]:
    """What is asked for below the API, and the key of a single journal."""
    name = request.path.removeprefix(API)
    if name.startswith("Journals/"):
        journals, _, key = name.partition("/")
        return journals, key
    return ("Organisation" if name == "Organisations" else name), ""


def _failed(status: int, detail: str) -> Answer:
    document: Row = {"Type": None, "Title": "An error occurred", "Detail": detail, "Status": status}
    return Answer.json(document | {"Extensions": {}}, status)


def _told(request: Request, document: object) -> Answer:
    key = forms.correlation(request.number)
    return Answer.json(document, content_type=f"{JSON}; charset=utf-8", xero_correlation_id=key)
