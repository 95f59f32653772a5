"""The authorization server over HTTP: the page on which a person agrees, and the tokens."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from monitr_pipelines.emulators.frame.messages import HTML, JSON, Answer, Request
from monitr_pipelines.emulators.moneybird.forms import EPOCH
from monitr_pipelines.emulators.moneybird.limits import SECOND
from monitr_pipelines.emulators.moneybird.tokens import DEFAULT_SCOPES, SCOPES, Pair, TokenRefused, Tokens

AUTHORIZE, TOKEN = "/oauth/authorize", "/oauth/token"
FORM = "application/x-www-form-urlencoded"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HIDDEN = ("client_id", "redirect_uri", "response_type", "scope", "state")
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<title>Sign in: emulated Moneybird</title></head><body><main>
<h1>Emulated Moneybird</h1>
{body}
</main></body></html>
"""
QUESTION = """<p>May the app <strong>{app}</strong> read {scopes} of your administrations?</p>
<form method="post" action="{action}">{hidden}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="refuse">Refuse</button>
</form>"""


@dataclass(frozen=True)
class SignIn:
    """Answers below `/oauth/`.

    Args:
        tokens: What is given out.
        automatic: Whether people agree without being asked, so that tests need no browser.
    """

    tokens: Tokens
    automatic: bool = False

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        if request.path == AUTHORIZE and request.method in ("GET", "POST"):
            return self._authorize(request)
        if request.path == TOKEN and request.method == "POST":
            return self._token(request)
        return _page(404, "There is no such page.")

    def _authorize(self, request: Request) -> Answer:
        asked = dict(request.query) if request.method == "GET" else _fields(request)
        redirect = asked.get("redirect_uri", "")
        scopes = frozenset(asked.get("scope", "").split()) or DEFAULT_SCOPES
        if asked.get("client_id") != self.tokens.app.id:
            return _page(401, "The client id is unknown.")
        if not self._registered(redirect):
            # Nobody is sent to an address that is not registered: it may be a thief's.
            return _page(401, "The redirect URI is not the one that is registered.")
        if error := _wrong(asked, scopes):
            return _back(redirect, asked, error=error)
        if request.method == "GET" and not self.automatic:
            return self._question(asked, scopes)
        if request.method == "POST" and asked.get("decision") != "allow":
            return _back(redirect, asked, error="access_denied")
        return _back(redirect, asked, code=self.tokens.grant_code(scopes, redirect))

    def _registered(self, redirect: str) -> bool:
        if self.tokens.app.redirects:
            return redirect in self.tokens.app.redirects
        parts = urlsplit(redirect)
        return parts.scheme in ("http", "https") and parts.hostname in LOOPBACK

    def _question(self, asked: Mapping[str, str], scopes: frozenset[str]) -> Answer:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
            for name in HIDDEN
            if name in asked
        )
        named = ", ".join(sorted(scopes))
        body = QUESTION.format(app=escape(self.tokens.app.id), scopes=named, action=AUTHORIZE, hidden=hidden)
        return _page(200, body, raw=True)

    def _token(self, request: Request) -> Answer:
        try:
            pair = self._granted(_basic(request) | _fields(request))
        except TokenRefused as refused:
            reason = {"error": refused.error, "error_description": refused.description}
            return Answer.json(reason, refused.status, cache_control="no-store")
        # Without `expires_in` where they do not end.
        document: dict[str, object] = {
            "access_token": pair.access,
            "token_type": "Bearer",
            "scope": " ".join(sorted(pair.grant.scopes)),
            "created_at": (pair.created - EPOCH) // SECOND,
        }
        return Answer.json(document | self._more(pair), cache_control="no-store")

    def _more(self, pair: Pair) -> dict[str, object]:
        life = self.tokens.lives.access
        more: dict[str, object] = {} if pair.refresh is None else {"refresh_token": pair.refresh}
        return more if life is None else more | {"expires_in": life // SECOND}

    def _granted(self, form: Mapping[str, str]) -> Pair:
        self.tokens.authenticate(form.get("client_id", ""), form.get("client_secret", ""))
        grant = form.get("grant_type")
        if grant == "authorization_code":
            code, redirect = _needed(form, "code", "redirect_uri")
            return self.tokens.exchange(code, redirect)
        if grant == "refresh_token":
            (token,) = _needed(form, "refresh_token")
            return self.tokens.refresh(token)
        text = "The authorization grant type is not supported by the authorization server."
        raise TokenRefused(400, "unsupported_grant_type", text)


def _wrong(asked: Mapping[str, str], scopes: frozenset[str]) -> str:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    return "" if scopes <= set(SCOPES) else "invalid_scope"


def _fields(request: Request) -> dict[str, str]:
    """What a form or a JSON document holds; programs send codes either way."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM:
        return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    if kind == JSON and isinstance(document := request.document, dict):
        return {name: value for name, value in document.items() if isinstance(value, str)}
    return {}


def _basic(request: Request) -> dict[str, str]:
    """The program's key where it stands in a header."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return {}
    try:
        name, separator, secret = b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret} if separator else {}


def _needed(form: Mapping[str, str], *names: str) -> list[str]:
    for name in names:
        if not form.get(name):
            raise TokenRefused(400, "invalid_request", f"Missing required parameter: {name}.")
    return [form[name] for name in names]


def _back(redirect: str, asked: Mapping[str, str], **answer: str) -> Answer:
    if "state" in asked:
        answer["state"] = asked["state"]
    separator = "&" if "?" in redirect else "?"
    return Answer(302, headers={"Location": f"{redirect}{separator}{urlencode(answer)}"})


def _page(status: int, text: str, *, raw: bool = False) -> Answer:
    body = text if raw else f"<p>{escape(text)}</p>"
    return Answer.text(PAGE.format(body=body), HTML, status)
