"""The authorization server over HTTP: the pages on which a person agrees and withdraws it, and tokens."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from monitr_pipelines.emulators.frame.messages import HTML, Answer, Request
from monitr_pipelines.emulators.twinfield.tokens import (
    ACCESS_LIFE,
    OPENID,
    SCOPES,
    App,
    Given,
    Refused,
    Tokens,
)

BELOW = "/auth/authentication/"
AUTHORIZE, TOKEN = f"{BELOW}connect/authorize", f"{BELOW}connect/token"
VALIDATION, USER = f"{BELOW}connect/accesstokenvalidation", f"{BELOW}connect/userinfo"
# Where a person withdraws what they agreed to; the real one has such a page within its web client.
APPS = f"{BELOW}apps"
ORGANISATION, USER_CODE = "EMULATED", "API000001"
ORGANISATION_ID = "00000001-0000-4000-8000-000000000001"
FORM = "application/x-www-form-urlencoded"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HIDDEN = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce")
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<title>Sign in: emulated Twinfield</title></head><body><main>
<h1>Emulated Twinfield</h1>
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
    """Answers below `/auth/authentication/`.

    Args:
        tokens: What is given out.
        cluster: Where the books of the organisation are, from the address that was asked.
        automatic: Whether people agree without being asked, so that tests need no browser.
    """

    tokens: Tokens
    cluster: Callable[[str], str]
    automatic: bool = False

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        match request.method, request.path:
            case "GET" | "POST", path if path == AUTHORIZE:
                return self._authorize(request)
            case "POST", path if path == TOKEN:
                return self._token(request)
            case "GET", path if path == VALIDATION:
                return self._validation(request)
            case "GET", path if path == USER:
                return self._user(request)
            case "GET" | "POST", path if path == APPS:
                return self._allowed(request)
        return _page(404, "There is no such page.")

    def _authorize(self, request: Request) -> Answer:
        asked = dict(request.query) if request.method == "GET" else _form(request)
        app = self.tokens.apps.get(asked.get("client_id", ""))
        redirect = asked.get("redirect_uri", "")
        if app is None or not _registered(app, redirect):
            # Nobody is sent to an address that is not registered: it may be a thief's.
            return _page(400, "The client is unknown or its redirect URI is not registered.")
        scopes = frozenset(asked.get("scope", "").split())
        if asked.get("response_type") != "code":
            return _back(redirect, asked, error="unsupported_response_type")
        if OPENID not in scopes or not scopes <= SCOPES:
            return _back(redirect, asked, error="invalid_scope")
        if request.method == "GET" and not self.automatic:
            return _question(app, asked)
        if request.method == "POST" and asked.get("decision") != "allow":
            return _back(redirect, asked, error="access_denied")
        return _back(redirect, asked, code=self.tokens.grant_code(app.id, redirect, scopes))

    def _allowed(self, request: Request) -> Answer:
        if request.method == "POST":
            self.tokens.withdraw()
        names = "".join(f"<li>{escape(app)} may read your books.</li>" for app in self.tokens.allowed())
        if not names:
            return _page(200, "No app may read your books.")
        return _page(200, ALLOWED.format(apps=names, action=APPS), raw=True)

    def _token(self, request: Request) -> Answer:
        try:
            given = self._granted(request)
        except Refused as refused:
            return Answer.json({"error": refused.error}, 400, cache_control="no-store")
        lasting = {"refresh_token": given.refresh} if given.refresh else {}
        document = {
            "access_token": given.access,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "Bearer",
            **lasting,
        }
        return Answer.json(document, cache_control="no-store")

    def _granted(self, request: Request) -> Given:
        form = _form(request) | _basic(request)
        app, secret = form.get("client_id", ""), form.get("client_secret", "")
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return self.tokens.exchange(app, secret, form.get("code", ""), form.get("redirect_uri", ""))
        if grant == "refresh_token":
            return self.tokens.refresh(app, secret, form.get("refresh_token", ""))
        raise Refused("unsupported_grant_type")

    def _validation(self, request: Request) -> Answer:
        """What an access token is good for, with the cluster that its organisation is on now."""
        held = self.tokens.holder(request.query.get("token"))
        if held is None or held.ends is None:
            return Answer.json({"Message": "invalid_token"}, 400)
        return Answer.json(
            {
                "iss": f"{request.address}{BELOW}"[:-1],
                "aud": f"{request.address}{BELOW}resources",
                "exp": _epoch(held.ends),
                "nbf": _epoch(held.ends - ACCESS_LIFE),
                "client_id": held.app,
                "scope": sorted(held.scopes),
                "twf.organisationCode": ORGANISATION,
                "twf.organisationId": ORGANISATION_ID,
                "twf.organisationUserCode": USER_CODE,
                "twf.clusterUrl": self.cluster(request.address),
            }
        )

    def _user(self, request: Request) -> Answer:
        if self.tokens.holder(request.bearer) is None:
            return Answer.json({"error": "invalid_token"}, 401)
        return Answer.json({"sub": USER_CODE, "twf.organisationCode": ORGANISATION})


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _basic(request: Request) -> dict[str, str]:
    """The program's key where it stands in a header, each part escaped as in a form (RFC 6749, 2.3.1)."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return {}
    try:
        name, separator, secret = b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": unquote_plus(name), "client_secret": unquote_plus(secret)} if separator else {}


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
