"""Imports of a software into the real database, by the session that a run of Dagster has."""

import itertools
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from conformance_kit import Case, Software

from monitr_pipelines.importing import connecting
from monitr_pipelines.importing.ports import NoLimits
from monitr_pipelines.importing.session import begin
from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.registry import entities, organisations
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import RAW, id_of, snapshot

_numbers = itertools.count(1)
Tables = dict[str, list[str]]


@dataclass(frozen=True)
class Connected:
    """A connection of an organisation to a software."""

    connection: Connection
    case: Case
    software: Software
    organisation: str
    id: int

    def new_entity(self) -> str:
        """An entity that was never imported, of the administration; returns its key."""
        given = {"name": "Conformance", "administration": self.software.administration, "country": "BE"}
        return entities.add_entity(
            self.connection, self.organisation, self.case.name, given, connection_id=self.id
        )

    def run(self, entity: str, *, publish: bool = False) -> ImportProblem | None:
        """An import that may leave less than half of a month; returns what ended it."""
        options = {"allow_shrink": True}
        asked = requests.request(
            self.connection, entity, trigger="cli", requested_by="suite", options=options
        )
        run_id = f"conformance-{os.getpid()}-{next(_numbers)}"
        session = begin(entity, run_id=run_id, import_id=asked, trigger="cli")
        try:
            session.fetch()
            if publish:
                session.publish()
        except Exception as error:  # noqa: BLE001 - as a step of the run does
            session.failed(error)
        finally:
            session.end()
        return session.problem

    def must_run(self, entity: str, *, publish: bool = False) -> None:
        problem = self.run(entity, publish=publish)
        assert problem is None, (problem, problem.detail)

    def fresh(self, *, publish: bool = False) -> str:
        """Another entity of the same books, imported in full."""
        entity = self.new_entity()
        self.must_run(entity, publish=publish)
        return entity

    def tables(self, entity: str, tables: tuple[str, ...] = RAW) -> Tables:
        return snapshot(self.connection, entity, tables)

    def cursor(self, entity: str) -> Cursor | None:
        row = self.connection.execute(
            "select cursor from app.cursor where entity_id = %s", [id_of(self.connection, entity)]
        ).fetchone()
        return row["cursor"] if row else None

    def set_cursor(self, entity: str, cursor: Cursor) -> None:
        self.connection.execute(
            "update app.cursor set cursor = %s where entity_id = %s",
            [json.dumps(cursor), id_of(self.connection, entity)],
        )

    def mend(self, entity: str) -> None:
        """Someone connects again, and the administration is found again."""
        connecting.reconnect(self.connection, self.id, self.software.settings, "suite")
        entities.mark_found(self.connection, id_of(self.connection, entity))


@contextmanager
def connected_to(connection: Connection, case: Case, software: Software) -> Iterator[Connected]:
    """A new organisation with a connection, whose calls nobody limits until the block ends."""
    organisation = f"Conformance {os.getpid()}-{next(_numbers)}"
    organisations.add(connection, organisation, "active")
    application = case.conformance.application
    registered = {case.name: {"id": application.id, "secret": application.secret}} if application else {}
    settings = {
        "MONITR_OAUTH_APPLICATIONS": json.dumps(registered),
        "MONITR_PREVIEW_CONNECTORS": case.name if case.provider.preview else "",
    }
    with (
        patch.dict(os.environ, settings),
        patch("monitr_pipelines.importing.ports.StoredRateLimits", lambda _: NoLimits()),
    ):
        made = connecting.connect(connection, organisation, case.name, software.settings, "suite")
        try:
            yield Connected(connection, case, software, organisation, made)
        finally:
            # Others look for connections that rest: of this one nobody answers any more.
            connecting.remove(connection, made, "suite")


def differing(books: Tables, others: Tables) -> dict[str, tuple[list[str], list[str]]]:
    """Rows of one side alone, by table; few of them, so that they can be read."""
    return {
        table: (
            sorted(set(books[table]) - set(others[table]))[:3],
            sorted(set(others[table]) - set(books[table]))[:3],
        )
        for table in books
        if books[table] != others[table]
    }
