"""Exact Online as a whole: who asks, how often, for which division, and what of it is answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from monitr_pipelines.emulators.exact.divisions import Divisions, code_of, row_version
from monitr_pipelines.emulators.exact.entities import EntitySet, entity_sets
from monitr_pipelines.emulators.exact.fields import Edm
from monitr_pipelines.emulators.exact.filters import BadRequest, parse_literals
from monitr_pipelines.emulators.exact.forms import error, json_date, wall_milliseconds
from monitr_pipelines.emulators.exact.limits import CallLimits, ErrorBudget
from monitr_pipelines.emulators.exact.lines import NotShown
from monitr_pipelines.emulators.exact.pages import Host, make_page, parse_query
from monitr_pipelines.emulators.exact.sign_in import SignIn
from monitr_pipelines.emulators.exact.tokens import ACCESS_LIFE, Tokens
from monitr_pipelines.emulators.frame.contract import Shown
from monitr_pipelines.emulators.frame.messages import JSON, Answer, Request
from monitr_pipelines.emulators.shared.records import Company

OAUTH, API = "/api/oauth2/", "/api/v1/"
SYNC_TIMESTAMP_PATH = "read/sync/Sync/SyncTimestamp"
SYNC_ENDPOINTS = ("TransactionLines", "GLAccounts", "Projects")
PATH = re.compile(r"/api/v1/(?:(?P<division>\d{1,9})/)?(?P<path>.+)")
PLACE = re.compile(r"Timestamp g[te] \d+L?")
NO_ACCESS = "NoDivisionAccess"
TEXTS = {
    400: "Bad Request - Error in query syntax.",
    401: "Unauthorized. The access token is missing, expired or invalid.",
    403: "Forbidden - User division is not within division scope",
    404: "Resource not found.",
    409: "Conflict.",
    429: "Too Many Requests",
    500: "An error occurred while processing this request.",
    503: "The service is unavailable.",
}


@dataclass(frozen=True)
class Setup:
    """What can be chosen of the emulator; see `OPTIONS` of the package."""

    address: str | None = None
    bare: bool = False


class ExactOnline:
    """The emulator of one country's instance.

    `tokens`, `limits`, `budget` and the `rights` of `divisions` are what tests turn while it serves.
    """

    def __init__(
        self,
        divisions: Divisions,
        sign_in: SignIn,
        limits: CallLimits,
        setup: Setup | None = None,
    ) -> None:
        self.divisions = divisions
        self.rights = divisions.rights
        self.sign_in = sign_in
        self.limits = limits
        self.budget = ErrorBudget(divisions.books.clock.now)
        self._setup = setup or Setup()
        self._sets = entity_sets(divisions)

    @property
    def tokens(self) -> Tokens:
        """What was given out to programs."""
        return self.sign_in.tokens

    def settings(self, address: str) -> Mapping[str, str]:
        """A country, the server that stands for its instance, and a token that may be used at once.

        Someone agreed as long ago as an access token lives: before, a refresh would be too early.
        """
        pair = self.tokens.grant_pair(next(iter(self.tokens.apps)), ACCESS_LIFE)
        return {"country": "be", "url": address, "refresh_token": pair.refresh}

    def administrations(self) -> Sequence[Shown]:
        """The divisions that the person may use."""
        return [Shown(str(code_of(company.id)), company.name) for company in self.divisions.reachable()]

    def subject(self, request: Request) -> str:
        """The endpoint with its filter and fields, without the place in it, which row versions are too."""
        query = request.query
        return f"{request.path}?{PLACE.sub('', query.get('$filter', ''))}&{query.get('$select', '')}"

    def refusal(self, status: int) -> Answer:
        """A refusal as the service words it."""
        answer = Answer.json(error(TEXTS.get(status, TEXTS[500])), status)
        if status == 403:
            return _with(answer, {"Reason": NO_ACCESS})
        if status == 429:
            return _with(answer, self.limits.refusal())
        return answer

    def answer(self, request: Request) -> Answer:
        """The answer to a request, whatever was asked."""
        if request.path.startswith(OAUTH):
            return self.sign_in.answer(request)
        held = self.tokens.holder(request.bearer)
        if held is None:
            return _with(self.refusal(401), {"WWW-Authenticate": "Bearer"})
        app = held.grant.app
        if self.budget.blocks(app):
            return Answer.json(error("API rate limit exceeded: too many errors."), 429)
        match = PATH.fullmatch(request.path)
        division = int(match["division"]) if match and match["division"] else None
        endpoint = match["path"] if match else request.path
        call = self.limits.count(app, division)
        if not call.allowed:
            return _with(Answer.json(error(TEXTS[429]), 429), call.headers)
        answer = self._answer(request, division, endpoint)
        self.budget.note(app, division, endpoint, answer.status)
        return _with(answer, call.headers)

    def _answer(self, request: Request, division: int | None, endpoint: str) -> Answer:
        if request.method != "GET":
            return Answer.json(error("Method not allowed."), 405, allow="GET")
        entity = self._sets.get(endpoint)
        if (entity is None and endpoint != SYNC_TIMESTAMP_PATH) or (division is None) != (
            endpoint == "current/Me"
        ):
            return Answer.json(error(f"Resource not found for the segment '{endpoint[:80]}'."), 404)
        if JSON not in request.headers.get("accept", ""):
            # The real service answers Atom; nothing that reads JSON may get by without asking for it.
            return Answer.json(error("Unsupported media type requested."), 415)
        try:
            with self.divisions.books.lock:
                return self._granted(request, division, endpoint, entity)
        except BadRequest as bad:
            return Answer.json(error(str(bad)), 400)
        except NotShown as unknown:
            return Answer.json(error(str(unknown)), 500)

    def _granted(
        self, request: Request, division: int | None, endpoint: str, entity: EntitySet | None
    ) -> Answer:
        free = entity is not None and entity.any_division
        company = self._current() if free else self.divisions.company(division or 0)
        reason = self.rights.reasons.get(None) or (None if free else self.rights.reasons.get(division))
        if reason is None and (company is None or not (free or company.reachable)):
            reason = NO_ACCESS
        if reason is not None or company is None:
            text = TEXTS[403] if reason == NO_ACCESS else "Forbidden"
            return Answer.json(error(text), 403, reason=reason or NO_ACCESS)
        if endpoint in self.rights.unscoped:
            return Answer.json(error("Forbidden - Application Scope Violated. Cannot read"), 403)
        host = Host(self._setup.address or request.address, self._setup.bare)
        if entity is None:
            return Answer.json(self._sync_timestamp(request.query, company, host))
        query = parse_query(entity, request.query)
        if endpoint in self.rights.hidden:
            entity = replace(entity, rows=lambda _, __: [])
        return Answer.json(make_page(entity, company, query, request.query, host))

    def _current(self) -> Company | None:
        companies = self.divisions.books.companies.values()
        return next(iter([*self.divisions.reachable(), *companies]), None)

    def _sync_timestamp(
        self, parameters: Mapping[str, str], company: Company, host: Host
    ) -> Mapping[str, object]:
        """The row version behind which all rows are that were written since a moment."""
        since = int(str(_argument(parameters, "modified", Edm.TIME)))
        endpoint = _argument(parameters, "endPoint", Edm.TEXT)
        if endpoint not in SYNC_ENDPOINTS:
            raise BadRequest(f"The endpoint '{endpoint}' is not supported.")
        row = {
            "__metadata": {
                "uri": f"{host.address}/api/v1/{code_of(company.id)}/{SYNC_TIMESTAMP_PATH}",
                "type": "Exact.Web.Api.Models.Sync.SyncTimestamp",
            },
            "API": endpoint,
            "Modified": json_date(since),
            "TimeStampAsBigInt": self._version_before(company, since),
        }
        return {"d": {"results": [row]}}

    def _version_before(self, company: Company, since: int) -> int:
        books, zone = self.divisions.books, self.divisions.zone(company)
        low, high = 0, books.version
        while low < high:
            middle = (low + high) // 2
            placed = next(iter(books.lines_changed(middle)), None)
            if placed is None or wall_milliseconds(placed.line.stamp.time, zone) >= since:
                high = middle
            else:
                low = placed.line.stamp.version
        return row_version(company, books.companies[company.id].stamp._replace(version=low + 1)) - 1


def _argument(parameters: Mapping[str, str], name: str, kind: Edm) -> object:
    if name not in parameters:
        raise BadRequest(f"The parameter '{name}' is missing.")
    literals = parse_literals(parameters[name])
    if len(literals) != 1 or literals[0].kind is not kind:
        raise BadRequest(f"The parameter '{name}' is not of type '{kind.value}'.")
    return literals[0].value


def _with(answer: Answer, headers: Mapping[str, str]) -> Answer:
    return replace(answer, headers={**answer.headers, **headers})
