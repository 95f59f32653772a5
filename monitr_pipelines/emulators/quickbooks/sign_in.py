"""Intuit's sign-in over HTTP: the page on which a person chooses a company and agrees, and tokens.

A person agrees for one company at a time; its realm id comes back beside the code.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from monitr_pipelines.emulators.frame import consent
from monitr_pipelines.emulators.frame.contract import Shown
from monitr_pipelines.emulators.frame.grants import App, Pair, Refused
from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.quickbooks.tokens import ACCESS_LIFE, REFRESH_LIFE, Tokens

AUTHORIZE, TOKEN = "/connect/oauth2", "/oauth2/v1/tokens/bearer"
REVOKE, DISCOVERY = "/v2/oauth2/tokens/revoke", "/.well-known/openid_configuration"
# Where a person withdraws what they agreed to; the real one has such a page within its web client.
APPS = "/app/apps"
SCOPE = "com.intuit.quickbooks.accounting"
PAGES = consent.Pages("QuickBooks Online")


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
        return PAGES.missing()

    def _authorize(self, request: Request) -> Answer:
        # A browser that brought no state goes back with an empty one.
        asked = {"state": ""} | consent.asked(request)
        app = self.tokens.apps.get(asked.get("client_id", ""))
        redirect = asked.get("redirect_uri", "")
        if app is None or not app.takes(redirect):
            return PAGES.message(400, "The client id is unknown, or the redirect URI is not registered.")
        if error := _mistake(asked):
            return consent.back(asked, error=error)
        if request.method == "GET" and not self.automatic:
            return self._question(app, asked)
        realms = [shown.id for shown in self.companies()]
        realm = asked.get("realm", realms[0] if realms else "")
        if realm not in realms or (request.method == "POST" and asked.get("decision") != "allow"):
            return consent.back(asked, error="access_denied")
        return consent.back(asked, code=self.tokens.grant_code(app.id, realm, redirect), realmId=realm)

    def _question(self, app: App, asked: Mapping[str, str]) -> Answer:
        companies = "".join(
            f'<option value="{shown.id}">{escape(shown.name)}</option>' for shown in self.companies()
        )
        choice = f'\n<label>Company <select name="realm">{companies}</select></label>'
        sentence = f"May the app <strong>{escape(app.id)}</strong> read your books?"
        fields = consent.hidden(asked) + choice
        return PAGES.question(AUTHORIZE, sentence, fields, ("Connect", "Cancel"))

    def _allowed(self, request: Request) -> Answer:
        if request.method == "POST":
            self.tokens.withdraw()
        names = {shown.id: shown.name for shown in self.companies()}
        allowed = sorted((grant.app, grant.realm) for grant in self.tokens.allowed())
        sentences = [f"{app} may read the books of {names.get(realm, realm)}." for app, realm in allowed]
        return PAGES.allowed(APPS, sentences, "Disconnect")

    def _programs(self, request: Request) -> Answer:
        try:
            app = self._authenticated(request)
            if request.path.rstrip("/") == REVOKE:
                return self._revoked(request)
            return _tokens(self._granted(app, consent.form(request)))
        except Refused as refused:
            return Answer.json(refused.document, refused.status, cache_control="no-store")

    def _authenticated(self, request: Request) -> str:
        """The program: its key is taken from the header alone."""
        key = consent.basic(request)
        app = key.get("client_id", "")
        if not self.tokens.knows(app, key.get("client_secret", "")):
            raise Refused("invalid_client", status=401)
        return app

    def _granted(self, app: str, form: Mapping[str, str]) -> Pair:
        grant = form.get("grant_type")
        if grant == "authorization_code":
            code, redirect = consent.needed(form, _missing, "code", "redirect_uri")
            return self.tokens.exchange(app, code, redirect)
        if grant == "refresh_token":
            (token,) = consent.needed(form, _missing, "refresh_token")
            return self.tokens.refresh(app, token)
        raise Refused("unsupported_grant_type")

    def _revoked(self, request: Request) -> Answer:
        form = request.document if isinstance(request.document, dict) else consent.form(request)
        if not self.tokens.revoke(str(form.get("token", ""))):
            raise Refused("invalid_request", "The token is unknown.")
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


def _missing(name: str) -> Refused:
    return Refused("invalid_request", f"The parameter {name} is missing.")
