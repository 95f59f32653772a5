"""The one HTTP client of connectors: exact numbers, bounded waits, and errors by who must act.

What is sent or answered is never logged or quoted: see `transport`.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn, Protocol, TypeVar

import msgspec
import requests

from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.ahead import Ahead, Call
from monitr_pipelines.providers.contract import RateLimit, RateLimits
from monitr_pipelines.providers.retries import (
    NOTHING,
    PATIENCE,
    Budget,
    Patience,
    RateHeaders,
    Retries,
    moment_of,
    moment_of_date,
)
from monitr_pipelines.providers.transport import NoReply, Reply, Transport

UNAUTHORIZED, NOT_FOUND, OVERLOADED = 401, 404, 429
# Some servers put the mark of UTF-8 before their JSON.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
EXACT = msgspec.json.Decoder(float_hook=Decimal)
T = TypeVar("T")
ObjectHook = Callable[[dict[str, Any]], Any]
Decode = Callable[[bytes], Any]
Meaning = Callable[[Message], ImportProblem]
Refusal = Callable[[Reply], ImportProblem | None]
MEANINGS: Mapping[int, Meaning] = {401: ReconnectNeeded, 403: ReconnectNeeded, 404: EntityGone}


@dataclass(frozen=True)
class Answer:
    """A document, and the moment that the server's own clock showed when it was sent, if it tells."""

    document: Any
    sent_at: datetime | None


Follows = Callable[[bytes], Call | None]


class Authorization(Protocol):
    """Credentials of requests that end from time to time."""

    def headers(self) -> Mapping[str, str]:
        """What a request carries now."""

    def renew(self) -> None:
        """The server no longer accepts what `headers` gave."""


class _NotAuthorized(Exception):
    """There are no credentials to ask with for now."""

    def __init__(self, problem: ProviderDown) -> None:
        super().__init__()
        self.problem = problem


