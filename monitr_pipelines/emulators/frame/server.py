"""An emulator on a port of 127.0.0.1: threads, connections that stay open, a log, faults, kept pages."""

import socket
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from monitr_pipelines.emulators.frame.contract import Emulator
from monitr_pipelines.emulators.frame.exchanges import Exchange, Exchanges
from monitr_pipelines.emulators.frame.faults import Fault, Faults, Wire
from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.shared.clock import Clock

LARGEST_REQUEST = 16 * 2**20
# How often the server looks whether it is to end, and the moment between two bytes of a drip.
LOOK = timedelta(milliseconds=20)
DRIP = timedelta(milliseconds=50)
REFUSED, DEFECT = Fault("refused by the server"), Fault("defect of the emulator")
TEXT = "text/plain; charset=utf-8"


class Server:
    """A running emulator.

    `address` is where it listens; `exchanges` tells what was asked; `faults` takes what is to go wrong;
    `latency` is waited before each answer. `remember_pages` keeps each answer by all that was asked, so
    that a measurement of a client, asked for the second time, has nothing of the emulator's own cost; the
    books must not change then.
    """

    def __init__(
        self,
        emulator: Emulator,
        clock: Clock,
        *,
        latency: timedelta = timedelta(),
        remember_pages: bool = False,
    ) -> None:
        self.emulator = emulator
        self.clock = clock
        self.latency = latency
        self.address = ""
        self.exchanges = Exchanges()
        self.faults = Faults()
        self.closed = threading.Event()
        self._pages: dict[tuple[str, str, str, str, bytes], Answer] | None = {} if remember_pages else None
        self._first: dict[str, Answer] = {}
        self._last: dict[str, Answer] = {}
        self._number = 0
        self._lock = threading.Lock()

    def numbered(self) -> int:
        """The number of the next request."""
        with self._lock:
            self._number += 1
            return self._number

    def respond(self, request: Request) -> tuple[Answer, Fault | None]:
        """What is said to a request, with the fault that befell it."""
        fault = self.faults.due(request)
        if fault is None:
            return self._due(request), None
        if fault.before:
            fault.before()
        if fault.again:
            pages = self._first if fault.again == "first" else self._last
            earlier = pages.get(self.emulator.subject(request))
            return earlier.given_again(request) if earlier else self._due(request), fault
        if fault.status is not None:
            answer = self.emulator.refusal(fault.status)
        else:
            answer = self._due(request) if fault.executed else Answer()
        return fault.change(answer) if fault.change else answer, fault

    def _due(self, request: Request) -> Answer:
        subject = self.emulator.subject(request)
        answer = self._remembered(request, subject)
        self._first.setdefault(subject, answer)
        self._last[subject] = answer
        return answer

    def _remembered(self, request: Request, subject: str) -> Answer:
        if self._pages is None:
            return self.emulator.answer(request)
        authorization = request.headers.get("authorization", "")
        key = (request.method, request.target, authorization, subject, request.question)
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = self.emulator.answer(request)
            return page
        return page.given_again(request)


@contextmanager
def serve(
    emulator: Emulator,
    clock: Clock | None = None,
    *,
    port: int = 0,
    latency: timedelta = timedelta(),
    remember_pages: bool = False,
) -> Iterator[Server]:
    """An emulator on a port of 127.0.0.1 (0: a free one) until the block ends.

    Raises:
        OSError: Someone else listens on the port.
    """
    served = Server(emulator, clock or Clock(), latency=latency, remember_pages=remember_pages)

    class Bound(_Handler):
        server_state = served

    with _Listening(("127.0.0.1", port), Bound) as listening:
        served.address = f"http://127.0.0.1:{listening.server_address[1]}"
        look = LOOK / timedelta(seconds=1)
        thread = threading.Thread(target=listening.serve_forever, args=(look,), daemon=True)
        thread.start()
        try:
            yield served
        finally:
            served.closed.set()
            listening.shutdown()
            thread.join()
            listening.hang_up()


class _Listening(ThreadingHTTPServer):
    """Closing it waits for the thread of each connection."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[socket.socket] = set()

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        """Remember the connection."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        """Forget it."""
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep open."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        """Nothing: clients that leave are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server_state: ClassVar[Server]
    protocol_version = "HTTP/1.1"
    # An answer leaves in one piece: the client's delayed acknowledgement would hold the second one up.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _handle(self) -> None:
        served = self.server_state
        length = self.headers.get("Content-Length", "0")
        headers = {name.lower(): text for name, text in self.headers.items()}
        if not length.isdigit() or int(length) > LARGEST_REQUEST or "transfer-encoding" in headers:
            self.close_connection = True
            request = Request(served.numbered(), self.command, self.path, headers, b"", served.address)
            self._send(request, Answer(HTTPStatus.LENGTH_REQUIRED), REFUSED)
            return
        body = self.rfile.read(int(length))
        request = Request(served.numbered(), self.command, self.path, headers, body, served.address)
        if served.latency:
            time.sleep(served.latency / timedelta(seconds=1))
        try:
            answer, fault = served.respond(request)
        except Exception:  # noqa: BLE001 - whatever it is, whoever tests must see it
            answer, fault = Answer.text(traceback.format_exc(), TEXT, 500), DEFECT
        self._send(request, answer, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _handle  # noqa: N815 - named by http.server

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - named by http.server
        """Nothing is written: tests look at the exchanges."""

    def _send(self, request: Request, answer: Answer, fault: Fault | None) -> None:
        wire = fault.wire if fault else Wire.WHOLE
        sent = wire not in (Wire.DROPPED, Wire.SILENT)
        status, size = (answer.status, len(answer.body)) if sent else (0, 0)
        self.server_state.exchanges.add(Exchange(request, status, size, fault.name if fault else None))
        if wire is Wire.SILENT:
            self.server_state.closed.wait()
        if not sent:
            self._end()
            return
        self.send_response_only(answer.status)
        date = format_datetime(self.server_state.clock.now().replace(microsecond=0), usegmt=True)
        headers = {"Date": date, "Server": "emulator", **answer.headers, "Content-Length": str(size)}
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        body = b"" if self.command == "HEAD" else answer.body
        if wire is Wire.DRIPPED:
            self._drip(body)
            return
        self.wfile.write(body[: len(body) // 2] if wire is Wire.CUT else body)
        self.wfile.flush()
        if wire is Wire.CUT:
            self._end()

    def _drip(self, body: bytes) -> None:
        for position in range(len(body)):
            self.wfile.write(body[position : position + 1])
            self.wfile.flush()
            if self.server_state.closed.wait(DRIP / timedelta(seconds=1)):
                self._end()
                return

    def _end(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
