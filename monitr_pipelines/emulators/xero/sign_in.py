"""The authorization server over HTTP: the page on which a person agrees, and tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from monitr_pipelines.emulators.frame import consent
from monitr_pipelines.emulators.frame.grants import Grant, Pair, Refused
from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.xero import scopes
from monitr_pipelines.emulators.xero.tokens import ACCESS_LIFE, Tokens

AUTHORIZE, TOKEN = "/identity/connect/authorize", "/connect/token"
CARRIED = (*consent.CARRIED, "code_challenge", "code_challenge_method")
PAGES = consent.Pages("Xero")


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
        return PAGES.missing()

    def _authorize(self, request: Request) -> Answer:
        asked = consent.asked(request)
        app = self.tokens.apps.get(asked.get("client_id", ""))
        redirect = asked.get("redirect_uri", "")
        if app is None:
            return PAGES.message(400, "Error: unauthorized_client. The client id is unknown.")
        if not app.takes(redirect):
            return PAGES.message(400, "Error: unauthorized_client. The redirect URI is not registered.")
        wrong = self._wrong(asked)
        if wrong is not None:
            return consent.back(asked, error=wrong)
        if request.method == "GET" and not self.automatic:
            sentence = f"May the app <strong>{escape(app.id)}</strong> read your organisations?"
            fields = consent.hidden(asked, CARRIED)
            return PAGES.question(AUTHORIZE, sentence, fields, ("Allow access", "Cancel"))
        if request.method == "POST" and asked.get("decision") != "allow":
            return consent.back(asked, error="access_denied")
        grant = Grant(app.id, frozenset(asked["scope"].split()))
        code = self.tokens.grant_code(grant, redirect, asked.get("code_challenge"))
        return consent.back(asked, code=code)

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
            pair = self._granted(consent.form(request) | consent.basic(request))
        except Refused as refused:
            return Answer.json(refused.document, refused.status, cache_control="no-store")
        document: dict[str, object] = {
            "id_token": "ey.emulated",
            "access_token": pair.access,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "Bearer",
        }
        if pair.refresh:
            document["refresh_token"] = pair.refresh
        document["scope"] = " ".join(sorted(pair.grant.scopes))
        return Answer.json(document, cache_control="no-store")

    def _granted(self, form: Mapping[str, str]) -> Pair:
        app, secret, grant = consent.needed(form, _missing, "client_id", "client_secret", "grant_type")
        if grant == "authorization_code":
            code, redirect = consent.needed(form, _missing, "code", "redirect_uri")
            return self.tokens.exchange(app, secret, code, redirect, form.get("code_verifier"))
        if grant == "refresh_token":
            (token,) = consent.needed(form, _missing, "refresh_token")
            return self.tokens.refresh(app, secret, token)
        raise Refused("unsupported_grant_type")


def _missing(name: str) -> Refused:
    return Refused("invalid_client" if name.startswith("client") else "invalid_request")
