"""The authorization server over HTTP: the pages on which a person agrees and withdraws it, and tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from monitr_pipelines.emulators.exact.tokens import Tokens, TooEarly
from monitr_pipelines.emulators.frame import consent
from monitr_pipelines.emulators.frame.grants import Pair, Refused
from monitr_pipelines.emulators.frame.messages import Answer, Request

AUTHORIZE, TOKEN = "/api/oauth2/auth", "/api/oauth2/token"
# Where a person withdraws what they agreed to; the real one has such a page within its web client.
APPS = "/api/oauth2/apps"
CARRIED = ("client_id", "redirect_uri", "response_type", "state")
PAGES = consent.Pages("Exact Online")


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
        return PAGES.missing()

    def _authorize(self, request: Request) -> Answer:
        asked = consent.asked(request)
        app = self.tokens.apps.get(asked.get("client_id", ""))
        redirect = asked.get("redirect_uri", "")
        if app is None:
            return PAGES.message(400, "The client id is unknown.")
        if not app.takes(redirect):
            return PAGES.message(400, "The redirect URI is not the one that is registered.")
        if asked.get("response_type") != "code":
            return consent.back(asked, error="unsupported_response_type")
        if request.method == "GET" and not self.automatic:
            sentence = f"May the app <strong>{escape(app.id)}</strong> read your books?"
            return PAGES.question(AUTHORIZE, sentence, consent.hidden(asked, CARRIED))
        if request.method == "POST" and asked.get("decision") != "allow":
            return consent.back(asked, error="access_denied")
        return consent.back(asked, code=self.tokens.grant_code(app.id, redirect))

    def _allowed(self, request: Request) -> Answer:
        if request.method == "POST":
            self.tokens.withdraw()
        apps = sorted({grant.app for grant in self.tokens.allowed()})
        return PAGES.allowed(APPS, [f"{app} may read your books." for app in apps])

    def _token(self, request: Request) -> Answer:
        try:
            pair = self._granted(consent.basic(request) | consent.form(request))
        except Refused as refused:
            reason = {"Reason": "TooEarlyToRefreshTokens"} if isinstance(refused, TooEarly) else {}
            return Answer.json(refused.document, refused.status, cache_control="no-store", **reason)
        # The life of the token is told as a text.
        document = {
            "access_token": pair.access,
            "token_type": "bearer",
            "expires_in": "600",
            "refresh_token": pair.refresh,
        }
        return Answer.json(document, cache_control="no-store")

    def _granted(self, form: Mapping[str, str]) -> Pair:
        grant = form.get("grant_type")
        if grant == "authorization_code":
            given = consent.needed(form, _missing, "client_id", "client_secret", "code", "redirect_uri")
            return self.tokens.exchange(*given)
        if grant == "refresh_token":
            given = consent.needed(form, _missing, "client_id", "client_secret", "refresh_token")
            return self.tokens.refresh(*given)
        raise Refused("unsupported_grant_type", "The grant_type is missing or not supported.")


def _missing(name: str) -> Refused:
    return Refused("invalid_request", f"The parameter {name} is missing.")
