"""The authorization server over HTTP: the pages on which a person agrees and withdraws it, and tokens."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from monitr_pipelines.emulators.exact.tokens import App, Pair, Refused, Tokens
from monitr_pipelines.emulators.frame.messages import HTML, Answer, Request

AUTHORIZE, TOKEN = "/api/oauth2/auth", "/api/oauth2/token"
# Where a person withdraws what they agreed to; the real one has such a page within its web client.
APPS = "/api/oauth2/apps"
FORM = "application/x-www-form-urlencoded"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HIDDEN = ("client_id", "redirect_uri", "response_type", "state")
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<title>Sign in: emulated Exact Online</title></head><body><main>
<h1>Emulated Exact Online</h1>
{body}
</main></body></html>
"""
QUESTION = """<p>May the app <strong>{app}</strong> read your books?</p>
<form method="post" action="{action}">{hidden}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="refuse">Refuse</button>
</form>"""
ALLOWED = """<ul>{apps}</ul>
<form method="post" action="{action}"><button>Withdraw</button></form>"""


@dataclass(frozen=True)
class SignIn:
    """Answers below `/api/oauth2/`.

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
        if request.path == APPS and request.method in ("GET", "POST"):
            return self._allowed(request)
        return _page(404, "There is no such page.")

    def _authorize(self, request: Request) -> Answer:
        asked = dict(request.query) if request.method == "GET" else _form(request)
        app = self.tokens.apps.get(asked.get("client_id", ""))
        redirect = asked.get("redirect_uri", "")
        if app is None:
            return _page(400, "The client id is unknown.")
        if not _registered(app, redirect):
            # Nobody is sent to an address that is not registered: it may be a thief's.
            return _page(400, "The redirect URI is not the one that is registered.")
        if asked.get("response_type") != "code":
            return _back(redirect, asked, error="unsupported_response_type")
        if request.method == "GET" and not self.automatic:
            return _question(app, asked)
        if request.method == "POST" and asked.get("decision") != "allow":
            return _back(redirect, asked, error="access_denied")
        return _back(redirect, asked, code=self.tokens.grant_code(app.id, redirect))

    def _allowed(self, request: Request) -> Answer:
        if request.method == "POST":
            self.tokens.withdraw()
        names = "".join(f"<li>{escape(app)} may read your books.</li>" for app in self.tokens.allowed())
        if not names:
            return _page(200, "No app may read your books.")
        return _page(200, ALLOWED.format(apps=names, action=APPS), raw=True)

    def _token(self, request: Request) -> Answer:
        try:
            pair = self._granted(request)
        except Refused as refused:
            reason = {"Reason": refused.reason} if refused.reason else {}
            document = {"error": refused.error, "error_description": refused.description}
            return Answer.json(document, refused.status, cache_control="no-store", **reason)
        # The life of the token is told as a text.
        document = {
            "access_token": pair.access,
            "token_type": "bearer",
            "expires_in": "600",
            "refresh_token": pair.refresh,
        }
        return Answer.json(document, cache_control="no-store")

    def _granted(self, request: Request) -> Pair:
        form = _basic(request) | _form(request)
        grant = form.get("grant_type")
        if grant == "authorization_code":
            app, secret, code, redirect = _needed(form, "client_id", "client_secret", "code", "redirect_uri")
            return self.tokens.exchange(app, secret, code, redirect)
        if grant == "refresh_token":
            app, secret, token = _needed(form, "client_id", "client_secret", "refresh_token")
            return self.tokens.refresh(app, secret, token)
        raise Refused(400, "unsupported_grant_type", "The grant_type is missing or not supported.")


def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _basic(request: Request) -> dict[str, str]:
    """The program's key where it stands in a header: published clients send it so with a code."""
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
            raise Refused(400, "invalid_request", f"The parameter {name} is missing.")
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
