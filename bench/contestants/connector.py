"""Our connectors: `python -m bench.contestants.connector ACTION ENTITY`; the settings are the environment's.

`load`: the first import, until the ledger is committed; then marts and outcome, unmeasured. `again`: a whole
import of an entity. `fetch`: until the last page is spooled, the spool thrown away; `requests`: the same,
and prints what was asked, for a client that asks the same.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import requests

from bench.contestants.memory import peak_mb, resident_mb
from monitr_pipelines import providers
from monitr_pipelines.importing import session
from monitr_pipelines.importing.ports import ports_of
from monitr_pipelines.importing.session import ImportSession
from monitr_pipelines.importing.spool.fetching import fetch_into
from monitr_pipelines.importing.spool.spool import Spool
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.providers.odoo import datasets
from monitr_pipelines.providers.transport import Reply, Transport
from monitr_pipelines.warehouse.books.loader import TRANSACTIONS
from monitr_pipelines.warehouse.registry import connections, entities
from monitr_pipelines.warehouse.server import database

PAGE_ROWS = 1_000
# Long enough that no limit of the first import is felt by the second one.
AN_HOUR = timedelta(hours=1)
Figures = dict[str, Any]
_numbers = count(1)


def load(entity: str) -> Figures:
    """From the first request to the committed ledger."""
    running, idle = _begin(entity), resident_mb()
    started, busy = time.perf_counter(), time.process_time()
    try:
        result = running.fetch()
        seconds, cpu = time.perf_counter() - started, time.process_time() - busy
        most = peak_mb()
        running.publish()
    finally:
        running.end()
    figures = {"seconds": seconds, "cpu_seconds": cpu, "rows": result.counts["new"]}
    return figures | {"idle_mb": idle, "peak_mb": most}


def again(entity: str) -> Figures:
    """A whole import from its claim to its outcome, as a run makes it."""
    with database.connect(autocommit=True) as connection:
        connection.execute("delete from app.rate_usage")  # the first import was long ago
        _ = providers.find(entities.find(connection, entity).provider)
    started, busy = time.perf_counter(), time.process_time()
    running = _begin(entity)
    try:
        result = running.fetch()
        running.publish()
    finally:
        running.end()
    seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    return {"seconds": seconds, "cpu_seconds": cpu, "changed": _changed(result.counts)}


def fetch(entity: str) -> Figures:
    """From the first request until the last page is on disk."""
    with database.connect(autocommit=True) as connection:
        found = entities.find(connection, entity)
        connected = connections.of_entity(connection, found.id, TRANSACTIONS)
        connection.execute("delete from app.rate_usage")
    provider = providers.find(connected.provider)
    spool = Spool.of_increment(found.id, next(_numbers))
    try:
        with closing(
            provider.connect(connected.administration, ports_of(connected.id, provider.name))
        ) as source:
            started, busy = time.perf_counter(), time.process_time()
            fetch_into(spool, source.transactions(None), lambda _: None)
            return {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - busy}
    finally:
        spool.discard()


def asked(entity: str) -> Figures:
    """The requests of a fetch, in their order."""
    with _noted() as sent:
        fetch(entity)
    return {"requests": sent}


def _begin(entity: str) -> ImportSession:
    return session.begin(entity, run_id=f"bench-{time.time_ns()}", import_id=None, trigger=Trigger.CLI)


def _changed(counts: dict[str, int]) -> int:
    return counts["new"] + counts["changed"] + counts["deleted"]


@contextmanager
def _noted() -> Iterator[list[Any]]:
    """Every request that the block sends: method, target, headers, body."""
    sent: list[Any] = []
    send = Transport.send

    def noted(self: Transport, prepared: requests.PreparedRequest) -> Reply:
        parts = urlsplit(str(prepared.url))
        body = prepared.body.decode() if isinstance(prepared.body, bytes) else prepared.body
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        sent.append([prepared.method, target, dict(prepared.headers), body])
        return send(self, prepared)

    Transport.send = noted  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        Transport.send = send  # type: ignore[method-assign]


ACTIONS = {"load": load, "again": again, "fetch": fetch, "requests": asked}

if __name__ == "__main__":
    datasets.PAGE = PAGE_ROWS
    sys.stdout.write(json.dumps(ACTIONS[sys.argv[1]](sys.argv[2])) + "\n")
