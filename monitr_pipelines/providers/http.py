"""One HTTP client for all connectors: bounded in time and size, exact in amounts, silent about secrets.

A request that only reads is tried again where that may help, within a budget; one that changes something
(a sign-in, a renewal) is sent once. What was asked and what was answered never stands in an error: an
answer may hold people's names, and a request a password.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import requests

from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    InconsistentData,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
    Refused,
)
from monitr_pipelines.providers.contract import RateLimit, RateLimits

CONNECT_SECONDS = 10
READ_SECONDS = 60
WHOLE_ANSWER = timedelta(minutes=5)
LARGEST_ANSWER = 128 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
TRIES = 4
LONGEST_WAIT = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=1)
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
JSON = "application/json"

Hook: TypeAlias = Callable[[dict[str, Any]], Any]


@dataclass
class HttpClient:
    """Requests to one software.

    Args:
        title: The software as its maker writes it, for messages.
        base: What every address begins with. Credentials travel: it is https, or this very machine.
        rate_limits: The calls of the credential, counted over all processes.
        limits: The limits that each call counts towards.
        headers: Sent with every request; may change when a session begins.
    """

    title: str
    base: str
    rate_limits: RateLimits
    limits: Sequence[RateLimit] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        if not parts.hostname or (parts.scheme != "https" and parts.hostname not in LOOPBACK):
            raise Refused(f"The address of {self.title} must begin with https://.", code="bad_value")
        if parts.username is not None or parts.query or parts.fragment:
            raise Refused(
                f"The address of {self.title} must be one without a user or a query.", code="bad_value"
            )
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, and no password, that the machine happens to know

    def post(self, path: str, body: object, *, again: bool, hook: Hook | None = None) -> Any:  # noqa: ANN401
        """Send JSON and read the JSON of the answer.

        Args:
            path: Behind `base`.
            body: What is sent.
            again: Whether it only reads, so that it may be tried again.
            hook: Makes something of each JSON object, innermost first. Numbers with a point are Decimals.

        Raises:
            ReconnectNeeded: 401.
            EntityGone: 403 or 404.
            ProviderDown: No answer in time, or 408, 425, 429, 5xx, as often as it was tried.
            InconsistentData: Anything that is not the JSON of a success.
        """
        content = self._tried(lambda: self._answer(path, json.dumps(body).encode()), again=again)
        try:
            return json.loads(content, parse_float=Decimal, object_hook=hook)
        except ValueError:
            raise self._no_json() from None

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _tried(self, ask: Callable[[], bytes], *, again: bool) -> bytes:
        deadline = datetime.now(UTC) + LONGEST_WAIT
        for number in range(1, TRIES):
            try:
                return ask()
            except ProviderDown as down:
                retry_at = down.retry_at or datetime.now(UTC) + _pause(number)
                if not again or retry_at > deadline:
                    raise
                threading.Event().wait(max(0, (retry_at - datetime.now(UTC)).total_seconds()))
        return ask()

    def _answer(self, path: str, body: bytes) -> bytes:
        self.rate_limits.acquire(self.limits)
        give_up = time.monotonic() + WHOLE_ANSWER.total_seconds()
        try:
            with self._session.post(
                f"{self.base}{path}",
                data=body,
                headers={"content-type": JSON, "accept": JSON, "user-agent": "monitr", **self.headers},
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,  # a redirect would carry the credential elsewhere
                stream=True,
            ) as answer:
                self._refuse(answer.status_code, answer.headers)
                return self._content(answer, give_up)
        except requests.RequestException as error:
            raise ProviderDown(self._silent, detail=type(error).__name__) from None

    def _content(self, answer: requests.Response, give_up: float) -> bytes:
        content = bytearray()
        for chunk in answer.iter_content(CHUNK_BYTES):
            content += chunk
            if len(content) > LARGEST_ANSWER:
                raise OurFault(f"An answer of {self.title} was too large.", detail="the page must be smaller")
            if time.monotonic() > give_up:
                raise ProviderDown(self._silent, detail="the answer was cut off: it dripped")
        if not answer.headers.get("content-type", "").startswith(JSON):
            raise self._no_json()
        return bytes(content)

    def _refuse(self, status: int, headers: Mapping[str, str]) -> None:
        if status == 200:
            return
        problem: ImportProblem
        if status == 401:
            problem = ReconnectNeeded(
                f"{self.title} no longer accepts the credentials. Connect again under "
                "Organisations > Integrations."
            )
        elif status in {403, 404}:
            problem = EntityGone(f"{self.title} has no such administration for these credentials.")
        elif status in BUSY:
            problem = ProviderDown(self._silent, retry_at=_retry_at(headers), detail=f"HTTP {status}")
            raise problem
        else:
            problem = InconsistentData(f"{self.title} answered in a way that it should not.")
        problem.detail = f"HTTP {status}"
        raise problem

    @property
    def _silent(self) -> str:
        return f"{self.title} does not answer. You need not do anything: imports go on when it answers again."

    def _no_json(self) -> InconsistentData:
        return InconsistentData(f"{self.title} answered in a way that it should not.", detail="not JSON")


def _pause(number: int) -> timedelta:
    """Longer each time, and never the same for all: many who failed at once do not come back at once."""
    longest = int(FIRST_PAUSE.total_seconds()) * 1000 * 2**number
    return timedelta(milliseconds=random.randint(longest // 2, longest))  # noqa: S311 - not for secrets


def _retry_at(headers: Mapping[str, str]) -> datetime | None:
    """Retry-After: whole seconds or an HTTP date (RFC 9110, 10.2.3); None where there is neither."""
    stated = headers.get("retry-after", "").strip()
    if stated.isdigit() and len(stated) < 8:
        return datetime.now(UTC) + timedelta(seconds=int(stated))
    try:
        moment = parsedate_to_datetime(stated)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
