"""The one HTTP client of connectors: exact numbers, bounded waits, and errors by who must act.

Credentials belong into headers or bodies, never into an address: addresses may be logged, and what is
sent or answered never is.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import requests
import urllib3

from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.providers.contract import RateLimit, RateLimits
from monitr_pipelines.providers.retries import PATIENCE, Patience, Retries
from monitr_pipelines.providers.watched import Watch, WatchedAdapter
from monitr_pipelines.web_address import parts_of

ONE_READ = 1 << 16
OVERLOADED = 429
ObjectHook = Callable[[dict[str, Any]], Any]
Meaning = Callable[[str], ImportProblem]
Refusal = Callable[[int, bytes], ImportProblem | None]
MEANINGS: Mapping[int, Meaning] = {401: ReconnectNeeded, 403: ReconnectNeeded, 404: EntityGone}


@dataclass(frozen=True)
class Answer:
    """A document, and the moment that the server's own clock showed when it was sent, if it tells."""

    document: Any
    sent_at: datetime | None


@dataclass
class Client:
    """Asks one server, one question at a time.

    Args:
        title: The software as messages name it.
        address: Where it is: https, or plain http on this machine.
        rate_limits: Asked before each call, repeated ones too.
        limits: What one credential may ask for.
        meanings: Errors by HTTP status where they differ from those of `MEANINGS`.
        refusal: What an answer without success means, from its status and body; None: what its status does.
        patience: How long to wait and how often to try.
        object_hook: Turns the software's own types of JSON objects into values.

    Raises:
        ReconnectNeeded: The address is none that credentials may travel to.
    """

    title: str
    address: str
    rate_limits: RateLimits
    limits: Sequence[RateLimit] = ()
    meanings: Mapping[int, Meaning] = field(default_factory=dict)
    patience: Patience = PATIENCE
    object_hook: ObjectHook | None = None
    refusal: Refusal | None = None

    def __post_init__(self) -> None:
        try:
            parts_of(self.address)
        except ValueError:
            raise ReconnectNeeded(f"The address of {self.title} must begin with https://.") from None
        self._watch = Watch()
        self._session = requests.Session()
        # Neither proxies nor passwords of this machine's environment.
        self._session.trust_env = False
        self._session.headers["User-Agent"] = "monitr"
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, WatchedAdapter(self._watch))

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        document: Any = None,  # noqa: ANN401 - whatever JSON can say
        repeatable: bool = True,
    ) -> Answer:
        """Ask once, or again where that may help and changes nothing at the server.

        Args:
            method: The HTTP method.
            path: What follows the address.
            headers: Credentials and the like.
            document: What is sent, as JSON.
            repeatable: Whether asking twice is the same as asking once.

        Raises:
            ReconnectNeeded, EntityGone: As the status says, see `MEANINGS`.
            ProviderDown: No answer that can be used, after as many tries as `patience` allows.
            OurFault: The server does not understand the question, or answers more than fits.
        """
        retries = Retries(self.patience)
        while True:
            self.rate_limits.acquire(self.limits)
            try:
                return self._once(method, path, headers, document)
            except ProviderDown as error:
                if not repeatable:
                    raise
                retries.wait_after(error)

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()
        self._watch.close()

    def _once(self, method: str, path: str, headers: Mapping[str, str] | None, document: object) -> Answer:
        patience = self.patience
        with self._watch.until(patience.whole_answer) as watch:
            try:
                with self._session.request(
                    method,
                    self.address.rstrip("/") + path,
                    headers=headers,
                    json=document,
                    timeout=(patience.connect.total_seconds(), patience.silence.total_seconds()),
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    self._check(response)
                    body = self._body(response)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                cause = "took too long" if watch.expired else f"broke off ({type(error).__name__})"
                raise ProviderDown(f"{self.title} does not answer.", detail=cause) from None
        return Answer(self._parsed(body), _moment(response.headers.get("Date")))

    def _check(self, response: requests.Response) -> None:
        status = response.status_code
        if 200 <= status < 300:
            return
        if self.refusal and (problem := self.refusal(status, self._body(response))):
            raise problem
        if status == OVERLOADED or status >= 500:
            retry_at = _retry_at(response.headers.get("Retry-After"))
            raise ProviderDown(f"{self.title} does not answer.", retry_at=retry_at, detail=f"HTTP {status}")
        self._refused(status)

    def _refused(self, status: int) -> NoReturn:
        if 300 <= status < 400:
            raise ReconnectNeeded(f"{self.title} has moved: connect with its new address.")
        meaning = self.meanings.get(status) or MEANINGS.get(status)
        if meaning is None:
            raise OurFault(f"{self.title} does not understand what it is asked.", detail=f"HTTP {status}")
        raise meaning(f"{self.title} refused (HTTP {status}): connect it again.")

    def _body(self, response: requests.Response) -> bytes:
        body = bytearray()
        # read1 returns what has come, so that the end of patience is noticed between two drops.
        while piece := response.raw.read1(ONE_READ, decode_content=True):
            body += piece
            if len(body) > self.patience.largest_answer:
                raise OurFault(f"{self.title} answers more than fits at once.")
        return bytes(body)

    def _parsed(self, body: bytes) -> Any:  # noqa: ANN401 - whatever JSON can say
        try:
            return json.loads(
                body, parse_float=Decimal, parse_constant=_no_number, object_hook=self.object_hook
            )
        except (ValueError, RecursionError):
            message = f"{self.title} gives no answer that can be read."
            raise ProviderDown(message, detail="the answer is not JSON") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _moment(header: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _retry_at(header: str | None) -> datetime | None:
    """When to come back, in seconds from now or as a date; None where it does not tell."""
    if header and header.strip().isdecimal():
        # Nine digits are thirty years: a longer number is beyond what dates hold.
        return datetime.now(UTC) + timedelta(seconds=int(header.strip()[:9]))
    return _moment(header)
