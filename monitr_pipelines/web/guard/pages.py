"""The page that asks an operator for a token, and what it does with one."""

import logging
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitr_pipelines.web.guard.attempts import Attempts
from monitr_pipelines.web.guard.rules import header
from monitr_pipelines.web.guard.sign_in import COOKIE, Tokens
from monitr_pipelines.web.shell.addresses import local
from monitr_pipelines.web.shell.headers import PAGE_HEADERS as SHELL_HEADERS
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.static_files import static_file

HOME = "/"
FOLDER = "/operators/"
SIGN_IN = f"{FOLDER}sign-in"
SIGN_OUT = f"{FOLDER}sign-out"
FILES = {f"{FOLDER}{name}": name for name in ("style.css", "icon.svg")}
FORM = "application/x-www-form-urlencoded"
LARGEST_FORM = 4096
# Where a page tells nobody of itself, the browser does not say of its form where that came from.
PAGE_HEADERS = {**SHELL_HEADERS, "referrer-policy": "same-origin"}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pages:
    """The pages of the guard's own, below `/operators/`."""

    tokens: Tokens
    attempts: Attempts = field(default_factory=Attempts)

    async def answer(self, asked: Request) -> Response:
        """The answer to a request below `/operators/`, of whoever may not be signed in yet."""
        path, method = asked.scope["path"], asked.method
        if path in FILES and method == "GET":
            return static_file(FILES[path])
        if not self.tokens.tokens:
            return _nothing(asked)
        if path == SIGN_IN and method == "GET":
            return self._page(asked)
        if path == SIGN_IN and method == "POST":
            return await self._sign_in(asked)
        if path == SIGN_OUT and method == "POST":
            left = RedirectResponse(SIGN_IN, 303, PAGE_HEADERS)
            left.delete_cookie(COOKIE, httponly=True, samesite="strict")
            return left
        return _nothing(asked)

    def ask(self, asked: Request) -> Response:
        """Send whoever opens a page to the form, and back to it afterwards.

        A browser keeps the cookie to itself where a link of another site is followed: our page asks again.
        """
        if header(asked, "sec-fetch-site") in ("cross-site", "same-site"):
            return render(asked, None, "operator_again.html", again=_path_of(asked))
        return RedirectResponse(f"{SIGN_IN}?back={quote(_path_of(asked), safe='')}", 303, PAGE_HEADERS)

    async def _sign_in(self, asked: Request) -> Response:
        address = asked.client.host if asked.client else ""
        wait = self.attempts.wait(address)
        if wait:
            refused = self._page(asked, 429, notice="wait", seconds=wait)
            refused.headers["retry-after"] = str(wait)
            return refused
        token = self.tokens.token(await _field(asked, "token"))
        if token is None:
            self.attempts.failed(address)
            log.warning("%s gave a token that is not valid", address)
            return self._page(asked, 401, notice="wrong")
        answer = RedirectResponse(local(asked.query_params.get("back", HOME), HOME), 303, PAGE_HEADERS)
        self.tokens.set_cookie(answer, token, secure=header(asked, "origin").startswith("https:"))
        return answer

    def _page(self, asked: Request, status: int = 200, notice: str = "", seconds: int = 0) -> Response:
        inside = self.tokens.admit(asked)
        page = render(
            asked, None, "operator_sign_in.html", status, notice=notice, seconds=seconds, inside=inside
        )
        page.headers.update(PAGE_HEADERS)
        return page


def _nothing(asked: Request) -> Response:
    return render(asked, None, "operator_refused.html", 404, reason="nothing", host="")


def _path_of(asked: Request) -> str:
    query = asked.scope["query_string"].decode("latin-1")
    return local(quote(asked.scope["path"]) + (f"?{query}" if query else ""), HOME)


async def _field(asked: Request, name: str) -> str:
    """A field of a posted form; empty where there is none, or where the form is none of ours."""
    if header(asked, "content-type").partition(";")[0].strip().lower() != FORM:
        return ""
    body = b""
    async for part in asked.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return ""
    return parse_qs(body.decode(errors="replace")).get(name, [""])[0]