@dataclass
class Client:
    """Asks one server, one question at a time, one import long.

    Args:
        title: The software as messages name it.
        address: Where it is: https, or plain http on this machine.
        rate_limits: Asked before each call, repeated ones too.
        limits: What one credential may ask for.
        rate_headers: In which headers the software tells what is left of these limits.
        authorization: Credentials that may have to be renewed between two questions.
        meanings: Errors by HTTP status where they differ from those of `MEANINGS`.
        refusal: What an answer without success means; None where its status alone tells.
        patience: How long to wait and how often to try.
        object_hook: Turns the software's own types of JSON objects into values.

    Raises:
        ReconnectNeeded: The address is none that credentials may travel to.
    """

    title: str
    address: str
    rate_limits: RateLimits
    limits: Sequence[RateLimit] = ()
    rate_headers: Sequence[RateHeaders] = ()
    authorization: Authorization | None = None
    meanings: Mapping[int, Meaning] = field(default_factory=dict)
    patience: Patience = PATIENCE
    object_hook: ObjectHook | None = None
    refusal: Refusal | None = None

    def __post_init__(self) -> None:
        self._transport = Transport(self.title, self.address, self.patience)
        self._ahead = Ahead(self._send, self._transport.under_way)
        self._budget = Budget(self.patience)
        self._free_at: datetime | None = None
        self._closed = threading.Event()

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        document: Any = None,  # noqa: ANN401 - whatever JSON can say
        xml: bytes | None = None,
        repeatable: bool = True,
        decode: Decode | None = None,
        then: Follows | None = None,
    ) -> Answer:
        """Ask once, or again where that may help and changes nothing at the server.

        Args:
            method: The HTTP method.
            path: What follows the address.
            headers: Credentials and the like, besides those of `authorization`.
            query: What follows the question mark; never a secret.
            form: What is sent, encoded as forms are.
            document: What is sent, as JSON.
            xml: What is sent, as it is; `headers` tell its type.
            repeatable: Whether asking twice is the same as asking once.
            decode: Makes a document of declared types of an answer: that of a `msgspec.json.Decoder`.
                None makes dicts and lists, numbers with a point as `Decimal`.
            then: Tells from the text of an answer what will most likely be asked next: it is on its way
                before the answer is decoded. It must change nothing at the server.

        Raises:
            msgspec.ValidationError: The answer is JSON, but not of these types; it names fields, no values.
            ReconnectNeeded, EntityGone: As the status says, see `MEANINGS`.
            ProviderDown: No answer that can be used, after as many tries as `patience` allows.
            OurFault: The server does not understand the question, or answers more than fits.
        """
        question = Call(method, path, headers, query, form, document, xml)
        prepared = self._ahead.prepared(question) or self._transport.prepare(**question._asdict())
        retries = Retries(self.patience, self._budget)
        while True:
            try:
                answer = self._once(prepared, decode or self._plain, then)
            except _NotAuthorized as refused:
                # Asking again would be refused again, and refusals are counted.
                raise refused.problem from None
            except ProviderDown as error:
                if not repeatable:
                    raise
                retries.wait_after(error)
            else:
                self._budget.answered()
                return answer

    def close(self) -> None:
        """Let go of the connection."""
        self._closed.set()
        self._transport.close()
        self._ahead.close()

    def _once(self, prepared: requests.PreparedRequest, decode: Decode, then: Follows | None) -> Answer:
        reply = self._ahead.take(prepared) or self._send(prepared)
        if reply.status == UNAUTHORIZED and self.authorization is not None:
            # The very question that was refused: so no page is lost, and none is read twice.
            _authorized(self.authorization.renew)
            reply = self._send(prepared)
        self._check(reply)
        following = then(reply.body) if then else None
        if following is None:
            return self._answer(reply, decode)
        self._ahead.begin(following, self._transport.prepare(**following._asdict()))
        answer = self._answer(reply, decode)
        self.rate_limits.foresee(self.limits)
        return answer

    def _answer(self, reply: Reply, decode: Decode) -> Answer:
        return Answer(self._parsed(reply.body, decode), moment_of_date(reply.headers.get("Date")))

    def _send(self, prepared: requests.PreparedRequest) -> Reply:
        self._wait_for_the_next_window()
        self.rate_limits.acquire(self.limits)
        if self.authorization is not None:
            prepared.headers.update(_authorized(self.authorization.headers))
        if self._closed.is_set():  # while a question that nobody waits for any more waited for its turn
            raise self._down(detail="the connection was closed")
        try:
            reply = self._transport.send(prepared)
        except NoReply as none:
            raise self._down(detail=str(none)) from None
        self._note_limits(reply.headers)
        return reply

    def _wait_for_the_next_window(self) -> None:
        """Nothing is asked of which the last answer said that it would be refused."""
        while self._free_at and (wait := self._free_at - datetime.now(UTC)) > NOTHING:
            if wait > self.patience.budget:
                raise ProviderDown(Message("software_busy", {"title": self.title}), retry_at=self._free_at)
            if self._closed.wait(wait.total_seconds()):
                return

    def _note_limits(self, headers: Mapping[str, str]) -> None:
        told = {each.name: each.calls(headers) for each in self.rate_headers}
        self.limits = tuple(
            replace(limit, calls=told.get(limit.name) or limit.calls) for limit in self.limits
        )
        moments = [moment for each in self.rate_headers if (moment := each.free_at(headers))]
        self._free_at = max(moments, default=None)

    def _check(self, reply: Reply) -> None:
        if 200 <= reply.status < 300:
            return
        if self.refusal and (problem := self.refusal(reply)):
            raise problem
        detail = f"HTTP {reply.status}"
        retry_at = moment_of(reply.headers.get("Retry-After")) or self._free_at
        if reply.status == OVERLOADED:
            busy = Message("software_busy", {"title": self.title})
            raise ProviderDown(busy, retry_at=retry_at, detail=detail)
        if reply.status >= 500:
            raise self._down(retry_at=retry_at, detail=detail)
        self._refused(reply)

    def _down(self, *, detail: str, retry_at: datetime | None = None) -> ProviderDown:
        return ProviderDown(Message("software_down", {"title": self.title}), retry_at=retry_at, detail=detail)

    def _refused(self, reply: Reply) -> NoReturn:
        status = reply.status
        if 300 <= status < 400:
            raise ReconnectNeeded(Message("software_moved", {"title": self.title}))
        meaning = self.meanings.get(status) or MEANINGS.get(status)
        if meaning is None:
            raise OurFault(Message("question_refused", {"title": self.title}), detail=f"HTTP {status}")
        refuses = Message("software_refuses", {"title": self.title})
        hidden = Message("administration_hidden", {"title": self.title})
        problem = meaning(hidden if status == NOT_FOUND else refuses)
        problem.detail = f"HTTP {status}"
        raise problem

    def _parsed(self, body: bytes, decode: Decode) -> Any:  # noqa: ANN401 - whatever was decoded
        try:
            return decode(body.removeprefix(BYTE_ORDER_MARK))
        except msgspec.ValidationError:
            raise
        except (ValueError, RecursionError):  # those of msgspec are ValueErrors too
            message = Message("answer_unreadable", {"title": self.title})
            raise ProviderDown(message, detail="the answer cannot be decoded") from None

    def _plain(self, body: bytes) -> Any:  # noqa: ANN401 - whatever JSON can say
        if self.object_hook is None:
            return EXACT.decode(body)
        return json.loads(body, parse_float=Decimal, parse_constant=_no_number, object_hook=self.object_hook)


def _authorized(act: Callable[[], T]) -> T:
    try:
        return act()
    except ProviderDown as problem:
        raise _NotAuthorized(problem) from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
