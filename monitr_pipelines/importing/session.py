"""An import while it runs: claimed, fetched, published, ended. Assets call its steps in their order."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import psycopg
from psycopg.pq import TransactionStatus

from monitr_pipelines import logs, settings
from monitr_pipelines.importing import memory
from monitr_pipelines.importing.provider_books import fetched, plan
from monitr_pipelines.importing.uploads.load import UploadLoad
from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    InconsistentData,
    MemoryLimit,
    OurFault,
    ReconnectNeeded,
)
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.books.loader import LoadResult, load_transactions
from monitr_pipelines.warehouse.queue import claims, heartbeat, outcome
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.queue.heartbeat import Heartbeat
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.registry.entities import BY_FILES, Entity
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

LOADING = "loading"
PUBLISHING = "publishing"

log = logging.getLogger(__name__)


@dataclass
class ImportSession:
    """The import that this process owns. `problem` is what ended it, None while all is well.

    `refused`: what files were set aside for, which is recorded with them.
    """

    connection: Connection
    claimed: Claim
    heartbeat: Heartbeat
    problem: ImportProblem | None = None
    result: LoadResult | None = None
    refused: Sequence[ImportProblem] = ()

    def fetch(self) -> LoadResult:
        """Load what changed since the last success: from the accounting software, or from uploads."""
        entity = entities.find(self.connection, self.claimed.entity_key, removed=True)
        by_files = entity.provider == BY_FILES
        with memory.limited(settings.import_memory()):
            self.result = self._fetch_from_files(entity) if by_files else self._fetch_from_provider(entity)
        return self.result

    def _fetch_from_files(self, entity: Entity) -> LoadResult:
        """What was set aside fails the import, but not the figures of the files that went on."""
        load = UploadLoad(
            self.connection,
            self.claimed,
            entity,
            self.heartbeat.count,
            partial(self.heartbeat.enter, LOADING),
        )
        self.refused = load.refused
        try:
            load.run()
        finally:
            if self.refused:
                self.failed(self.refused[0])
        if self.refused:
            if load.applied:
                self.publish()
            raise self.refused[0]
        return load.result

    def _fetch_from_provider(self, entity: Entity) -> LoadResult:
        """While the software answers, the heartbeat alone is connected; then everything is loaded at once."""
        planned = plan(self.connection, self.claimed, entity)
        self.connection.close()
        with fetched(planned, self.heartbeat.count) as books:
            self._connect()
            heartbeat.renew(self.connection, self.claimed, step=LOADING)
            allowances = books.plan.allowances
            if books.fiscal_year_start is not None:
                entity = entities.set_fiscal_year(self.connection, entity, books.fiscal_year_start)
                allowances = replace(allowances, calendar=entity.calendar)
            return load_transactions(
                self.connection, books.plan.claimed, [books], allowances, told=books.told
            )

    def publish(self) -> marts.Published:
        """Regenerate the reports with the mappings of now."""
        heartbeat.renew(self.connection, self.claimed, step=PUBLISHING)
        entity = entities.find(self.connection, self.claimed.entity_key, removed=True)
        return marts.regenerate(self.connection, self.claimed, entity.calendar)

    def failed(self, error: BaseException) -> ImportProblem:
        """Remember what ended the import; anything unforeseen is our fault, told without secrets."""
        self.problem = self.problem or as_problem(error)
        return self.problem

    def end(self, *, canceled: bool = False) -> bool:
        """Stop the heartbeat and write the outcome; False where others had ended the import.

        `canceled`: the problem that ended it was a person's wish.
        """
        try:
            written = self._end(canceled=canceled)
            told = self.problem.code if self.problem else "succeeded"
            log.info("%s: %s", self.claimed.entity_key, told if written else "ended by others before")
        finally:
            logs.import_id.set(None)
        return written

    def _end(self, *, canceled: bool) -> bool:
        self.heartbeat.__exit__(None, None, None)
        self._leave_statement()
        with self.connection.transaction():
            written = outcome.finish(self.connection, self.claimed, self.problem, canceled=canceled)
            if written:
                self._draw_conclusions()
        self.connection.close()
        return written

    def _draw_conclusions(self) -> None:
        """What the problem means beyond this import: the gate holds later ones back until someone acts."""
        match self.problem:
            case InconsistentData(findings=findings) if self.problem not in self.refused:
                outcome.save_findings(self.connection, self.claimed, list(findings))
            case EntityGone():
                entities.mark_not_found(self.connection, self.claimed.entity_id)
            case ReconnectNeeded():
                entities.mark_reconnect_needed(
                    self.connection, self.claimed.entity_id, import_id=self.claimed.import_id
                )
            case _:
                pass

    def _leave_statement(self) -> None:
        """A stop that struck within a statement leaves a connection that takes no other: end both."""
        if self.connection.info.transaction_status is TransactionStatus.IDLE:
            return
        with suppress(psycopg.Error):
            self.connection.cancel_safe(timeout=database.CONNECT_SECONDS)
        self.connection.close()
        self._connect()

    def _connect(self) -> None:
        self.connection = database.connect(autocommit=True)
        claims.name_session(self.connection, self.claimed.run_id)


def begin(
    entity_key: str, *, run_id: str, import_id: int | None, trigger: Trigger, once: bool = False
) -> ImportSession:
    """Claim an import for a run and start its heartbeat; raises the gate's refusal.

    With `once`, a request that was settled before is Refused.
    """
    connection = database.connect(autocommit=True)
    try:
        claimed = claims.claim(
            connection, entity_key, run_id=run_id, import_id=import_id, trigger=trigger, once=once
        )
    except BaseException:
        connection.close()
        raise
    logs.import_id.set(claimed.import_id)
    log.info("%s: claimed by run %s", entity_key, run_id)
    return ImportSession(connection, claimed, Heartbeat(claimed).__enter__())


def as_problem(error: BaseException) -> ImportProblem:
    """Any error as a problem with a code and texts."""
    if isinstance(error, ImportProblem):
        return error
    if isinstance(error, MemoryError):
        return MemoryLimit(Message("memory_limit"), detail=str(error))
    return OurFault.caused_by(error, Message("our_fault"))
