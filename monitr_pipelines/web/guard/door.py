"""The guard around an ASGI application: it refuses, asks for a sign-in, or lets a request through."""

import logging
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitr_pipelines import settings
from monitr_pipelines.web.guard import addresses, rules
from monitr_pipelines.web.guard.addresses import Addresses
from monitr_pipelines.web.guard.pages import FOLDER, SIGN_IN, Pages
from monitr_pipelines.web.guard.rules import NOT_JSON, Refusal, header, is_graphql, wants_page
from monitr_pipelines.web.guard.sign_in import Tokens
from monitr_pipelines.web.shell.i18n import language_of, text
from monitr_pipelines.web.shell.render import render

CORS = "access-control-"
# Added to what Dagster says itself: no other site shows, opens or reads its pages.
HEADERS = {
    "content-security-policy": "frame-ancestors 'self'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Guard:
    """`app` behind the rules, for whoever the tokens admit."""

    app: ASGIApp
    addresses: Addresses
    pages: Pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let `app` answer."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = HTTPConnection(scope)
        refusal = rules.refused(asked, self.addresses)
        if refusal or not self.pages.tokens.admit(asked):
            _note(asked, refusal.reason if refusal else "sign-in")
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Request(scope, receive)
        answer = await self._answer(asked)
        if answer is not None:
            await answer(scope, receive, send)
            return
        if scope["method"] != "POST" and is_graphql(asked):
            scope = {**scope, "query_string": b""}  # the page of the console, which runs nothing by itself

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _set_headers(MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, send_with_headers)

    async def _answer(self, asked: Request) -> Response | None:
        refusal = rules.refused(asked, self.addresses)
        own = asked.scope["path"].startswith(FOLDER)
        if refusal and not (own and refusal is NOT_JSON):  # the form of our own page
            _note(asked, refusal.reason)
            return _told(asked, refusal)
        if own:
            return await self.pages.answer(asked)
        if self.pages.tokens.admit(asked):
            return None
        return self.pages.ask(asked) if wants_page(asked) else _unknown(asked)


def guarded(app: ASGIApp) -> Guard:
    """An application behind the guard, as the settings want it. Raises BadSetting."""
    settings.check()
    return Guard(app, addresses.configured(), Pages(Tokens(settings.operator_tokens())))


def _set_headers(headers: MutableHeaders) -> None:
    for name in {name for name in headers if name.startswith(CORS)}:
        del headers[name]
    for name, value in HEADERS.items():
        if name == "content-security-policy":
            headers.append(name, value)  # a second policy holds beside the first
        else:
            headers[name] = value


def _told(asked: Request, refusal: Refusal) -> Response:
    host = header(asked, "host")[:200]
    if wants_page(asked):
        return render(asked, None, "operator_refused.html", refusal.status, reason=refusal.reason, host=host)
    return _plain(asked, refusal.status, refusal.reason, host=host)


def _unknown(asked: Request) -> Response:
    answer = _plain(asked, 401, "sign_in", path=SIGN_IN)
    answer.headers["www-authenticate"] = "Bearer"
    return answer


def _plain(asked: Request, status: int, reason: str, **values: str) -> Response:
    told = text(language_of(asked), f"guard.refused.{reason}", **values)
    return PlainTextResponse(f"{told}\n", status, {"cache-control": "no-store", **HEADERS})


def _note(asked: HTTPConnection, reason: str) -> None:
    peer = asked.client.host if asked.client else "?"
    log.warning(
        "refused (%s): %s %r of %s, host %r, origin %r",
        reason,
        asked.scope.get("method", "WebSocket"),
        asked.scope["path"][:200],
        peer,
        header(asked, "host")[:200],
        header(asked, "origin")[:200],
    )
