"""Emulated software, connected and imported by commands; and how one of them lies about a balance."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from monitr_pipelines import emulators
from monitr_pipelines.emulators.frame.faults import Fault
from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import Size, invented_books

APPLICATIONS = json.dumps({"exact": {"id": "emulated-app", "secret": "emulated-secret"}})
OPTIONS = {"exact": {"calls_a_minute": "100000"}}


@dataclass(frozen=True)
class Emulated:
    """A software that runs, with the books that it shows."""

    provider: str
    books: SharedBooks
    server: Server

    @property
    def settings(self) -> dict[str, str]:
        return dict(self.server.emulator.settings(self.server.address))

    @property
    def administration(self) -> str:
        return self.server.emulator.administrations()[0].id

    def lies(self) -> None:
        """It says a euro more of one account than there is, once."""
        self.server.faults.inject(Fault("lie", change=_a_euro_more), asks_balances)


@contextmanager
def emulated(provider: str, **company: Any) -> Iterator[Emulated]:  # noqa: ANN401 - of the first company
    clock = Clock()
    books = invented_books(Size(entries_per_month=2), clock)
    books.companies[1] = replace(books.companies[1], **company)
    emulator = emulators.kinds()[provider].build(books, OPTIONS.get(provider, {}))
    with serve(emulator, clock) as server:
        yield Emulated(provider, books, server)


def connect(software: Emulated, monitr: Callable[..., Any]) -> str:
    """Connect an organisation of its own and choose the first company; its entity's key."""
    organisation = f"Tied {uuid4()}"
    made = monitr("org", "add", organisation)
    assert made.code == 0, made.err
    given = [part for pair in software.settings.items() for part in ("--set", "=".join(pair))]
    added = monitr("connection", "add", "--org", organisation, "--provider", software.provider, *given)
    assert added.code == 0, added.err
    chosen = monitr("administrations", added.out.strip(), "--import", software.administration, "--json")
    assert chosen.code == 0, chosen.err
    return next(row["entity"] for row in chosen.json if row["id"] == software.administration)


def asks_balances(request: Request) -> bool:
    by_account = (
        b"group" in request.body and b'"account_id"' in request.body and b"balance:sum" in request.body
    )
    return by_account or request.path.endswith("/financial/ReportingBalance")


def _a_euro_more(answer: Answer) -> Answer:
    document = json.loads(answer.body)
    row = next(row for row in _rows(document) if row.get("BalanceType", "B") == "B")
    name = next(name for name in ("Amount", "balance:sum", "balance") if name in row)
    row[name] += 1
    return replace(answer, body=json.dumps(document).encode())


def _rows(document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - whatever stands in it
    if isinstance(document, dict):
        if {"Amount", "balance:sum", "balance"} & document.keys():
            yield document
        document = list(document.values())
    if isinstance(document, list):
        for each in document:
            yield from _rows(each)
