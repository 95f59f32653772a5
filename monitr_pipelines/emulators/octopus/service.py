"""Octopus as a whole: which operation is called, by whom, how often, and what is answered."""

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from monitr_pipelines.emulators.frame.contract import Shown
from monitr_pipelines.emulators.frame.messages import HTML, JSON, Answer, Request
from monitr_pipelines.emulators.octopus.accounts import NotShown
from monitr_pipelines.emulators.octopus.bookkeeping import Bookkeeping
from monitr_pipelines.emulators.octopus.dossiers import dossier_of
from monitr_pipelines.emulators.octopus.forms import (
    INVALID,
    Refused,
    bad_question,
    error,
    parameters,
    whole_number,
)
from monitr_pipelines.emulators.octopus.limits import DailyCalls
from monitr_pipelines.emulators.octopus.sign_in import SignIn
from monitr_pipelines.emulators.octopus.tokens import DOSSIER, USER, Tokens

API, OAUTH = "/octopus-rest-api/v1", "/octopus-oauth/"
SOFTWARE_HOUSE = "5f0c7a52-6d0e-4a0b-9d8e-0c2b7f1e4a33"
USER_NAME, PASSWORD = "emulated-user", "emulated-password"
LOCALES = range(5)
CONNECTS = 150
BELOW = re.compile(API + r"/dossiers/(?P<dossier>-?\d{1,10})/(?P<path>.+)")
EXPIRED = "Invalid or expired token presented, unauthorized"
TEXTS = {
    400: INVALID,
    401: EXPIRED,
    403: "Unauthorized or disabled dossier",
    404: "Dossier not found",
    409: "Conflict",
    429: "Maximum allowed calls per day exceeded",
    500: "Internal server error",
}
PAGE = (
    "<!DOCTYPE html><html><head><title>{status} {phrase}</title></head><body><h1>{phrase}</h1></body></html>"
)


