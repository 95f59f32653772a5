"""Loading the files of an entity: those that wait, or after a reset all of them anew.

A file that cannot be imported is set aside with its reason, and those behind it go on. Only what can pass
by itself leaves it waiting, once.
"""

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import BinaryIO, cast

import psycopg

from monitr_pipelines.files import open_ledger_file
from monitr_pipelines.importing.delivery import SourceDelivery
from monitr_pipelines.importing.progress import CountLines
from monitr_pipelines.importing.reading import read_settings
from monitr_pipelines.importing.trouble import name_of, passes
from monitr_pipelines.importing.uploads.reasons import (
    about_file,
    about_reset,
    keeps_failing,
    reason_of,
    reset_failed,
)
from monitr_pipelines.importing.uploads.source import UploadedFile, stored_accounts
from monitr_pipelines.ledger import brussels
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.lifecycle.errors import ImportProblem, InconsistentData, NoLedgerFile
from monitr_pipelines.lifecycle.imports import ImportMode, UploadState
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.lifecycle.sorting import comes_again
from monitr_pipelines.warehouse.books.loader import LoadResult, load_transactions
from monitr_pipelines.warehouse.queue import outcome, upload_content, uploads
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.queue.fence import Committed, fence, owned_transaction
from monitr_pipelines.warehouse.queue.uploads import Upload
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

# A large file may be read through for minutes between two statements; a lost worker's session is ended by
# the next import as soon as its lease runs out, however long this is.
OPENING = "10min"
MOST_RESETS = 2

log = logging.getLogger(__name__)


class _Discarded(Exception):
    """The file was thrown away while others were read."""


@dataclass
class _Place:
    """Where a load is: the file that is read, None behind the last one, and its source once it is open."""

    upload: Upload | None = None
    source: UploadedFile | None = None


