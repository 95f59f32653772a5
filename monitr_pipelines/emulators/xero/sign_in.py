"""The authorization server over HTTP: the page on which a person agrees, and tokens."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from monitr_pipelines.emulators.frame.messages import HTML, Answer, Request
from monitr_pipelines.emulators.xero import scopes
from monitr_pipelines.emulators.xero.tokens import ACCESS_LIFE, App, Grant, Pair, Refused, Tokens

AUTHORIZE, TOKEN = "/identity/connect/authorize", "/connect/token"
FORM = "application/x-www-form-urlencoded"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HIDDEN = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<title>Sign in: emulated Xero</title></head><body><main>
<h1>Emulated Xero</h1>
{body}
</main></body></html>
"""
QUESTION = """<p>May the app <strong>{app}</strong> read your organisations?</p>
<form method="post" action="{action}">{hidden}
<button name="decision" value="allow">Allow access</button>
<button name="decision" value="refuse">Cancel</button>
</form>"""


@dataclass(frozen=True)
class SignIn:
    """Answers of both hosts that people and programs sign in on.

    Args:
        tokens: What is given out.
        automatic: Whether people agree without being asked, so that tests need no browser.
        known: The scopes that the program may ask for.
    """

    tokens: Tokens
    automatic: bool = False
    known: frozenset[str] = scopes.KNOWN

    def answer(self, request: Request) -> Answer:
        """The answer to a request for one of the two paths."""
        if request.path == AUTHORIZE and request.method in ("GET", "POST"):
            return self._authorize(request)
        if request.path == TOKEN and request.method == "POST":
            return self._token(request)
        return _page(404, "There is no such page.")

    def _authorize(self, request: Request) -> Answer:
        asked = dict(request.query) if request.method == "GET" else _form(request)
        app = self.tokens.apps.get(asked.get("client_id", ""))
        redirect = asked.get("redirect_uri", "")
        if app is None:
            return _page(400, "Error: unauthorized_client. The client id is unknown.")
        if not _registered(app, redirect):
            # Nobody is sent to an address that is not registered: it may be a thief's.
            return _page(400, "Error: unauthorized_client. The redirect URI is not registered.")
        wrong = self._wrong(asked)
        if wrong is not None:
            return _back(redirect, asked, error=wrong)
        if request.method == "GET" and not self.automatic:
            return _question(app, asked)
        if request.method == "POST" and asked.get("decision") != "allow":
            return _back(redirect, asked, error="access_denied")
        grant = Grant(app.id, frozenset(asked["scope"].split()))
        code = self.tokens.grant_code(grant, redirect, asked.get("code_challenge"))
        return _back(redirect, asked, code=code)

    def _wrong(self, asked: Mapping[str, str]) -> str | None:
        if asked.get("response_type") != "code":
            return "unsupported_response_type"
        wanted = asked.get("scope", "").split()
        if not wanted or not self.known.issuperset(wanted):
            return "invalid_scope"
        if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
            return "invalid_request"
        return None

    def _token(self, request: Request) -> Answer:
        try:
            pair = self._granted(request)
        except Refused as refused:
            return Answer.json({"error": refused.error}, 400, cache_control="no-store")
        document: dict[str, object] = {
            "id_token": "ey.emulated",
            "access_token": pair.access,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "Bearer",
        }
        if pair.refresh is not None:
            document["refresh_token"] = pair.refresh
        document["scope"] = " ".join(sorted(pair.scopes))
        return Answer.json(document, cache_control="no-store")

    def _granted(self, request: Request) -> Pair:
        form = _form(request) | _basic(request)
        app, secret, grant = _needed(form, "client_id", "client_secret", "grant_type")
        if grant == "authorization_code":
            code, redirect = _needed(form, "code", "redirect_uri")
            return self.tokens.exchange(app, secret, code, redirect, form.get("code_verifier"))
        if grant == "refresh_token":
            (token,) = _needed(form, "refresh_token")
            return self.tokens.refresh(app, secret, token)
        raise Refused("unsupported_grant_type")


def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _basic(request: Request) -> dict[str, str]:
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
            raise Refused("invalid_client" if name.startswith("client") else "invalid_request")
    return [form[name] for name in names]


def _registered(app: App, redirect: str) -> bool:
    if app.redirects:
        return redirect in app.redirects
    parts = urlsplit(redirect)
    return parts.scheme in ("http", "https") and parts.hostname in LOOPBACK


def _back(redirect: str, asked: Mapping[str, str], **answer: str) -> Answer:
    if "state" in asked:
        answer["state"] = asked["state"]
    separator = "&" if "?" in redirect else "?"
    return Answer(302, headers={"Location": f"{redirect}{separator}{urlencode(answer)}"})


def _question(app: App, asked: Mapping[str, str]) -> Answer:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
        for name in HIDDEN
        if name in asked
    )
    return _page(200, QUESTION.format(app=escape(app.id), action=AUTHORIZE, hidden=hidden), raw=True)


def _page(status: int, text: str, *, raw: bool = False) -> Answer:
    body = text if raw else f"<p>{escape(text)}</p>"
    return Answer.text(PAGE.format(body=body), HTML, status)
