"""Moneybird as a whole: who asks, how often, of which administration, and what of it is answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from monitr_pipelines.emulators.frame.contract import Shown
from monitr_pipelines.emulators.frame.grants import Grant
from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.moneybird.administrations import Administrations, NotShown, Rights
from monitr_pipelines.emulators.moneybird.downloads import FILES, Downloads
from monitr_pipelines.emulators.moneybird.forms import Refused, identifier
from monitr_pipelines.emulators.moneybird.ledger import Ledger
from monitr_pipelines.emulators.moneybird.limits import CallLimits
from monitr_pipelines.emulators.moneybird.routes import Routes
from monitr_pipelines.emulators.moneybird.sign_in import SignIn
from monitr_pipelines.emulators.moneybird.tokens import Tokens

OAUTH = "/oauth/"
PATH = re.compile(r"/api/v2/(?:(?P<administration>\d+)/)?(?P<path>[a-z_/0-9]+?)(?:\.json)?")
LIST = "administrations"
NO_TOKEN = Refused(401, "token is invalid", request="invalid_grant")
TEXTS = {
    400: "Bad Request",
    402: "Payment required",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    422: "Unprocessable entity",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Moneybird:
    """The emulator.

    `tokens`, `limits` and `rights` are what tests turn while it serves.
    """

    def __init__(
        self, administrations: Administrations, sign_in: SignIn, limits: CallLimits, sign: str
    ) -> None:
        self.shown = administrations
        self.sign_in = sign_in
        self.limits = limits
        self._ledger = Ledger(administrations, sign)
        self._downloads = Downloads(administrations, self._ledger)
        self.routes = Routes(administrations, self._ledger, self._downloads)

    @property
    def tokens(self) -> Tokens:
        """What was given out to programs."""
        return self.sign_in.tokens

    @property
    def rights(self) -> Rights:
        """What the person who agreed may see."""
        return self.shown.rights

    def settings(self, address: str) -> Mapping[str, str]:
        """The server that stands for the maker's, and tokens as if someone had agreed just now."""
        pair = self.tokens.grant_pair()
        tokens = {"access_token": pair.access} | ({"refresh_token": pair.refresh} if pair.refresh else {})
        return {"url": address} | tokens

    def administrations(self) -> Sequence[Shown]:
        """The administrations that the person may see."""
        return [
            Shown(identifier("administration", company.id), company.name)
            for company in self.shown.reachable()
        ]

    def subject(self, request: Request) -> str:
        """The path with what is asked of it, whichever page."""
        query = {name: value for name, value in sorted(request.query.items()) if name != "page"}
        return f"{request.method} {request.path}?{urlencode(query)}"

    def refusal(self, status: int) -> Answer:
        """A refusal as the service words it."""
        if status == 401:
            return NO_TOKEN.answer()
        if status == 429:
            return Answer.json("Retry later", 429, **self.limits.refusal())
        return Refused(status, TEXTS.get(status, TEXTS[500])).answer()

    def answer(self, request: Request) -> Answer:
        """The answer to a request, whatever was asked."""
        if request.path.startswith(OAUTH):
            return self.sign_in.answer(request)
        if request.path.startswith(FILES) and request.method == "GET":
            return self._downloads.fetch(request.path.removeprefix(FILES))
        held = self.tokens.holder(request.bearer)
        if held is None:
            return NO_TOKEN.answer()
        allowed, headers = self.limits.count(held.grant.app)
        if not allowed:
            return self.refusal(429)
        try:
            with self.shown.books.lock:
                answer = self._granted(request, held.grant)
        except Refused as refused:
            answer = refused.answer()
        except NotShown as unknown:
            answer = Refused(500, str(unknown)).answer()
        return replace(answer, headers={**answer.headers, **headers})

    def _granted(self, request: Request, grant: Grant) -> Answer:
        match = PATH.fullmatch(request.path)
        if match is None:
            raise Refused(404, TEXTS[404])
        if match["administration"] is None:
            return self._list(request.method, match["path"])
        company = self.shown.company(match["administration"])
        if company is None:
            raise Refused(404, "record not found", administration_id="not_found")
        if company.id in self.rights.suspended:
            raise Refused(401, "Administration is suspended")
        route = self.routes.find(request.method, match["path"])
        if route is None:
            raise Refused(404, TEXTS[404])
        route.checked(grant.scopes - self.rights.missing)
        return route.respond(company, request)

    def _list(self, method: str, path: str) -> Answer:
        if (method, path) != ("GET", LIST):
            raise Refused(404, TEXTS[404])
        rows = [self.shown.row(company, self._ledger.began(company)) for company in self.shown.reachable()]
        return Answer.json(rows)
