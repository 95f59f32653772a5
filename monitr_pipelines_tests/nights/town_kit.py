"""Who lives through the nights: organisations with companies in emulated software, and their edits."""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any, ClassVar, NamedTuple

from conformance_kit import Case, cases
from edits_kit import Edit, History
from emulated_kit import Emulated

from monitr_pipelines import emulators
from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.server import serve
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import invented_books
from monitr_pipelines.emulators.shared.records import State, money
from monitr_pipelines.importing import connecting
from monitr_pipelines.warehouse.registry import administrations, organisations
from monitr_pipelines.warehouse.registry.administrations import Choice
from monitr_pipelines.warehouse.server.database import Connection

PERSON = "story"
MOST_NUMBER = 10**6
SLOW = timedelta(milliseconds=300)


class Entity(NamedTuple):
    """A company as the product knows it, and where it really is."""

    key: str
    organisation: str
    connection: int
    software: Emulated
    company: int

    @property
    def signs_in(self) -> bool:
        """Whether its connection lives by tokens that are renewed."""
        return self.software.case.provider.sign_in is not None

    def sums(self) -> dict[tuple[date, str], Decimal]:
        """What its software has, by month and account code: posted lines, without what comes to nothing."""
        books, found = self.software.books, Counter[tuple[date, str]]()
        with books.lock:
            for entry in books.company_entries(self.company):
                if entry.state is State.POSTED:
                    for line in entry.lines:
                        if line.account is not None:
                            found[entry.day.replace(day=1), books.accounts[line.account].code] += line.amount
        return {key: money(cents) for key, cents in found.items() if cents}

    def closing(self, at: date) -> dict[str, Decimal]:
        """Its trial balance as its software tells it."""
        with self.software.books.lock:
            return self.software.books.trial_balance(self.company, at)


class Told(NamedTuple):
    """An alert that arrived: to whom, `opened` or `recovered`, of what, about which entity."""

    organisation: str
    kind: str
    cause: str
    entity: str


@dataclass
class Receiver:
    """Takes the messages to all organisations, at a path for each."""

    address: str = ""
    messages: list[Mapping[str, Any]] = field(default_factory=list)

    def told(self) -> Counter[Told]:
        return Counter(
            Told(
                told["data"]["organisation"],
                told["type"].removeprefix("alert."),
                told["data"]["cause"],
                each["key"],
            )
            for told in list(self.messages)
            for each in told["data"]["entities"]
        )


@dataclass
class Town:
    """Everybody, by name and key."""

    receiver: Receiver
    softwares: dict[str, Emulated]
    entities: dict[str, Entity] = field(default_factory=dict)

    def of(self, organisation: str) -> set[str]:
        return {each.key for each in self.entities.values() if each.organisation == organisation}

    @property
    def organisations(self) -> set[str]:
        return {each.organisation for each in self.entities.values()}

    def offices(self, name: str) -> dict[str, set[str]]:
        """Who has entities in a software, and which."""
        keys = self.in_software(name)
        owners = {self.entities[key].organisation for key in keys}
        return {owner: keys & self.of(owner) for owner in owners}

    def in_software(self, name: str) -> set[str]:
        return {each.key for each in self.entities.values() if each.software.case.name == name}

    def settle_in(self, connection: Connection, organisation: str, name: str) -> None:
        """An organisation connects a software and imports all that it sees; it may have been there before."""
        software = self.softwares[name]
        if organisation not in self.organisations:
            organisations.add(connection, organisation, "active")
            address = f"{self.receiver.address}/{len(self.entities)}"
            organisations.change(connection, organisation, {"alert_url": address})
        number = connecting.connect(connection, organisation, name, software.settings, PERSON)
        listed = [each.id for each in software.emulator.administrations()]
        administrations.choose(connection, number, dict.fromkeys(listed, Choice.NORMAL), PERSON)
        keys = {row["id"]: row["entity_key"] for row in administrations.listed(connection, number)}
        for administration, company in zip(listed, software.books.companies, strict=False):
            key = keys[administration]
            self.entities[key] = Entity(key, organisation, number, software, company)

    def work(self, random: Random, edits: int) -> int:
        """People edit the books of every software, and leave some of it unfinished; how many edits."""
        for software in self.softwares.values():
            kinds = sorted(software.case.conformance.edits)
            software.apply(
                [
                    Edit(random.choice(kinds), random.randrange(MOST_NUMBER), random.randrange(MOST_NUMBER))
                    for _ in range(edits)
                ]
            )
        return edits * len(self.softwares)

    def finish(self) -> None:
        """What was left unfinished is committed: a late entry."""
        for software in self.softwares.values():
            software.settle()

    def fails(self, name: str) -> None:
        """A software answers nobody."""
        self.softwares[name].server.faults.inject(faults.refused(503), times=None)

    def answers(self, name: str) -> None:
        self.softwares[name].server.faults.clear()

    def slow(self, latency: timedelta) -> None:
        for software in self.softwares.values():
            software.server.latency = latency


@contextmanager
def town(names: Sequence[str], companies: int, seed: int) -> Iterator[Town]:
    """Emulated software and the receiver of messages, until the block ends; nobody lives there yet."""
    found = {case.name: case for case in reversed(cases()) if case.emulated}
    with ExitStack() as running:
        receiver = running.enter_context(receiving())
        softwares = {
            name: running.enter_context(_software(found[name], companies, seed + place))
            for place, name in enumerate(names)
        }
        yield Town(receiver, softwares)


@contextmanager
def _software(case: Case, companies: int, seed: int) -> Iterator[Emulated]:
    kind, clock = emulators.kinds()[case.name], Clock()
    books: SharedBooks = invented_books(replace(kind.size, companies=companies, seed=seed), clock)
    emulator = kind.build(books, case.conformance.variants[case.variant])
    with serve(emulator, clock) as server:
        yield Emulated(case, emulator, server, books, History(books))


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A program of the customers that takes whatever is posted, until the block ends."""
    receiver = Receiver()

    class Bound(_Handler):
        taken: ClassVar[list[Mapping[str, Any]]] = receiver.messages

    with ThreadingHTTPServer(("127.0.0.1", 0), Bound) as server:
        receiver.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    taken: ClassVar[list[Mapping[str, Any]]]

    def do_POST(self) -> None:
        self.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
