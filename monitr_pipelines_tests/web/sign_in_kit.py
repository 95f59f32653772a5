"""A toy software that people sign in to: its authorization server on a loopback port, and its connector.

The server is strict: a client, a redirect address and a verifier that do not fit are refused, and a code is
good once.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from html import escape
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest
from fastapi import FastAPI, Form, Header, Response
from fastapi.responses import HTMLResponse, JSONResponse
from process_kit import LONGEST_WAIT

from monitr_pipelines.importing import ports
from monitr_pipelines.ledger.changes import Cursor, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.lifecycle.errors import EntityGone, ReconnectNeeded
from monitr_pipelines.providers.contract import Administration, Application, Consent, End, Item, Ports
from monitr_pipelines_tests.provider_kit import NAME, PROVIDER, installed
from monitr_pipelines_tests.warehouse.warehouse_kit import BANK, SALES, booking
from monitr_pipelines_tests.web.hook_kit import listening

APPLICATION = Application("monitr-at-toy", "application-secret-3b9e")
BAKERY = Administration("A1", "Bakkerij Peeters", "EUR")
GARAGE = Administration("A2", "Garage Janssens", "EUR", 7)
SHOP = Administration("A3", "Winkel Willems", "EUR")


@dataclass
class ToyServer:
    """The software: what its account sees, the codes and tokens that it gave out.

    `denies`: whoever signs in there does not let us in.
    """

    url: str = ""
    companies: Sequence[Administration] = (BAKERY, GARAGE, SHOP)
    denies: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    given_out: list[str] = field(default_factory=list)
    verifiers: list[str] = field(default_factory=list)

    def revoke(self) -> None:
        """No token that was given out works any more."""
        self.tokens.clear()

    # What a provider's sign-in answers

    def page(self, consent: Consent) -> str:
        asked = {
            "client_id": consent.application.id,
            "redirect_uri": consent.callback,
            "response_type": "code",
            "state": consent.state,
            "code_challenge": digest_of(consent.verifier),
            "code_challenge_method": "S256",
        }
        return f"{self.url}/authorize?{urlencode(asked)}"

    def exchange(self, consent: Consent, code: str) -> Mapping[str, str]:
        sent = {
            "code": code,
            "redirect_uri": consent.callback,
            "client_id": consent.application.id,
            "client_secret": consent.application.secret,
            "code_verifier": consent.verifier,
        }
        answer = httpx2.post(f"{self.url}/token", data=sent, timeout=LONGEST_WAIT)
        if answer.status_code != 200:
            raise ReconnectNeeded("Toy does not know this code.")
        return {**consent.given, "token": answer.json()["access_token"]}

    # What a connector asks

    def connect(self, administration: str | None, ports: Ports) -> "ToySource":
        return ToySource(self, administration, ports)


@dataclass
class ToySource:
    """One company of the software."""

    server: ToyServer
    administration: str | None
    ports: Ports

    def check(self) -> None:
        self._companies()

    def administrations(self) -> list[Administration]:
        return [Administration(**company) for company in self._companies()]

    def accounts(self) -> list[Account]:
        return [Account(BANK, "Bank"), Account(SALES, "Sales")]

    def axes(self) -> list[AxisValue]:
        return []

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        if self.administration not in {company["id"] for company in self._companies()}:
            raise EntityGone("Toy does not show this company.")
        lines = booking("T1", "2025-01", (BANK, 5), (SALES, -5))
        yield Replace(WholeLedger(), iter(lines)) if cursor is None else Upsert(lines)
        yield End({"read": 1})

    def trial_balance(self, at: date) -> None:
        return None

    def close(self) -> None:
        pass

    def _companies(self) -> list[dict[str, Any]]:
        sent = {"authorization": f"Bearer {self.ports.tokens.read()['token']}"}
        answer = httpx2.get(f"{self.server.url}/companies", headers=sent, timeout=LONGEST_WAIT)
        if answer.status_code == 401:
            raise ReconnectNeeded("Toy does not accept the token any more.")
        return list(answer.json())


def allow(away: str) -> str:
    """What the person clicks there; the path that leads back to us."""
    page = httpx2.get(away, timeout=LONGEST_WAIT)
    (back,) = re.findall(r'id="allow" href="([^"]+)"', page.text)
    parts = urlsplit(back.replace("&amp;", "&"))
    return f"{parts.path}?{parts.query}"


def digest_of(verifier: str) -> str:
    """RFC 7636, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def application(server: ToyServer) -> FastAPI:
    """The pages and answers of the software."""
    app = FastAPI()

    @app.get("/authorize")
    def authorize(client_id: str, redirect_uri: str, state: str, code_challenge: str) -> Response:
        if client_id != APPLICATION.id:
            return Response(status_code=400)
        code = secrets.token_urlsafe(16)
        server.codes[code] = {"redirect_uri": redirect_uri, "challenge": code_challenge}
        answer = {"error": "access_denied"} if server.denies else {"code": code}
        back = f"{redirect_uri}?{urlencode({**answer, 'state': state})}"
        return HTMLResponse(
            '<!doctype html><html lang="en"><title>Toy</title><link rel="icon" href="data:,">'
            f'<main><h1>Toy</h1><a id="allow" href="{escape(back)}">Let Monitr in</a></main>'
        )

    @app.post("/token")
    def token(
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        client_id: Annotated[str, Form()],
        client_secret: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
    ) -> Response:
        known = server.codes.pop(code, None)
        server.verifiers.append(code_verifier)
        if (
            known is None
            or known["redirect_uri"] != redirect_uri
            or known["challenge"] != digest_of(code_verifier)
            or (client_id, client_secret) != (APPLICATION.id, APPLICATION.secret)
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        given = f"toy-token-{secrets.token_urlsafe(16)}"
        server.tokens.add(given)
        server.given_out.append(given)
        return JSONResponse({"access_token": given})

    @app.get("/companies")
    def companies(authorization: Annotated[str, Header()] = "") -> Response:
        if authorization.removeprefix("Bearer ") not in server.tokens:
            return Response(status_code=401)
        return JSONResponse([vars(company) for company in server.companies])

    return app


@contextmanager
def running(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ToyServer]:
    """The software at a port of its own, with its connector, and this installation registered with it."""
    server = ToyServer()
    with listening(application(server)) as server.url:
        provider = replace(PROVIDER, fields=(), sign_in=server)
        with installed(server, folder, monkeypatch, provider), monkeypatch.context() as patched:
            patched.setattr(ports, "application_of", {NAME: APPLICATION}.get)
            yield server
