"""The authorization server over HTTP: the pages on which a person agrees and withdraws it, and tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import unquote_plus

from monitr_pipelines.emulators.frame import consent
from monitr_pipelines.emulators.frame.grants import Grant, Pair, Refused
from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.twinfield.tokens import ACCESS_LIFE, OPENID, SCOPES, Tokens

BELOW = "/auth/authentication/"
AUTHORIZE, TOKEN = f"{BELOW}connect/authorize", f"{BELOW}connect/token"
VALIDATION, USER = f"{BELOW}connect/accesstokenvalidation", f"{BELOW}connect/userinfo"
# Where a person withdraws what they agreed to; the real one has such a page within its web client.
APPS = f"{BELOW}apps"
ORGANISATION, USER_CODE = "EMULATED", "API000001"
ORGANISATION_ID = "00000001-0000-4000-8000-000000000001"
CARRIED = (*consent.CARRIED, "nonce")
PAGES = consent.Pages("Twinfield")


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
        return PAGES.missing()

    def _authorize(self, request: Request) -> Answer:
        asked = consent.asked(request)
        app = self.tokens.apps.get(asked.get("client_id", ""))
        redirect = asked.get("redirect_uri", "")
        if app is None or not app.takes(redirect):
            return PAGES.message(400, "The client is unknown or its redirect URI is not registered.")
        scopes = frozenset(asked.get("scope", "").split())
        if asked.get("response_type") != "code":
            return consent.back(asked, error="unsupported_response_type")
        if OPENID not in scopes or not scopes <= SCOPES:
            return consent.back(asked, error="invalid_scope")
        if request.method == "GET" and not self.automatic:
            sentence = f"May the app <strong>{escape(app.id)}</strong> read your books?"
            return PAGES.question(AUTHORIZE, sentence, consent.hidden(asked, CARRIED))
        if request.method == "POST" and asked.get("decision") != "allow":
            return consent.back(asked, error="access_denied")
        return consent.back(asked, code=self.tokens.grant_code(Grant(app.id, scopes), redirect))

    def _allowed(self, request: Request) -> Answer:
        if request.method == "POST":
            self.tokens.withdraw()
        apps = sorted({grant.app for grant in self.tokens.allowed()})
        return PAGES.allowed(APPS, [f"{app} may read your books." for app in apps])

    def _token(self, request: Request) -> Answer:
        try:
            pair = self._granted(request)
        except Refused as refused:
            return Answer.json(refused.document, refused.status, cache_control="no-store")
        lasting = {"refresh_token": pair.refresh} if pair.refresh else {}
        document = {
            "access_token": pair.access,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "Bearer",
            **lasting,
        }
        return Answer.json(document, cache_control="no-store")

    def _granted(self, request: Request) -> Pair:
        # In a header each part is escaped as in a form (RFC 6749, 2.3.1).
        key = {name: unquote_plus(text) for name, text in consent.basic(request).items()}
        form = consent.form(request) | key
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
        if held is None:
            return Answer.json({"Message": "invalid_token"}, 400)
        return Answer.json(
            {
                "iss": f"{request.address}{BELOW}"[:-1],
                "aud": f"{request.address}{BELOW}resources",
                "exp": _epoch(held.ends),
                "nbf": _epoch(held.ends - ACCESS_LIFE),
                "client_id": held.grant.app,
                "scope": sorted(held.grant.scopes),
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
