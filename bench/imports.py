"""Imports as a run makes them, without Dagster: claimed, loaded, published, finished."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

from bench.pages import PageDelivery
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.warehouse.books import loader
from monitr_pipelines.warehouse.queue import claims, outcome
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.queue.heartbeat import Heartbeat
from monitr_pipelines.warehouse.registry import entities, organisations
from monitr_pipelines.warehouse.server.database import Connection

CALENDAR = FiscalCalendar()
_numbers = itertools.count(1)


def make_entity(connection: Connection, name: str) -> str:
    """An entity in an organisation of its own; returns its key."""
    organisations.add(connection, name, "active")
    values = {"name": name, "country": "BE", "fiscal_year_start": 1}
    return entities.add_entity(connection, name, "bench", values)


@contextmanager
def claimed_import(connection: Connection, entity_key: str) -> Iterator[Claim]:
    """An import with its heartbeat; succeeded at the end of the block."""
    run_id = f"bench-{os.getpid()}-{next(_numbers)}"
    claim = claims.claim(connection, entity_key, run_id=run_id, import_id=None, trigger=Trigger.CLI)
    with Heartbeat(claim):
        yield claim
    outcome.finish(connection, claim, None)


def load(connection: Connection, claim: Claim, delivery: PageDelivery) -> loader.LoadResult:
    """The fetch of an import: pages to committed lines."""
    allowed = Allowances(calendar=CALENDAR)
    return loader.load_transactions(connection, claim, [delivery], allowed)