class Octopus:
    """The emulator: `tokens`, `limits`, `sign_in` and the `dossiers` of `books` are what tests turn.

    Args:
        books: What the dossiers hold.
        sign_in: The authorization server, which gives out tokens too.
        limits: How often a day anything may be called.
        passwords: Whether settings have the user's password, or a refresh token of theirs.
    """

    def __init__(
        self, books: Bookkeeping, sign_in: SignIn, limits: DailyCalls, *, passwords: bool = True
    ) -> None:
        self.books = books
        self.sign_in = sign_in
        self.limits = limits
        self._passwords = passwords

    @property
    def tokens(self) -> Tokens:
        """What says who a user is, and opens dossiers."""
        return self.sign_in.grants.tokens

    def settings(self, address: str) -> Mapping[str, str]:
        """The server, and the user: with a password, or as someone agreed.

        The program's identification is that of the kind's application.
        """
        if not self._passwords:
            return {"url": address, "refresh_token": self.sign_in.grants.grant_pair().refresh}
        return {"url": address, "user": USER_NAME, "password": PASSWORD}

    def administrations(self) -> Sequence[Shown]:
        """The dossiers that the user may open."""
        return [Shown(str(dossier_of(each.id)), each.name) for each in self.books.dossiers.reachable()]

    def subject(self, request: Request) -> str:
        """The operation in its dossier: its bookyears and times are what pages are elsewhere."""
        return re.sub(r"/bookyears/-?\d+", "/bookyears", request.path)

    def refusal(self, status: int) -> Answer:
        """A refusal as the service words it; a proxy's page where the service itself is not reached."""
        if status in TEXTS:
            return error(status, TEXTS[status])
        return _page(status)

    def answer(self, request: Request) -> Answer:
        """The answer to a request, whatever was asked."""
        if request.path.startswith(OAUTH):
            return self.sign_in.answer(request)
        try:
            with self.books.dossiers.books.lock:
                return self._answer(request)
        except Refused as refused:
            return error(refused.status, refused.text)
        except NotShown as unknown:
            return error(500, str(unknown))

    def _answer(self, request: Request) -> Answer:
        entrances: Mapping[str, Mapping[str, Callable[[Request], Answer]]] = {
            f"{API}/authentication": {"POST": self._authenticate, "GET": self._whoami},
            f"{API}/dossiers": {"GET": self._dossiers, "POST": self._connect},
        }
        methods = entrances.get(request.path)
        if methods is not None:
            asked = methods.get(request.method)
            return asked(request) if asked else _not_allowed(*methods)
        below = BELOW.fullmatch(request.path)
        return self._in_dossier(request, below["dossier"], below["path"]) if below else _page(404)

    def _in_dossier(self, request: Request, number: str, path: str) -> Answer:
        call = self.books.called(path)
        if call is None:
            return _page(404)
        if request.method != "GET":
            return _not_allowed("GET")
        dossier = whole_number(number)
        if self.tokens.holder(DOSSIER, _header(request, "dossiertoken")) != str(dossier):
            raise Refused(401, EXPIRED)
        company = self.books.dossiers.company(dossier)
        if company is None:
            raise Refused(404, TEXTS[404])
        ask = call.parsed(request.query)
        self._count(call.operation.name, str(dossier), call.operation.calls)
        self.books.documents.look()
        body = ask(company)
        if not body:
            raise Refused(404, call.operation.nothing)
        return Answer(200, body, {"Content-Type": JSON})

    def _authenticate(self, request: Request) -> Answer:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            return error(415, "Unsupported Media Type")
        given = request.document
        if not isinstance(given, dict) or set(given) != {"user", "password"}:
            raise bad_question()
        if _header(request, "softwarehouseuuid") != self.sign_in.grants.app.id:
            raise Refused(401, "Invalid credentials or softwarehouse Uuid provided")
        if (given["user"], given["password"]) != (USER_NAME, PASSWORD):
            user = str(given["user"])[:80]
            raise Refused(
                401, f"Incrementing failed login attempt count for user {user}, IP address 127.0.0.1. "
            )
        return Answer.json({"token": self.tokens.give(USER, USER_NAME)})

    def _whoami(self, request: Request) -> Answer:
        self._signed_in(request)
        return Answer.json({"token": request.headers["token"]})

    def _dossiers(self, request: Request) -> Answer:
        self._signed_in(request)
        parameters(request.query)
        self._count("getDossiers", "", CONNECTS)
        return Answer.json(self.books.masters.listed())

    def _connect(self, request: Request) -> Answer:
        self._signed_in(request)
        asked = parameters(request.query, "dossierId", optional=("localeId",))
        dossier = whole_number(asked["dossierId"])
        if whole_number(asked.get("localeId", "0")) not in LOCALES:
            raise bad_question()
        self._count("connectDossier", "", CONNECTS)
        company = self.books.dossiers.company(dossier)
        if company is None:
            raise Refused(404, TEXTS[404])
        if not self.books.dossiers.may_open(company):
            raise Refused(403, TEXTS[403])
        return Answer.json({"Dossiertoken": self.tokens.give(DOSSIER, str(dossier))})

    def _signed_in(self, request: Request) -> None:
        if self.tokens.holder(USER, _header(request, "token")) is None:
            raise Refused(401, EXPIRED)

    def _count(self, operation: str, dossier: str, calls: int) -> None:
        if not self.limits.allows(operation, dossier, calls):
            raise Refused(429, TEXTS[429])


def _header(request: Request, name: str) -> str:
    if name not in request.headers:
        raise bad_question()
    return request.headers[name]


def _not_allowed(*methods: str) -> Answer:
    return Answer(405, headers={"Allow": ", ".join(methods)})


def _page(status: int) -> Answer:
    page = PAGE.format(status=status, phrase=HTTPStatus(status).phrase)
    return Answer.text(page, HTML, status)
