"""Ten thousand requests as no program should send them: each is answered, none with a 5xx."""

import json
import random
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from hook_kit import Sender, new_id
from process_kit import LONGEST_WAIT

REQUESTS = 10_000
SEED = 20_261_123
STRANGE = (
    b"", b" ", b"\t", b"\x00", b"\x7f", b"\xff\xfe", b"\xe2\x82\xac", b"-1", b"0", b"1e309", b"NaN", b"'",
    b'"', b"%00", b"v1,", b"v1,====", b"v2,AAAA", b",", b"null", b"../..", b"{{7*7}}", b"$(id)", b"9" * 400,
    b"a" * 5000, b"v1," * 300,
)  # fmt: skip
VALUES = (
    None, True, 0, -1, 1e308, "", " ", "\x00", "\ud800", "é", "a" * 300, [], {}, [[[[]]]], {"entity": {}},
    "full", "incremental", "'; drop table app.import; --",
)  # fmt: skip
HEADERS = (
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "webhook-key",
    "content-type",
    "content-length",
)


class Malformer:
    """Makes requests that are wrong in some way; the same ones for the same seed."""

    def __init__(self, sender: Sender, seed: int) -> None:
        self._sender = sender
        self._chance = random.Random(seed)  # noqa: S311 - no secret

    def request(self) -> bytes:
        if self._chance.random() < 0.03:
            return self._chance.randbytes(self._chance.randrange(1, 300)) + b"\r\n\r\n"
        body = self._body()
        signed = self._sender.headers(body if _is_text(body) else b"", new_id())
        headers = [(name.encode(), value.encode()) for name, value in signed.items()]
        headers += [(b"host", b"127.0.0.1"), (b"content-length", str(len(body)).encode())]
        for _ in range(self._chance.choice((0, 1, 1, 2))):
            self._spoil(headers)
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        return self._start() + lines + b"connection: close\r\n\r\n" + body

    def _start(self) -> bytes:
        if self._chance.random() < 0.9:
            return b"POST /hooks/imports HTTP/1.1\r\n"
        method = self._chance.choice((b"GET", b"PUT", b"POST", b"BREW", b"OPTIONS", b"post", b"", b"P\x00ST"))
        path = self._chance.choice(
            (b"/hooks/imports/", b"/hooks/imports?x=%ff", b"/hooks/%00", b"//", b"*", b"/hooks/\xff")
        )
        return (
            method
            + b" "
            + path
            + self._chance.choice((b" HTTP/1.1", b" HTTP/1.0", b" HTTP/9.9", b""))
            + b"\r\n"
        )

    def _spoil(self, headers: list[tuple[bytes, bytes]]) -> None:
        name = self._chance.choice(HEADERS).encode()
        at = next((nth for nth, (given, _) in enumerate(headers) if given == name), None)
        if at is None:
            return
        match self._chance.randrange(4):
            case 0:
                del headers[at]
            case 1:
                headers[at] = (name, self._chance.choice(STRANGE))
            case 2:
                headers.append(headers[at])
            case _:
                value = bytearray(headers[at][1] or b"x")
                value[self._chance.randrange(len(value))] = self._chance.randrange(256)
                headers[at] = (name, bytes(value))

    def _body(self) -> bytes:
        known: dict[str, object] = {
            "entity": self._chance.choice((*self._sender.entities, "1042-bakkerij-peeters"))
        }
        match self._chance.randrange(6):
            case 0:
                return self._chance.randbytes(self._chance.randrange(200))
            case 1:
                whole = bytearray(json.dumps(known).encode())
                whole[self._chance.randrange(len(whole))] = self._chance.randrange(256)
                return bytes(whole)
            case 2:
                return json.dumps(self._chance.choice(VALUES)).encode()
            case 3:
                return json.dumps(
                    known | {self._chance.choice(("mode", "entity", "x")): self._chance.choice(VALUES)}
                ).encode()
            case 4:
                return b" " * self._chance.choice((16_000, 17_000, 40_000)) + json.dumps(known).encode()
            case _:
                return json.dumps(known).encode()


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def status_of(address: tuple[str, int], request: bytes) -> int:
    """The status that a request is answered; 0 where the connection is closed without a word."""
    answer = b""
    with socket.create_connection(address, timeout=LONGEST_WAIT) as sent:
        try:
            sent.sendall(request)
            while chunk := sent.recv(65536):
                answer += chunk
        except ConnectionError:
            pass
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def test_ten_thousand_malformed_requests_are_answered_without_an_error_of_ours(
    new_sender: Callable[..., Sender], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = new_sender(entities=3)
    url = httpx2.URL(str(sender.client.base_url))
    address = (url.host, url.port or 80)
    malformer = Malformer(sender, SEED)
    requests = [malformer.request() for _ in range(REQUESTS)]

    with monkeypatch.context() as patched, ThreadPoolExecutor(4) as pool:
        patched.setattr("monitr_pipelines.web.hook.requests.BODY_SECONDS", 0.2)
        answers = Counter(pool.map(lambda request: status_of(address, request), requests))
    wrong = {status: times for status, times in answers.items() if not (status == 202 or 400 <= status < 500)}
    assert wrong == {}, f"seed {SEED}: {answers}"
    assert {202, 400, 401, 404, 405, 413, 415, 422} <= set(answers)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert sender.ask().status_code == 202
