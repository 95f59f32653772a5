"""What travels between a client and an emulator, as whole messages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

JSON = "application/json"
HTML = "text/html; charset=utf-8"
# Decimals are written as the digits that they have; a document of another kind is an error.
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True)
class Request:
    """What a client asked for.

    Args:
        number: Its place among all requests of the server, from 1.
        method: In capitals.
        target: Path and query as they were sent.
        headers: By their names in small letters.
        body: Its bytes, empty where there are none.
        address: Where the server that was asked listens, such as `http://127.0.0.1:8070`.
    """

    number: int
    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = b""
    address: str = ""

    @cached_property
    def path(self) -> str:
        """The path, its escapes resolved."""
        return unquote(urlsplit(self.target).path)

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The last value of each parameter."""
        pairs = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[-1] for name, values in pairs.items()}

    @cached_property
    def question(self) -> bytes:
        """The body without what only tells this request from others: the `id` of JSON-RPC."""
        if b'"jsonrpc"' not in self.body:
            return self.body
        try:
            envelope = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return self.body
        if isinstance(envelope, dict):
            envelope.pop("id", None)
        return msgspec.json.encode(envelope)

    @cached_property
    def document(self) -> object:
        """The body as JSON; None where it is none."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return None

    @property
    def bearer(self) -> str | None:
        """The token of the `Authorization` header, None where there is none of that kind."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind.lower() == "bearer" and token else None


@dataclass(frozen=True)
class Answer:
    """What an emulator says to it.

    `again` makes of it the answer to another request for the same, where an answer names its request.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    again: "Callable[[Answer, Request], Answer] | None" = field(default=None, repr=False, compare=False)

    def given_again(self, request: Request) -> "Answer":
        """The same answer to another request."""
        return self.again(self, request) if self.again else self

    @classmethod
    def json(cls, document: object, status: int = 200, **headers: str) -> "Answer":
        """A document of plain values; underscores in the names of headers stand for hyphens."""
        return cls(status, _ENCODER.encode(document), _headers(JSON, headers))

    @classmethod
    def text(cls, text: str, kind: str, status: int = 200, **headers: str) -> "Answer":
        """Text of a kind such as `text/xml; charset=utf-8`."""
        return cls(status, text.encode(), _headers(kind, headers))


def _headers(kind: str, more: Mapping[str, str]) -> dict[str, str]:
    return {"Content-Type": kind} | {name.replace("_", "-").title(): text for name, text in more.items()}
