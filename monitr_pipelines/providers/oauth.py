"""Connecting on the software's own page, and tokens that end: OAuth 2.0 (RFC 6749) as a provider declares it.

A refresh token may be good for one use alone, and then an exchange whose outcome is unknown may have used
it. So four outcomes are told apart, and never guessed:

* new tokens: the answer holds an access token;
* unspent: nothing was sent, or the server says that it did not look at the token. It says so by 429, by
  503 with Retry-After or with the error `temporarily_unavailable`, and by `invalid_client`, which is about
  us and is judged before any token (section 3.2.1). A 503 alone says nothing: proxies give it too where the
  server behind them broke off in the middle;
* refused: the server names one of `REFUSALS`;
* unknown: anything else. Nobody tries the token again.
"""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from hashlib import sha256
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode, urlsplit

from monitr_pipelines.lifecycle.errors import ApplicationRefused, ProviderDown, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Application, Consent, Credentials, Ports
from monitr_pipelines.providers.retries import Patience, moment_of
from monitr_pipelines.providers.transport import NoReply, Reply, Transport

# The names under which credentials hold what the software gave.
ACCESS_TOKEN, REFRESH_TOKEN, EXPIRES_AT = "access_token", "refresh_token", "expires_at"
TOKENS = (ACCESS_TOKEN, REFRESH_TOKEN, EXPIRES_AT)

# What RFC 6749, 5.2 and 4.1.2.1, and OpenID Connect call a person's refusal or an end of it.
REFUSALS = frozenset(
    {
        "access_denied",
        "consent_required",
        "interaction_required",
        "invalid_grant",
        "invalid_scope",
        "login_required",
        "unauthorized_client",
    }
)
UNKNOWN_APPLICATION = "invalid_client"
UNAVAILABLE = "temporarily_unavailable"
# Within the minute that an exchange may take (contract.Tokens.renew).
IN_A_MINUTE = Patience(
    silence=timedelta(seconds=30), whole_answer=timedelta(seconds=45), largest_answer=64 * 1024
)
# After the software said that it is too early for new tokens.
ASK_AGAIN = timedelta(seconds=10)

Address: TypeAlias = Callable[[Mapping[str, str]], str]


class Proof(Enum):
    """How an application proves that it is itself (section 2.3.1)."""

    IN_FORM = auto()
    IN_HEADER = auto()


class _Unknown(Exception):
    """Nobody knows whether a code or a refresh token was used."""


