"""The authorization server over HTTP: the page on which a user agrees, and the endpoint for tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from monitr_pipelines.emulators.frame import consent
from monitr_pipelines.emulators.frame.grants import Pair, Refused
from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.octopus.grants import Grants
from monitr_pipelines.emulators.octopus.tokens import LIFE

AUTHORIZE, TOKEN = "/octopus-oauth/authorize", "/octopus-oauth/token"
SCOPE = "webservice"
PAGES = consent.Pages("Octopus")


@dataclass(frozen=True)
class SignIn:
    """Answers below `/octopus-oauth/`.

    Args:
        grants: What is given out.
        automatic: Whether users agree without being asked, so that tests need no browser.
    """

    grants: Grants
    automatic: bool = False

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        if request.path == AUTHORIZE and request.method in ("GET", "POST"):
            return self._authorize(request)
        if request.path == TOKEN and request.method == "POST":
            return self._token(request)
        return PAGES.missing()

    def _authorize(self, request: Request) -> Answer:
        asked = consent.asked(request)
        app, redirect = self.grants.app, asked.get("redirect_uri", "")
        if asked.get("client_id") != app.id or not app.takes(redirect):
            return PAGES.message(400, "The client or its redirect is unknown.")
        if asked.get("response_type") != "code":
            return consent.back(asked, error="unsupported_response_type")
        if asked.get("scope") != SCOPE:
            return consent.back(asked, error="invalid_scope")
        if request.method == "GET" and not self.automatic:
            sentence = f"May <strong>{escape(app.id)}</strong> read your dossiers?"
            return PAGES.question(AUTHORIZE, sentence, consent.hidden(asked))
        if request.method == "POST" and asked.get("decision") != "allow":
            return consent.back(asked, error="access_denied")
        return consent.back(asked, code=self.grants.grant_code(redirect))

    def _token(self, request: Request) -> Answer:
        try:
            pair = self._granted(consent.form(request))
        except Refused as refused:
            return Answer.json(refused.document, refused.status)
        document = {
            "access_token": pair.access,
            "token_type": "Bearer",
            "expires_in": LIFE // timedelta(seconds=1),
            "refresh_token": pair.refresh,
        }
        return Answer.json(document, cache_control="no-store")

    def _granted(self, form: Mapping[str, str]) -> Pair:
        if form.get("client_id") != self.grants.app.id:
            raise Refused("invalid_client", "Unknown client", 401)
        match form.get("grant_type"):
            case "authorization_code":
                return self.grants.exchange(form.get("code", ""))
            case "refresh_token":
                return self.grants.refresh(form.get("refresh_token", ""))
        raise Refused("unsupported_grant_type", "Unsupported grant type")
