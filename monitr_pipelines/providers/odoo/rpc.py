"""One user's way into one database of Odoo: JSON-RPC up to 18, JSON-2 from 19 on.

The version is asked first, without signing in: an older server answers JSON-2 with a page and status 200.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache, cached_property
from typing import Any, TypeAlias

from msgspec import Raw, Struct, ValidationError, json

from monitr_pipelines.lifecycle.errors import OurFault, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.contract import Ports, RateLimit
from monitr_pipelines.providers.http import Answer, Client, Decode, Follows
from monitr_pipelines.providers.odoo.faults import TITLE, NotServed, credentials_refused, problem, refusal

OLDEST = 16
FIRST_WITH_JSON_2 = 19
REQUEST = 1
RPC = "/jsonrpc"
# Odoo's own hosting asks integrations for a call a second; there is no official figure for it.
HOSTED = (RateLimit("second", 1, timedelta(seconds=1)),)
Arguments: TypeAlias = Mapping[str, Any]
NUMBER = re.compile(r"(?:saas~)?(\d+)")


class Rpc:
    """Asks as one user; signs in when first asked."""

    def __init__(self, ports: Ports) -> None:
        self._credentials = ports.tokens.read()
        address = self._credentials["url"].strip().rstrip("/")
        limits = HOSTED if f"{address}/".partition(".odoo.com/")[1] else ()
        self._client = Client(TITLE, address, ports.rate_limits, limits, refusal=refusal)

    @cached_property
    def version(self) -> int:
        """The major version, such as 18; that of `saas~18.2` is 18.

        Raises:
            ReconnectNeeded: It is older than what can be read.
        """
        found = self._version_info()
        number = NUMBER.fullmatch(str(found[0])) if isinstance(found, Sequence) and found else None
        if number is None:
            raise OurFault(Message("our_fault"), detail=f"{TITLE} tells no version")
        version = int(number[1])
        if version < OLDEST:
            raise ReconnectNeeded(
                Message("version_too_old", {"title": TITLE, "version": version, "oldest": OLDEST})
            )
        return version

    def call(
        self,
        model: str,
        method: str,
        *,
        ids: Sequence[int] | None = None,
        rows: type[Struct] | None = None,
        then: Callable[[bytes], Arguments | None] | None = None,
        **named: Any,  # noqa: ANN401 - whatever the method takes
    ) -> Answer:
        """Call a method.

        Args:
            model: Such as `account.move.line`.
            method: Such as `search_read`.
            ids: Where the method is one of records, not of the model.
            rows: What it answers.
            then: Tells from an answer with which arguments it will most likely be called next.
            named: Its arguments.

        Raises:
            OurFault: The answer is another than rows of that type.
            ReconnectNeeded: The credentials are not accepted.
            ReadingRefused: The user lacks a right.
            UnknownName: There is no such model, method or field.
        """

        def following(body: bytes) -> Call | None:
            arguments = then(body) if then else None
            return None if arguments is None else self._question(model, method, ids, arguments)

        question = self._question(model, method, ids, named)
        if self.version >= FIRST_WITH_JSON_2:
            return self._send(question, _rows(rows) if rows else None, following)
        return _opened(self._send(question, _envelope(rows) if rows else None, following))

    def close(self) -> None:
        """Let go of the connection; there is no session to end."""
        self._client.close()

    @property
    def _headers(self) -> Mapping[str, str]:
        return {
            "Authorization": f"bearer {self._credentials['api_key']}",
            "X-Odoo-Database": self._credentials["database"],
        }

    @cached_property
    def _signed_in(self) -> tuple[str, int, str]:
        """What every call by JSON-RPC begins with: database, user and key."""
        database, key = self._credentials["database"], self._credentials["api_key"]
        user = self._ask("common", "authenticate", database, self._credentials["username"], key, {}).document
        if user is False:
            raise credentials_refused("authenticate")
        if not isinstance(user, int):
            raise OurFault(Message("our_fault"), detail=f"{TITLE} signs in another way than expected")
        return database, user, key

    def _version_info(self) -> Any:  # noqa: ANN401 - looked at by the caller
        try:
            told = self._ask("common", "version").document
        except NotServed:  # a server that has JSON-2 alone
            told = self._client.ask("GET", "/web/version").document
        if not isinstance(told, Mapping):
            return None
        return told.get("server_version_info") or told.get("version_info")

    def _question(self, model: str, method: str, ids: Sequence[int] | None, named: Arguments) -> Call:
        if self.version >= FIRST_WITH_JSON_2:
            records = {} if ids is None else {"ids": list(ids)}
            return Call("POST", f"/json/2/{model}/{method}", self._headers, document={**records, **named})
        positional = [] if ids is None else [list(ids)]
        return _rpc("object", "execute_kw", *self._signed_in, model, method, positional, named)

    def _ask(self, service: str, method: str, *arguments: object) -> Answer:
        return _opened(self._send(_rpc(service, method, *arguments)))

    def _send(self, question: Call, decode: Decode | None = None, then: Follows | None = None) -> Answer:
        try:
            return self._client.ask(**question._asdict(), decode=decode, then=then)
        except ValidationError as wrong:
            detail = f"{TITLE} answers in a form that is not known: {wrong}"
            raise OurFault(Message("our_fault"), detail=detail) from None


def _rpc(service: str, method: str, *arguments: object) -> Call:
    document = {
        "jsonrpc": "2.0",
        "id": REQUEST,
        "method": "call",
        "params": {"service": service, "method": method, "args": arguments},
    }
    return Call("POST", RPC, document=document)


def _opened(answer: Answer) -> Answer:
    return Answer(_result(answer.document), answer.sent_at)


@cache
def _rows(kind: type[Struct]) -> Decode:
    return json.Decoder(list[kind]).decode  # type: ignore[valid-type]


@cache
def _envelope(kind: type[Struct]) -> Decode:
    """An envelope around rows of a type: a mapping with whatever else it holds."""
    opened, decode = json.Decoder(dict[str, Raw]).decode, _rows(kind)

    def decoded(body: bytes) -> dict[str, Any]:
        parts = opened(body)
        result = {"result": decode(parts.pop("result"))} if "result" in parts else {}
        return {name: json.decode(part) for name, part in parts.items()} | result

    return decoded


def _result(document: object) -> Any:  # noqa: ANN401 - whatever was asked for
    """What an envelope holds; errors come without the id of the request."""
    if isinstance(document, Mapping) and document.get("jsonrpc") == "2.0":
        if isinstance(error := document.get("error"), Mapping):
            data = error.get("data")
            raise problem(data if isinstance(data, Mapping) else {})
        if "result" in document and document.get("id") == REQUEST:
            return document["result"]
    raise OurFault(Message("our_fault"), detail=f"{TITLE} answers in a form that is not known")
