"""The authorization server over HTTP: the page on which a user agrees, and the endpoint for tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from monitr_pipelines.emulators.frame.messages import HTML, Answer, Request
from monitr_pipelines.emulators.octopus.grants import Grants, NotGranted, Pair
from monitr_pipelines.emulators.octopus.tokens import LIFE

AUTHORIZE, TOKEN = "/octopus-oauth/authorize", "/octopus-oauth/token"
FORM = "application/x-www-form-urlencoded"
SCOPE = "webservice"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
ASKED = ("client_id", "redirect_uri", "response_type", "scope", "state")
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<title>Sign in: emulated Octopus</title></head><body><main>
<h1>Emulated Octopus</h1>
{body}
</main></body></html>
"""
QUESTION = """<p>May <strong>{program}</strong> read your dossiers?</p>
<form method="post" action="{action}">{hidden}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="refuse">Refuse</button>
</form>"""


@dataclass(frozen=True)
class SignIn:
    """Answers below `/octopus-oauth/`.

    Args:
        grants: What is given out.
        program: The identification of the program that may ask.
        redirect: Where people may be sent back to; None for anywhere on this machine.
        automatic: Whether they agree without being asked, so that tests need no browser.
    """

    grants: Grants
    program: str
    redirect: str | None = None
    automatic: bool = False

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        if request.path == AUTHORIZE and request.method in ("GET", "POST"):
            return self._authorize(request)
        if request.path == TOKEN and request.method == "POST":
            return self._token(request)
        return _page(404, "<p>There is no such page.</p>")

    def _authorize(self, request: Request) -> Answer:
        asked = dict(request.query) if request.method == "GET" else _form(request)
        if asked.get("client_id") != self.program or not self._registered(asked.get("redirect_uri", "")):
            # Nobody is sent to an address that is not registered: it may be a thief's.
            return _page(400, "<p>The client or its redirect is unknown.</p>")
        if asked.get("response_type") != "code":
            return _back(asked, error="unsupported_response_type")
        if asked.get("scope") != SCOPE:
            return _back(asked, error="invalid_scope")
        if request.method == "GET" and not self.automatic:
            return self._question(asked)
        if request.method == "POST" and asked.get("decision") != "allow":
            return _back(asked, error="access_denied")
        return _back(asked, code=self.grants.code())

    def _question(self, asked: Mapping[str, str]) -> Answer:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
            for name in ASKED
            if name in asked
        )
        return _page(200, QUESTION.format(program=escape(self.program), action=AUTHORIZE, hidden=hidden))

    def _token(self, request: Request) -> Answer:
        try:
            pair = self._granted(_form(request))
        except NotGranted as refused:
            told = {"error": refused.error, "error_description": refused.description}
            return Answer.json(told, 401 if refused.error == "invalid_client" else 400)
        document = {
            "access_token": pair.access,
            "token_type": "Bearer",
            "expires_in": LIFE // timedelta(seconds=1),
            "refresh_token": pair.refresh,
        }
        return Answer.json(document, cache_control="no-store")

    def _granted(self, form: Mapping[str, str]) -> Pair:
        if form.get("client_id") != self.program:
            raise NotGranted("invalid_client", "Unknown client")
        match form.get("grant_type"):
            case "authorization_code":
                return self.grants.exchange(form.get("code", ""))
            case "refresh_token":
                return self.grants.refresh(form.get("refresh_token", ""))
        raise NotGranted("unsupported_grant_type", "Unsupported grant type")

    def _registered(self, redirect: str) -> bool:
        if self.redirect is not None:
            return redirect == self.redirect
        parts = urlsplit(redirect)
        return parts.scheme in ("http", "https") and parts.hostname in LOOPBACK


def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _back(asked: Mapping[str, str], **answer: str) -> Answer:
    if "state" in asked:
        answer["state"] = asked["state"]
    redirect = asked["redirect_uri"]
    separator = "&" if "?" in redirect else "?"
    return Answer(302, headers={"Location": f"{redirect}{separator}{urlencode(answer)}"})


def _page(status: int, body: str) -> Answer:
    return Answer.text(PAGE.format(body=body), HTML, status)