@dataclass(frozen=True)
class OAuth:
    """How a provider signs people in; it is the provider's `sign_in`.

    Args:
        title: The software as messages name it.
        authorize: The address of the page, from what the person gave.
        token: The address that exchanges codes and refresh tokens, from what the person gave. It must be
            one of the maker's own: our secret is sent there.
        scopes: What is asked for; the page asks for all that was registered where it is empty.
        pkce: Whether the software takes proof keys (RFC 7636).
        proof: How the application proves itself.
        lifetime: How long an access token lives where the answer does not tell.
        renew_before: How long before its end an access token is renewed.
        unspent: Whether a refusal says, in the software's own way, that it did not use the refresh token.
        patience: How long an exchange may take.
    """

    title: str
    authorize: Address
    token: Address
    scopes: tuple[str, ...] = ()
    pkce: bool = False
    proof: Proof = Proof.IN_FORM
    lifetime: timedelta = timedelta(minutes=10)
    renew_before: timedelta = timedelta(minutes=1)
    unspent: Callable[[Reply], bool] = lambda _: False
    patience: Patience = field(default=IN_A_MINUTE)

    def page(self, consent: Consent) -> str:
        """The address of the software's page on which the person allows us in."""
        query = {
            "response_type": "code",
            "client_id": consent.application.id,
            "redirect_uri": consent.callback,
            "state": consent.state,
        }
        if self.scopes:
            query["scope"] = " ".join(self.scopes)
        if self.pkce:
            digest = urlsafe_b64encode(sha256(consent.verifier.encode()).digest())
            query |= {"code_challenge": digest.rstrip(b"=").decode(), "code_challenge_method": "S256"}
        return f"{self.authorize(consent.given)}?{urlencode(query)}"

    def exchange(self, consent: Consent, code: str) -> Mapping[str, str]:
        """The credentials for a code: what the person gave before, and the tokens."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": consent.callback}
        if self.pkce:
            form["code_verifier"] = consent.verifier
        try:
            return self._tokens(consent.application, consent.given, form)
        except _Unknown as unknown:
            raise self._down(str(unknown)) from None

    def renewed(self, application: Application | None, credentials: Credentials) -> Mapping[str, str]:
        """The credentials with new tokens, as `contract.Tokens.renew` wants them exchanged.

        Raises:
            ReconnectNeeded: There is no refresh token, it was refused, or nobody knows what became of it.
            ProviderDown, ApplicationRefused: It is unspent.
        """
        if not credentials.get(REFRESH_TOKEN):
            message = Message("software_refuses", {"title": self.title})
            raise ReconnectNeeded(message, detail="there is no refresh token")
        if application is None:
            raise self._not_accepted("this installation is registered with no maker of that name")
        form = {"grant_type": "refresh_token", "refresh_token": credentials[REFRESH_TOKEN]}
        try:
            return self._tokens(application, credentials, form)
        except _Unknown as unknown:
            message = Message("sign_in_unknown", {"title": self.title})
            raise ReconnectNeeded(message, detail=str(unknown)) from None

    def _tokens(
        self, application: Application, before: Mapping[str, str], form: Mapping[str, str]
    ) -> dict[str, str]:
        reply = self._ask(application, self.token(before), form)
        answered = _document(reply.body)
        access_token = answered.get("access_token")
        if 200 <= reply.status < 300 and isinstance(access_token, str) and access_token:
            expires_at = datetime.now(UTC) + _lifetime(answered.get("expires_in"), self.lifetime)
            tokens = {ACCESS_TOKEN: access_token, EXPIRES_AT: expires_at.isoformat()}
            if isinstance(kept := answered.get("refresh_token") or before.get(REFRESH_TOKEN), str):
                tokens[REFRESH_TOKEN] = kept
            return {**before, **tokens}
        raise self._refused(reply, answered.get("error"))

    def _ask(self, application: Application, address: str, form: Mapping[str, str]) -> Reply:
        parts = urlsplit(address)
        headers = {"Accept": "application/json"}
        if self.proof is Proof.IN_HEADER:
            pair = f"{quote(application.id, safe='')}:{quote(application.secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form = {**form, "client_id": application.id, "client_secret": application.secret}
        with closing(Transport(self.title, f"{parts.scheme}://{parts.netloc}", self.patience)) as transport:
            try:
                return transport.send(transport.prepare("POST", parts.path, headers=headers, form=form))
            except NoReply as none:
                raise _Unknown(str(none)) if none.sent else self._down(str(none)) from None

    def _refused(self, reply: Reply, error: object) -> Exception:
        told = f"HTTP {reply.status}"
        retry_at = moment_of(reply.headers.get("Retry-After"))
        unavailable = reply.status == 503 and (retry_at is not None or error == UNAVAILABLE)
        if reply.status == 429 or unavailable or self.unspent(reply):
            return self._down(told, retry_at)
        if error == UNKNOWN_APPLICATION:
            return self._not_accepted(told)
        if error in REFUSALS and 400 <= reply.status < 500:
            message = Message("software_refuses", {"title": self.title})
            return ReconnectNeeded(message, detail=f"{told}, {error}")
        return _Unknown(told)

    def _down(self, detail: str, retry_at: datetime | None = None) -> ProviderDown:
        return ProviderDown(Message("software_down", {"title": self.title}), retry_at=retry_at, detail=detail)

    def _not_accepted(self, detail: str) -> ApplicationRefused:
        return ApplicationRefused(Message("application_refused", {"title": self.title}), detail=detail)


class Grant:
    """The access token of a connection: renewed in good time before its end, and when it is refused."""

    def __init__(self, oauth: OAuth, ports: Ports) -> None:
        self._oauth = oauth
        self._ports = ports
        self._leave_until: datetime | None = None
        self.credentials = ports.tokens.read()

    def headers(self) -> Mapping[str, str]:
        """What a request carries now.

        Raises:
            ReconnectNeeded, ProviderDown, ApplicationRefused: As `contract.Tokens.renew` says; not as long
                as the token at hand may still work.
        """
        now = datetime.now(UTC)
        if self._ends_at(now) - self._oauth.renew_before <= now and not self._is_left(now):
            try:
                self.renew()
            except (ProviderDown, ApplicationRefused):
                if self._ends_at(now) <= now:
                    raise
                self._leave_until = now + ASK_AGAIN
        return {"Authorization": f"Bearer {self.credentials[ACCESS_TOKEN]}"}

    def renew(self) -> None:
        """Take the tokens that others renewed meanwhile, or renew them."""
        self._renew()
        now = datetime.now(UTC)
        if self._ends_at(now) <= now:  # what others renewed has ended too
            self._renew()

    def _renew(self) -> None:
        application = self._ports.application
        self.credentials = self._ports.tokens.renew(
            self.credentials, lambda stale: self._oauth.renewed(application, stale)
        )

    def _ends_at(self, now: datetime) -> datetime:
        """When the access token ends; without one, now."""
        if not self.credentials.get(ACCESS_TOKEN):
            return now
        told = self.credentials.get(EXPIRES_AT)
        return datetime.fromisoformat(told) if told else now + self._oauth.lifetime

    def _is_left(self, now: datetime) -> bool:
        return self._leave_until is not None and now < self._leave_until


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _lifetime(told: object, otherwise: timedelta) -> timedelta:
    """Seconds as a number or as text, as some write it."""
    text = str(told).strip()
    return timedelta(seconds=int(text[:9])) if text.isascii() and text.isdecimal() else otherwise
