"""Signing in to Octopus: a token of the user, then one of the dossier; both live for ten minutes.

Octopus counts sign-ins that fail, and how often a dossier is connected to: what is refused is not tried
again, and tokens are kept as long as they live.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct, ValidationError, json

from monitr_pipelines.lifecycle.errors import ApplicationRefused, EntityGone, ImportProblem, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Ports, RateLimit
from monitr_pipelines.providers.http import Answer, Client, Decode
from monitr_pipelines.providers.octopus.datasets import CONNECTS, DOSSIERS, DossierRow
from monitr_pipelines.providers.octopus.values import TITLE, unknown
from monitr_pipelines.providers.transport import Reply
from monitr_pipelines.web_address import is_loopback, parts_of

ADDRESS = "https://service.inaras.be"
ROOT = "/octopus-rest-api/v1"
# Of the ten minutes that a token lives.
KEPT_FOR = timedelta(minutes=9)
FORBIDDEN, NOT_FOUND = 403, 404


class UserToken(Struct):
    """What a sign-in answers."""

    token: str


class DossierToken(Struct):
    """What connecting to a dossier answers."""

    token: str = msgspec.field(name="Dossiertoken")


USER_TOKEN, DOSSIER_TOKEN = (json.Decoder(kind).decode for kind in (UserToken, DossierToken))


@dataclass(frozen=True)
class Token:
    """A token, and until when it is good: it was asked for a moment ago."""

    text: str = field(repr=False)
    until: datetime = field(default_factory=lambda: datetime.now(UTC) + KEPT_FOR)

    def is_over(self) -> bool:
        """Whether it is time for another one."""
        return datetime.now(UTC) >= self.until


class Session:
    """A user's session and, where a dossier is given, its token: the `authorization` of its client.

    Args:
        ports: Credentials, and who this installation is to Octopus (its software house number).
        dossier: The number of a dossier; None to list those that the user sees.

    Raises:
        ApplicationRefused: Octopus gave this installation no number.
        ReconnectNeeded: The address is not on this machine.
    """

    def __init__(self, ports: Ports, dossier: str | None) -> None:
        if ports.application is None:
            raise ApplicationRefused(
                Message("application_refused", {"title": TITLE}), detail="no software house number"
            )
        self._software_house = ports.application.id
        self._credentials = ports.tokens.read()
        self._dossier = dossier
        self.address = _address_of(self._credentials)
        self._client = Client(TITLE, self.address, ports.rate_limits, refusal=_refusal)
        self._of_user: Token | None = None
        self._of_dossier: Token | None = None
        self._began_at: datetime | None = None

    def dossiers(self) -> list[DossierRow]:
        """The dossiers that the user may use."""
        headers = {"Token": self._user().text}
        answer = self._ask("GET", "/dossiers", headers, DOSSIERS.decode, limits=DOSSIERS.limits())
        found: list[DossierRow] = answer.document
        return found

    def headers(self) -> Mapping[str, str]:
        """What a question about the dossier carries now.

        Raises:
            ReconnectNeeded: Octopus does not accept the user.
            EntityGone: The user may not see the dossier, or there is none.
        """
        if self._of_dossier is None or self._of_dossier.is_over():
            self._of_dossier = self._connected()
        return {"dossierToken": self._of_dossier.text}

    def renew(self) -> None:
        """Sign in anew, and connect to the dossier."""
        self._of_user = None
        self._of_dossier = self._connected()

    def began_at(self) -> datetime:
        """The moment of the first answer by the clock of the server; by ours where it shows none."""
        self.headers()
        return self._began_at or datetime.now(UTC)

    def sign_in(self) -> Token:
        """Ask Octopus for a token of the user."""
        given = {"user": self._credentials["user"], "password": self._credentials["password"]}
        headers = {"softwareHouseUuid": self._software_house}
        answer = self._ask("POST", "/authentication", headers, USER_TOKEN, given=given)
        self._of_user = Token(answer.document.token)
        return self._of_user

    def close(self) -> None:
        """Let go of the connection; tokens end by themselves."""
        self._client.close()

    def _user(self) -> Token:
        """The token of the user, a new one where it is time for that."""
        return self.sign_in() if self._of_user is None or self._of_user.is_over() else self._of_user

    def _connected(self) -> Token:
        headers, query = {"Token": self._user().text}, {"dossierId": self._dossier or ""}
        answer = self._ask("POST", "/dossiers", headers, DOSSIER_TOKEN, limits=(CONNECTS,), query=query)
        self._began_at = self._began_at or answer.sent_at
        return Token(answer.document.token)

    def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        decode: Decode,
        *,
        limits: tuple[RateLimit, ...] = (),
        query: Mapping[str, str] | None = None,
        given: Mapping[str, str] | None = None,
    ) -> Answer:
        self._client.limits = limits
        try:
            return self._client.ask(
                method, ROOT + path, headers=headers, query=query, document=given, decode=decode
            )
        except ValidationError as wrong:
            unknown(str(wrong))


def _refusal(reply: Reply) -> ImportProblem | None:
    """A dossier that is disabled, or that the user has no rights on, is refused with 403."""
    if reply.status in {FORBIDDEN, NOT_FOUND}:
        hidden = Message("administration_hidden", {"title": TITLE})
        return EntityGone(hidden, detail=f"HTTP {reply.status}")
    return None


def _address_of(given: Mapping[str, str]) -> str:
    """Octopus's own address, or one on this machine; whether that may be called is the guard's to say."""
    url = given.get("url")
    if not url:
        return ADDRESS
    try:
        host = parts_of(url).hostname or ""
    except ValueError:
        host = ""
    if not is_loopback(host):
        refuses = Message("software_refuses", {"title": TITLE})
        raise ReconnectNeeded(refuses, detail="an address that is not on this machine")
    return url.rstrip("/")
