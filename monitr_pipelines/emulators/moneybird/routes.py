"""What can be asked for below an administration: paths, what they need, and who answers."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.moneybird import documents
from monitr_pipelines.emulators.moneybird.administrations import Administrations, Row
from monitr_pipelines.emulators.moneybird.document_forms import DocumentForms
from monitr_pipelines.emulators.moneybird.documents import FAMILIES, Documents, document_version, terms
from monitr_pipelines.emulators.moneybird.downloads import Downloads
from monitr_pipelines.emulators.moneybird.forms import Refused, identifier, number_of
from monitr_pipelines.emulators.moneybird.ledger import Ledger, Wanted
from monitr_pipelines.emulators.moneybird.masters import ACCOUNT_TYPES, Masters
from monitr_pipelines.emulators.moneybird.paging import LONGEST, page_of
from monitr_pipelines.emulators.moneybird.periods import MONTHS_OF, whole_months
from monitr_pipelines.emulators.moneybird.tokens import SCOPES
from monitr_pipelines.emulators.shared.records import Company

ANY_BOOKS = "settings, sales_invoices, documents or estimates"
ANY = "estimates, sales_invoices, documents, bank or settings"
EVERYTHING = "contacts, documents, estimates, sales_invoices, bank and settings"
PROJECT_STATES = frozenset({"all", "active", "archived"})
DEFAULT_PERIOD, DEFAULT_PROJECTS = "this_month", "state:active"
WITHOUT = "null"
LONGEST_MONTHS = MONTHS_OF["year"]

Respond = Callable[[Company, Request], Answer]


@dataclass(frozen=True)
class Route:
    """One thing that can be asked for.

    Args:
        scopes: What the token needs, as a refusal words it: all of them, or one where `or` is in it.
        respond: Who answers.
    """

    scopes: str
    respond: Respond

    @property
    def names(self) -> frozenset[str]:
        """The scopes by name."""
        return frozenset(SCOPES) & set(re.findall(r"\w+", self.scopes))

    def checked(self, held: frozenset[str]) -> None:
        """Look whether the scopes of a token are enough.

        Raises:
            Refused: They are not.
        """
        enough = bool(self.names & held) if " or " in self.scopes else self.names <= held
        if not enough:
            raise Refused(401, f"No access to {self.scopes}")


class Routes:
    """Everything that is answered, with the books locked; `fixed` has what has no identifier in its path."""

    def __init__(self, administrations: Administrations, ledger: Ledger, downloads: Downloads) -> None:
        self._administrations = administrations
        self._ledger = ledger
        self._downloads = downloads
        self._masters = Masters(administrations)
        self._documents = Documents(administrations)
        self._forms = DocumentForms(administrations)
        self.fixed = self._by_path()

    def find(self, method: str, path: str) -> Route | None:
        """What is at a path below an administration, None where there is nothing."""
        if found := self.fixed.get((method, path)):
            return found
        if method == "POST" and (match := re.fullmatch(r"downloads/(\d+)/download", path)):
            number = match[1]
            return Route("", lambda company, request: self._downloads.link(company, number, request.address))
        if method == "GET" and (match := re.fullmatch(r"(ledger_accounts|projects|contacts)/(\d+)", path)):
            kind, number = match.groups()
            scopes = {"ledger_accounts": ANY_BOOKS, "projects": "settings"}.get(kind, ANY)
            return Route(scopes, lambda company, _: self._one(company, kind, number))
        return None

    def _by_path(self) -> Mapping[tuple[str, str], Route]:
        masters = self._masters
        routes = {
            ("GET", "ledger_accounts"): Route(
                ANY_BOOKS, lambda company, _: Answer.json(masters.accounts(company))
            ),
            ("GET", "financial_accounts"): Route(
                "settings", lambda company, _: Answer.json(masters.banks(company))
            ),
            ("GET", "projects"): Route("settings", self._projects),
            ("GET", "contacts"): Route(
                ANY, lambda company, request: _listed(request, masters.contacts(company))
            ),
            ("GET", "contacts/synchronization"): Route(ANY, self._contact_versions),
            ("POST", "contacts/synchronization"): Route(ANY, self._contacts_by_id),
            ("GET", "reports/journal_entries"): Route("sales_invoices and documents", self._entries),
            ("GET", "reports/general_ledger"): Route("bank", self._general_ledger),
            ("POST", "reports/export/auditfile"): Route(EVERYTHING, self._export),
            ("GET", "downloads"): Route(
                "", lambda company, request: _listed(request, self._downloads.rows(company, request))
            ),
        }
        for family in FAMILIES:
            scope = _scope(family)
            path = f"{family}/synchronization"
            routes["GET", path] = Route(scope, _for(self._versions, family))
            routes["POST", path] = Route(scope, _for(self._by_id, family))
        return routes

    def _one(self, company: Company, kind: str, number: str) -> Answer:
        lists: Mapping[str, Callable[[], Sequence[Row]]] = {
            "ledger_accounts": lambda: self._masters.accounts(company),
            "projects": lambda: self._masters.projects(company, "all"),
            "contacts": lambda: self._masters.contacts(company),
        }
        for row in lists[kind]():
            if row["id"] == number:
                return Answer.json(row)
        raise Refused(404, "record not found", id="not_found")

    def _projects(self, company: Company, request: Request) -> Answer:
        state = terms(request.query.get("filter", DEFAULT_PROJECTS)).get("state", "all")
        if state not in PROJECT_STATES:
            raise Refused(400, "Status is not included in the list", filter="invalid")
        return _listed(request, self._masters.projects(company, state))

    def _contact_versions(self, company: Company, _: Request) -> Answer:
        rows = self._masters.contacts(company)
        return Answer.json([{"id": row["id"], "version": row["version"]} for row in rows])

    def _contacts_by_id(self, company: Company, request: Request) -> Answer:
        asked = set(_ids(request, "contact"))
        rows = self._masters.contacts(company)
        return Answer.json([row for row in rows if number_of("contact", row["id"]) in asked])

    def _versions(self, family: str, company: Company, request: Request) -> Answer:
        entries = self._documents.filtered(company, family, request.query.get("filter"))
        return Answer.json(
            [{"id": identifier("document", each.id), "version": document_version(each)} for each in entries]
        )

    def _by_id(self, family: str, company: Company, request: Request) -> Answer:
        asked = set(_ids(request, "document"))
        entries = (each for each in self._documents.of(company, family) if each.id in asked)
        return Answer.json([self._forms.form(family, company, each) for each in entries])

    def _entries(self, company: Company, request: Request) -> Answer:
        query = request.query
        wanted = _wanted(query)
        today = self._administrations.today(company)
        period = whole_months(query.get("period", DEFAULT_PERIOD), today, 1)
        page = page_of(query)
        placed = self._ledger.entries(company, period, wanted)
        rows = list(self._ledger.rows(company, page.of(placed)))
        return _with(Answer.json(rows), page.headers(request, len(placed)))

    def _general_ledger(self, company: Company, request: Request) -> Answer:
        today = self._administrations.today(company)
        period = whole_months(request.query.get("period", DEFAULT_PERIOD), today, LONGEST_MONTHS)
        return Answer.json(self._ledger.general_ledger(company, period))

    def _export(self, company: Company, request: Request) -> Answer:
        self._downloads.export(company, request.document)
        return Answer(204)


def _scope(family: str) -> str:
    if family == documents.MUTATIONS:
        return "bank"
    return "documents" if family.startswith("documents/") else "sales_invoices"


def _for(respond: Callable[[str, Company, Request], Answer], family: str) -> Respond:
    return lambda company, request: respond(family, company, request)


def _wanted(query: Mapping[str, str]) -> Wanted:
    account, project, contact = (
        query.get(name, "") for name in ("ledger_account_id", "project_id", "contact_id")
    )
    kind = query.get("account_type", "")
    if not (account or project or contact) and not kind:
        raise Refused(400, "at least a contact_id, project_id or ledger_account_id is required")
    if kind and not (project or contact):
        raise Refused(400, "when account_type is present, a contact_id or project_id is required")
    if kind and kind not in ACCOUNT_TYPES:
        raise Refused(400, "account_type does not have a valid value")
    return Wanted(
        account=_row_number("ledger_account", account),
        project=0 if project == WITHOUT else _row_number("project", project),
        contact=0 if contact == WITHOUT else _row_number("contact", contact),
        account_type=kind,
    )


def _row_number(kind: str, text: str) -> int | None:
    """The number of a row that is asked for; that of none where no row has the identifier."""
    if not text:
        return None
    number = number_of(kind, text)
    return -1 if number is None else number


def _ids(request: Request, kind: str) -> list[int]:
    """The rows that are asked for by identifier: the first hundred, without those that are none."""
    document = request.document
    ids = document.get("ids") if isinstance(document, dict) else None
    if ids is None:
        raise Refused(400, "Ids is required", ids="required")
    if not isinstance(ids, list):
        raise Refused(400, "Ids isn't an array", ids="array")
    numbers = (number_of(kind, each) for each in ids[:LONGEST])
    return [number for number in numbers if number is not None]


def _listed(request: Request, rows: Sequence[Row]) -> Answer:
    page = page_of(request.query)
    return _with(Answer.json(list(page.of(rows))), page.headers(request, len(rows)))


def _with(answer: Answer, headers: Mapping[str, str]) -> Answer:
    return replace(answer, headers={**answer.headers, **headers})
