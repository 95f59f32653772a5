"""The real application behind a real port, and programs that send it signed requests."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import uvicorn
from fastapi import FastAPI
from process_kit import LONGEST_WAIT

from monitr_pipelines.warehouse.queue.claims import Claim, claim
from monitr_pipelines.warehouse.registry import hook_keys
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.app import create_app
from monitr_pipelines.web.hook import signatures


class Clock:
    """The time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class Web:
    """A running application."""

    url: str
    app: FastAPI
    clock: Clock


@contextmanager
def serving() -> Iterator[Web]:
    """The application on a free loopback port until the block ends."""
    clock = Clock()
    app = create_app(clock=clock)
    with listening(app) as url:
        yield Web(url, app, clock)


@contextmanager
def listening(app: Any) -> Iterator[str]:  # noqa: ANN401 - any ASGI application
    """The address of an application of one's own, until the block ends."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        started = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(_serve(server, bound, started)))
        thread.start()
        assert started.wait(LONGEST_WAIT)
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(LONGEST_WAIT)
            tenancy.close_pool()


async def _serve(server: uvicorn.Server, listening: socket.socket, started: threading.Event) -> None:
    listening.listen(1024)
    started.set()
    await server.serve(sockets=[listening])


@dataclass(frozen=True)
class Sender:
    """A program of one organisation, with a key and some entities."""

    organisation_id: int
    key_id: int
    key: str
    entities: tuple[str, ...]
    clock: Clock
    client: httpx2.Client = field(repr=False)

    def headers(self, body: bytes, message_id: str | None = None, **changed: str) -> dict[str, str]:
        made = signatures.sign(self.key, message_id or new_id(), body, self.clock())
        return (
            made | {"content-type": "application/json"} | {k.replace("_", "-"): v for k, v in changed.items()}
        )

    def post(self, body: bytes, headers: dict[str, str]) -> httpx2.Response:
        return self.client.post("/hooks/imports", content=body, headers=headers)

    def ask(self, entity: str | None = None, message_id: str | None = None, **values: str) -> httpx2.Response:
        body = json.dumps({"entity": entity or self.entities[0], **values}).encode()
        return self.post(body, self.headers(body, message_id))


def new_id() -> str:
    return f"msg_{uuid4()}"


def code_of(answer: httpx2.Response) -> str:
    """The code of a refusal, whose shape is checked."""
    told = answer.json()
    assert set(told) == {"error"}
    assert set(told["error"]) == {"code", "message"}
    assert told["error"]["message"]
    return str(told["error"]["code"])


def organisation_of(connection: Connection, entity: str) -> int:
    row = connection.execute("select organisation_id from app.entity where key = %s", [entity]).fetchone()
    assert row
    return int(row["organisation_id"])


def make_sender(
    connection: Connection,
    make_entity: Callable[..., str],
    web: Web,
    client: httpx2.Client,
    entities: int = 1,
) -> Sender:
    first = make_entity(provider="tryton")
    organisation_id = organisation_of(connection, first)
    others = [make_entity(provider="tryton", organisation=organisation_id) for _ in range(entities - 1)]
    made = hook_keys.create(connection, str(organisation_id))
    return Sender(organisation_id, made.id, made.key, (first, *others), web.clock, client)


def run_of(connection: Connection, entity: str, import_id: int | None = None) -> Claim:
    """Start an import of an entity, as a run would."""
    run_id = f"hook-run-{uuid4()}"
    return claim(connection, entity, run_id=run_id, import_id=import_id, trigger="cli")


def imports_of(connection: Connection, entity: str) -> list[dict[str, Any]]:
    return connection.execute(
        """
        select imports.* from app.import as imports
        inner join app.entity as entities on imports.entity_id = entities.id
        where entities.key = %s order by imports.id
        """,
        [entity],
    ).fetchall()
