"""Intuit's sign-in over HTTP: the page on which a person chooses a company and agrees, and tokens.

A person agrees for one company at a time; its realm id comes back beside the code.
"""

import secrets
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from monitr_pipelines.emulators.frame.contract import Shown
from monitr_pipelines.emulators.frame.messages import HTML, Answer, Request
from monitr_pipelines.emulators.quickbooks.tokens import ACCESS_LIFE, REFRESH_LIFE, App, Pair, Refusal, Tokens

AUTHORIZE, TOKEN = "/connect/oauth2", "/oauth2/v1/tokens/bearer"
REVOKE, DISCOVERY = "/v2/oauth2/tokens/revoke", "/.well-known/openid_configuration"
# Where a person withdraws what they agreed to; the real one has such a page within its web client.
APPS = "/app/apps"
SCOPE = "com.intuit.quickbooks.accounting"
FORM = "application/x-www-form-urlencoded"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HIDDEN = ("client_id", "redirect_uri", "response_type", "scope", "state")
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<title>Sign in: emulated QuickBooks Online</title></head><body><main>
<h1>Emulated QuickBooks Online</h1>
{body}
</main></body></html>
"""
QUESTION = """<p>May the app <strong>{app}</strong> read your books?</p>
<form method="post" action="{action}">{hidden}
<label>Company <select name="realm">{companies}</select></label>
<button name="decision" value="allow">Connect</button>
<button name="decision" value="refuse">Cancel</button>
</form>"""
ALLOWED = """<ul>{apps}</ul>
<form method="post" action="{action}"><button>Disconnect</button></form>"""


@dataclass(frozen=True)
class SignIn:
    """Answers what is not below `/v3/`.

    Args:
        tokens: What is given out.
        companies: Those that the person may choose, by realm id.
        automatic: Whether people agree without being asked, for the first company, so that tests need no
            browser.
    """

    tokens: Tokens
    companies: Callable[[], Sequence[Shown]]
    automatic: bool = False

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        path, method = request.path.rstrip("/"), request.method
        if path == AUTHORIZE and method in ("GET", "POST"):
            return self._authorize(request)
        if path in (TOKEN, REVOKE) and method == "POST":
            return self._programs(request)
        if path == APPS and method in ("GET", "POST"):
            return self._allowed(request)
        if path == DISCOVERY and method == "GET":
            return Answer.json(_discovery(request.address))
        return _page(404, "There is no such page.")

    def _authorize(self, request: Request) -> Answer:
        asked = dict(request.query) if request.method == "GET" else _form(request)
        app = self.tokens.apps.get(asked.get("client_id", ""))
        redirect = asked.get("redirect_uri", "")
        if app is None or not _registered(app, redirect):
            # Nobody is sent to an address that is not registered: it may be a thief's.
            return _page(400, "The client id is unknown, or the redirect URI is not registered.")
        if error := _mistake(asked):
            return _back(redirect, asked, error=error)
        if request.method == "GET" and not self.automatic:
            return self._question(app, asked)
        realms = [shown.id for shown in self.companies()]
        realm = asked.get("realm", realms[0] if realms else "")
        if realm not in realms or (request.method == "POST" and asked.get("decision") != "allow"):
            return _back(redirect, asked, error="access_denied")
        return _back(redirect, asked, code=self.tokens.grant_code(app.id, realm, redirect), realmId=realm)

    def _question(self, app: App, asked: Mapping[str, str]) -> Answer:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
            for name in HIDDEN
            if name in asked
        )
        companies = "".join(
            f'<option value="{shown.id}">{escape(shown.name)}</option>' for shown in self.companies()
        )
        body = QUESTION.format(app=escape(app.id), action=AUTHORIZE, hidden=hidden, companies=companies)
        return _page(200, body, raw=True)

    def _allowed(self, request: Request) -> Answer:
        if request.method == "POST":
            self.tokens.withdraw()
        names = {shown.id: shown.name for shown in self.companies()}
        apps = "".join(
            f"<li>{escape(app)} may read the books of {escape(names.get(realm, realm))}.</li>"
            for app, realm in self.tokens.allowed()
        )
        if not apps:
            return _page(200, "No app may read your books.")
        return _page(200, ALLOWED.format(apps=apps, action=APPS), raw=True)

    def _programs(self, request: Request) -> Answer:
        try:
            app = self._authenticated(request)
            if request.path.rstrip("/") == REVOKE:
                return self._revoked(request)
            return _tokens(self._granted(app, _form(request)))
        except Refusal as refusal:
            return Answer.json(refusal.document, refusal.status, cache_control="no-store")

    def _authenticated(self, request: Request) -> App:
        name, secret = _basic(request)
        app = self.tokens.apps.get(name)
        if app is None or not secrets.compare_digest(app.secret.encode(), secret.encode()):
            raise Refusal(401, "invalid_client")
        return app

    def _granted(self, app: App, form: Mapping[str, str]) -> Pair:
        grant = form.get("grant_type")
        if grant == "authorization_code":
            code, redirect = _needed(form, "code", "redirect_uri")
            return self.tokens.exchange(app, code, redirect)
        if grant == "refresh_token":
            (token,) = _needed(form, "refresh_token")
            return self.tokens.refresh(app, token)
        raise Refusal(400, "unsupported_grant_type")

    def _revoked(self, request: Request) -> Answer:
        form = request.document if isinstance(request.document, dict) else _form(request)
        if not self.tokens.revoke(str(form.get("token", ""))):
            raise Refusal(400, "invalid_request", "The token is unknown.")
        return Answer()


def _mistake(asked: Mapping[str, str]) -> str:
    """What is wrong with what the person was sent with, empty where nothing is."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if SCOPE not in asked.get("scope", "").split():
        return "invalid_scope"
    return "" if asked.get("state") else "invalid_request"


def _tokens(pair: Pair) -> Answer:
    document = {
        "token_type": "bearer",
        "access_token": pair.access,
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "refresh_token": pair.refresh,
        "x_refresh_token_expires_in": int(REFRESH_LIFE.total_seconds()),
    }
    return Answer.json(document, cache_control="no-store")


def _discovery(address: str) -> Mapping[str, str]:
    return {
        "issuer": f"{address}/op/v1",
        "authorization_endpoint": f"{address}{AUTHORIZE}",
        "token_endpoint": f"{address}{TOKEN}",
        "revocation_endpoint": f"{address}{REVOKE}",
        "userinfo_endpoint": f"{address}/v1/openid_connect/userinfo",
        "jwks_uri": f"{address}/op/v1/jwks",
    }


def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _basic(request: Request) -> tuple[str, str]:
    """The program's id and secret: they are taken from the header alone."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        name, _, secret = b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret


def _needed(form: Mapping[str, str], *names: str) -> list[str]:
    for name in names:
        if not form.get(name):
            raise Refusal(400, "invalid_request", f"The parameter {name} is missing.")
    return [form[name] for name in names]


def _registered(app: App, redirect: str) -> bool:
    if app.redirects:
        return redirect in app.redirects
    parts = urlsplit(redirect)
    return parts.scheme in ("http", "https") and parts.hostname in LOOPBACK


def _back(redirect: str, asked: Mapping[str, str], **answer: str) -> Answer:
    separator = "&" if "?" in redirect else "?"
    query = urlencode({**answer, "state": asked.get("state", "")})
    return Answer(302, headers={"Location": f"{redirect}{separator}{query}"})


def _page(status: int, text: str, *, raw: bool = False) -> Answer:
    body = text if raw else f"<p>{escape(text)}</p>"
    return Answer.text(PAGE.format(body=body), HTML, status)
