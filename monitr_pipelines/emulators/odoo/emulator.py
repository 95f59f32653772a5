"""Odoo 16 to 19 over the shared books: which path is answered by what."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from monitr_pipelines.emulators.frame.contract import Shown
from monitr_pipelines.emulators.frame.messages import HTML, Answer, Request
from monitr_pipelines.emulators.odoo import analytics, entries, json2, jsonrpc, masters, xmlrpc
from monitr_pipelines.emulators.odoo.errors import HttpError
from monitr_pipelines.emulators.odoo.models import State, User
from monitr_pipelines.emulators.odoo.services import version_info
from monitr_pipelines.emulators.shared.books import SharedBooks

VERSIONS = (16, 17, 18, 19)
DATABASE, LOGIN = "demo", "reader@example.test"
PASSWORD, KEY = "emulated-password", "emulated-api-key"
USER_ID = 2
WEB_CLIENT = "<!DOCTYPE html><html><head><title>Odoo</title></head><body></body></html>"
NOT_FOUND = "<!doctype html><title>404 Not Found</title><h1>Not Found</h1>"


class OdooEmulator:
    """An Odoo server with one database and one user, who reads as `account_readonly` does.

    `state` is open to tests: `state.user` for rights, companies and a key that ends, `state.hidden` for a
    record rule that hides lines.
    """

    def __init__(self, books: SharedBooks, series: int | str = 18) -> None:
        version = next((each for each in VERSIONS if str(each) == str(series)), None)
        if version is None:
            raise ValueError(f"Odoo {series} is not emulated: there is {', '.join(map(str, VERSIONS))}.")
        companies = tuple(books.companies)
        user = User(USER_ID, LOGIN, PASSWORD, KEY, companies, companies[0])
        self.state = State(books, version, DATABASE, user, numbering=analytics.Numbering())
        self.state.owners = masters.owners_of(books, version)
        models = [*masters.models(version), *analytics.models(self.state), *entries.models(version)]
        self.state.models = {model.name: model for model in models}

    def settings(self, address: str) -> Mapping[str, str]:
        """What a connection needs."""
        user = self.state.user
        return {"url": address, "database": DATABASE, "username": user.login, "api_key": user.key}

    def administrations(self) -> Sequence[Shown]:
        """The companies of the user."""
        companies = self.state.books.companies
        return [Shown(str(each), companies[each].name) for each in self.state.user_companies()]

    def subject(self, request: Request) -> str:
        """The model, the method and the fields."""
        arguments: Sequence[object] = ()
        named: object = None
        if request.path == "/jsonrpc":
            arguments = ((jsonrpc.parsed(request) or {}).get("params") or {}).get("args") or ()
        elif request.path.startswith("/xmlrpc/"):
            call = xmlrpc.parsed(request.body)
            arguments = call[1] if call else ()
        elif request.path.startswith(json2.PREFIX):
            named = request.document
        named = arguments[6] if len(arguments) > 6 else named
        fields = named.get("fields") if isinstance(named, Mapping) else None
        return "/".join([request.path, *map(str, arguments[3:5]), str(fields or "")])

    def refusal(self, status: int) -> Answer:
        """JSON-2's own wording where there is JSON-2, a page for what a proxy answers."""
        known = HTTPStatus(status)
        if self.state.version >= 19 and status in (401, 403, 404, 409):
            return json2.refusal(HttpError(known, "Invalid apikey" if status == 401 else known.phrase))
        page = f"<html><head><title>{status} {known.phrase}</title></head><body>nginx</body></html>"
        return Answer.text(page, HTML, status)

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        path, version = request.path, self.state.version
        if request.method == "POST" and path.startswith("/xmlrpc/"):
            return xmlrpc.answer(self.state, request)
        if request.method == "POST" and path in jsonrpc.PATHS:
            return jsonrpc.answer(self.state, request)
        if version >= 19 and path.startswith((json2.PREFIX, json2.DOCUMENTED)):
            return json2.answer(self.state, request)
        return self._told(path)

    def _told(self, path: str) -> Answer:
        """What is told without signing in."""
        version = self.state.version
        if path == "/web/health":
            return Answer.json({"status": "pass"})
        if path in ("/web/version", "/json/version") and version >= 19:
            told = version_info(version)
            about = {"version_info": told["server_version_info"], "version": told["server_version"]}
            return Answer.json(about)
        if path.startswith("/json/") and version == 18:
            # Whatever is asked, the web client answers.
            return Answer.text(WEB_CLIENT, HTML)
        return Answer.text(NOT_FOUND, HTML, HTTPStatus.NOT_FOUND)
