"""The authorization server over HTTP: the page on which a person agrees, and the tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from monitr_pipelines.emulators.frame import consent
from monitr_pipelines.emulators.frame.grants import Pair, Refused
from monitr_pipelines.emulators.frame.messages import JSON, Answer, Request
from monitr_pipelines.emulators.moneybird.forms import EPOCH
from monitr_pipelines.emulators.moneybird.limits import SECOND
from monitr_pipelines.emulators.moneybird.tokens import DEFAULT_SCOPES, SCOPES, Tokens

AUTHORIZE, TOKEN = "/oauth/authorize", "/oauth/token"
PAGES = consent.Pages("Moneybird")


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
        return PAGES.missing()

    def _authorize(self, request: Request) -> Answer:
        asked = dict(request.query) if request.method == "GET" else _fields(request)
        app, redirect = self.tokens.app, asked.get("redirect_uri", "")
        scopes = frozenset(asked.get("scope", "").split()) or DEFAULT_SCOPES
        if asked.get("client_id") != app.id:
            return PAGES.message(401, "The client id is unknown.")
        if not app.takes(redirect):
            return PAGES.message(401, "The redirect URI is not the one that is registered.")
        if error := _wrong(asked, scopes):
            return consent.back(asked, error=error)
        if request.method == "GET" and not self.automatic:
            read = f"read {', '.join(sorted(scopes))} of your administrations"
            sentence = f"May the app <strong>{escape(app.id)}</strong> {read}?"
            return PAGES.question(AUTHORIZE, sentence, consent.hidden(asked))
        if request.method == "POST" and asked.get("decision") != "allow":
            return consent.back(asked, error="access_denied")
        return consent.back(asked, code=self.tokens.grant_code(scopes, redirect))

    def _token(self, request: Request) -> Answer:
        try:
            pair = self._granted(consent.basic(request) | _fields(request))
        except Refused as refused:
            return Answer.json(refused.document, refused.status, cache_control="no-store")
        # Without `expires_in` where they do not end.
        document: dict[str, object] = {
            "access_token": pair.access,
            "token_type": "Bearer",
            "scope": " ".join(sorted(pair.grant.scopes)),
            "created_at": (self.tokens.now() - EPOCH) // SECOND,
        }
        return Answer.json(document | self._more(pair), cache_control="no-store")

    def _more(self, pair: Pair) -> dict[str, object]:
        life = self.tokens.lives.access
        more: dict[str, object] = {"refresh_token": pair.refresh} if pair.refresh else {}
        return more if life is None else more | {"expires_in": life // SECOND}

    def _granted(self, form: Mapping[str, str]) -> Pair:
        self.tokens.authenticate(form.get("client_id", ""), form.get("client_secret", ""))
        grant = form.get("grant_type")
        if grant == "authorization_code":
            code, redirect = consent.needed(form, _missing, "code", "redirect_uri")
            return self.tokens.exchange(code, redirect)
        if grant == "refresh_token":
            (token,) = consent.needed(form, _missing, "refresh_token")
            return self.tokens.refresh(token)
        text = "The authorization grant type is not supported by the authorization server."
        raise Refused("unsupported_grant_type", text)


def _wrong(asked: Mapping[str, str], scopes: frozenset[str]) -> str:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    return "" if scopes <= set(SCOPES) else "invalid_scope"


def _fields(request: Request) -> dict[str, str]:
    """What a form or a JSON document holds; programs send codes either way."""
    if consent.kind(request) == JSON and isinstance(document := request.document, dict):
        return {name: value for name, value in document.items() if isinstance(value, str)}
    return consent.form(request)


def _missing(name: str) -> Refused:
    return Refused("invalid_request", f"Missing required parameter: {name}.")
