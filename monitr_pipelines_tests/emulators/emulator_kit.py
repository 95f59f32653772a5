"""A toy accounting software for tests of what all emulators stand on, and a plain client."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.frame.contract import Shown
from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import MORNING

PAGE = 3


@dataclass
class Toy:
    """Answers `/lines?after=ID` with so many ids of lines, to whoever has the token."""

    books: SharedBooks
    bearer: str = "good"
    asked: int = field(default=0)

    def settings(self, address: str) -> Mapping[str, str]:
        return {"url": address}

    def administrations(self) -> Sequence[Shown]:
        return [Shown(str(company.id), company.name) for company in self.books.companies.values()]

    def subject(self, request: Request) -> str:
        return f"{request.path} {request.headers.get('company', '')}".rstrip()

    def refusal(self, status: int) -> Answer:
        return Answer.json({"refused": status}, status)

    def answer(self, request: Request) -> Answer:
        self.asked += 1
        if request.bearer != self.bearer:
            return self.refusal(401)
        with self.books.lock:
            after = int(request.query.get("after", "0"))
            ids = [placed.line.id for placed, _ in zip(self.books.lines(after), range(PAGE), strict=False)]
        return Answer.json({"ids": ids})


@contextmanager
def toy_server(
    books: SharedBooks, *, latency: timedelta = timedelta(), remember_pages: bool = False
) -> Iterator[tuple[Toy, Server]]:
    toy = Toy(books)
    with serve(toy, Clock(MORNING), latency=latency, remember_pages=remember_pages) as server:
        yield toy, server


@contextmanager
def connected(server: Server) -> Iterator[HTTPConnection]:
    """One connection, without anything that would repeat or redirect."""
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=LONGEST_WAIT)
    try:
        yield connection
    finally:
        connection.close()


def ask(
    connection: HTTPConnection, target: str = "/lines", *, bearer: str = "good", company: str = ""
) -> tuple[HTTPResponse, bytes]:
    headers = {"Authorization": f"Bearer {bearer}"} | ({"Company": company} if company else {})
    connection.request("GET", target, headers=headers)
    answer = connection.getresponse()
    return answer, answer.read()