@dataclass
class UploadLoad:
    """The files of one import on their way into the books.

    `refused`: why files were set aside, in their order, and whatever kept a reset from being done.
    `applied`: how many files went into the books. `at_end` hears that a file is read, and will be stored.
    """

    connection: Connection
    claimed: Claim
    entity: Entity
    count: CountLines
    at_end: Callable[[], None]
    result: LoadResult = field(default_factory=LoadResult)
    refused: list[ImportProblem] = field(default_factory=list)
    applied: int = 0
    _several: bool = False

    def run(self) -> None:
        """Load the files that wait, one transaction each, in the order in which they came in.

        A full import first replays what was applied before, as one transaction and in the order of
        application, its first file standing for the whole ledger; where nothing was, the first that goes
        in does. Where no file waits nothing is fetched, and the figures are as old as they were;
        NoLedgerFile where there is none, or the last one was refused.

        Raises what passes by itself; the file that it struck goes on waiting.
        """
        full = self.claimed.mode == ImportMode.FULL
        replayed = uploads.listed(self.connection, self.entity.id, UploadState.APPLIED) if full else []
        waiting = uploads.listed(self.connection, self.entity.id, UploadState.WAITING)
        self._several = len(replayed) + len(waiting) > 1
        if replayed:
            self._replay(replayed)
        elif not waiting:
            self._nothing()
        for upload in waiting:
            self._load(upload, whole=full and not replayed and not self.applied)

    def _nothing(self) -> None:
        if not uploads.has_any(self.connection, self.entity.id):
            raise NoLedgerFile(Message("no_ledger_file"))
        with owned_transaction(self.connection, self.claimed):
            fence(
                self.connection,
                self.claimed,
                Committed(self.result.counts, self.result.debit, self.result.credit),
            )

    def _replay(self, files: Sequence[Upload]) -> None:
        place = _Place()
        if uploads.failed_resets(self.connection, self.entity.id) >= MOST_RESETS:
            problem: ImportProblem = reset_failed()
        else:
            try:
                self._commit(files, self.claimed, place)
            except Exception as error:
                if passes(error):
                    raise
                problem = reason_of(error, place.upload or files[-1], place.source)
                about_reset(problem, place.upload)
            else:
                return
        answers = any(message.answers for message in problem.messages)
        uploads.end_reset(self.connection, self.entity.id, asked_anew=answers)
        if isinstance(problem, InconsistentData):
            outcome.save_findings(self.connection, self.claimed, problem.findings)
        self.refused.append(problem)

    def _load(self, upload: Upload, *, whole: bool) -> None:
        troubles = uploads.begin(self.connection, self.claimed, upload)
        if troubles is None:
            return
        again = comes_again(troubles)
        if again is not None:
            self._set_aside(upload, keeps_failing(upload, again))
            return
        claimed = replace(self.claimed, mode=ImportMode.FULL if whole else ImportMode.INCREMENTAL)
        problem = self._attempt(upload, claimed, troubles)
        # What its reading took of the memory is free again by now.
        if problem is not None:
            self._set_aside(upload, problem)

    def _attempt(self, upload: Upload, claimed: Claim, troubles: Sequence[str]) -> ImportProblem | None:
        """Load one file, and tell why it cannot be."""
        place = _Place()
        try:
            self._commit([upload], claimed, place)
        except _Discarded:
            return None
        except Exception as error:
            if passes(error):
                self._note(upload, [*troubles, name_of(error)])
                raise
            problem = reason_of(error, upload, place.source)
            if self.connection.closed:
                self._set_aside(upload, problem)
                raise  # nothing else can be read by this import
            return problem
        return None

    def _commit(self, files: Sequence[Upload], claimed: Claim, place: _Place) -> None:
        """Load files as one transaction; of a full import the first stands for the whole ledger."""

        def deliveries() -> Generator[SourceDelivery]:
            self.connection.execute(
                "select set_config('idle_in_transaction_session_timeout', %s, true)", [OPENING]
            )
            for upload in files:
                place.upload, place.source = upload, None
                waits = upload.state == UploadState.WAITING
                if waits and not uploads.lock(self.connection, upload):
                    raise _Discarded
                whole = claimed.mode == ImportMode.FULL and upload is files[0]
                with _opened(self.connection, self.entity, upload, whole=whole) as source:
                    place.source = source
                    yield SourceDelivery(source, None, self.count, self.at_end)
                if waits:
                    uploads.apply(self.connection, claimed, upload, source.interpretation)
            place.upload = None

        allowances = _allowances(claimed, self.entity, files)
        with closing(deliveries()) as delivered:
            self.result.add(load_transactions(self.connection, claimed, delivered, allowances))
        self.applied += len(files)

    def _note(self, upload: Upload, troubles: Sequence[str]) -> None:
        """What passes by itself is noted; what came before sets the file aside. The import ends all the same.

        Where the server does not answer nothing is noted: the run has then died as far as it knows.
        """
        again = comes_again(troubles)
        with suppress(psycopg.Error, ServerNotRunning):
            if again is not None:
                self._set_aside(upload, keeps_failing(upload, again))
                return
            with _answering(self.connection) as connection:
                uploads.note_trouble(connection, self.claimed, upload, troubles[-1])

    def _set_aside(self, upload: Upload, problem: ImportProblem) -> None:
        findings = problem.findings if isinstance(problem, InconsistentData) else ()
        with _answering(self.connection) as connection:
            uploads.refuse(connection, self.claimed, upload, problem, findings)
        log.warning(
            "%s: file %s is set aside: %s",
            self.entity.key,
            upload.id,
            problem.code,
            exc_info=problem.__cause__,
        )
        if self._several:
            about_file(problem, upload)
        self.refused.append(problem)


@contextmanager
def _answering(connection: Connection) -> Iterator[Connection]:
    """The connection, or another one where the server ended it."""
    if not connection.closed:
        yield connection
        return
    with database.connect(autocommit=True) as other:
        yield other


def _allowances(claimed: Claim, entity: Entity, files: Sequence[Upload]) -> Allowances:
    """Real ledger files number bookings loosely, so only the whole must balance.

    What was allowed for a file is allowed for no other: several may wait for one import. A replay may do
    what its import was asked to allow, and the dates and fiscal years of its files were accepted before.
    """
    replay = files[0].state == UploadState.APPLIED
    said = claimed.options if replay else files[0].settings
    every = [said, *(file.settings for file in files)]
    return Allowances(
        calendar=entity.calendar,
        allow_shrink=bool(said.get("allow_shrink")),
        allow_unbalanced=bool(said.get("allow_unbalanced")),
        bookings_balance=False,
        largest_loss=entity.largest_loss,
        today=brussels.today(),
        allow_dates=any(each.get("allow_dates") for each in every),
        keep_calendar=any(each.get("keep_calendar") for each in every),
    )


@contextmanager
def _opened(connection: Connection, entity: Entity, upload: Upload, *, whole: bool) -> Iterator[UploadedFile]:
    with upload_content.read(connection, upload.id) as stream:
        settings = read_settings(
            entity.calendar,
            upload.settings,
            mode=upload.mode,
            content_hash=upload.content_hash,
            read_before=upload.state == UploadState.APPLIED,
        )
        file = open_ledger_file(cast("BinaryIO", stream), settings)
        yield UploadedFile(entity, upload, file, whole, stored=stored_accounts(connection, entity.id))
