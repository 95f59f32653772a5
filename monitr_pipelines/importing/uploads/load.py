"""Loading the uploads of an entity: those that wait, or after a reset all of them anew."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import BinaryIO, cast

import psycopg

from monitr_pipelines.files import Mode, open_ledger_file
from monitr_pipelines.importing.delivery import SourceDelivery
from monitr_pipelines.importing.progress import CountLines
from monitr_pipelines.importing.reading import read_settings
from monitr_pipelines.importing.uploads.source import RepeatedFile, UploadedFile
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.lifecycle.errors import (
    FileUnread,
    ImportProblem,
    InconsistentData,
    LeaseLost,
    NoLedgerFile,
)
from monitr_pipelines.lifecycle.imports import ImportMode, UploadState
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.books.loader import LoadResult, load_transactions
from monitr_pipelines.warehouse.queue import uploads
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.queue.fence import Committed, fence, owned_transaction
from monitr_pipelines.warehouse.queue.uploads import Upload
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server.database import Connection

# A large workbook is unpacked for minutes between two statements; a lost worker's session is ended by
# the next import as soon as its lease runs out, however long this is.
OPENING = "10min"


def load_uploads(connection: Connection, claimed: Claim, entity: Entity, count: CountLines) -> LoadResult:
    """Load the uploads of a file entity: those that wait, one transaction each, in their order.

    A full import first replays what was applied before, as one transaction, its first file standing for
    the whole ledger; where nothing was, the first that waits does. A file that is refused stays stored
    as refused and is not tried again. Where no file waits nothing is fetched, and the figures are as old
    as they were; NoLedgerFile where there is none, or the last one was refused.
    """
    waiting = uploads.listed(connection, entity.id, UploadState.WAITING)
    replayed: list[Upload] = []
    if claimed.mode == ImportMode.FULL:
        replayed = uploads.listed(connection, entity.id, UploadState.APPLIED) or waiting[:1]
        waiting = [upload for upload in waiting if upload not in replayed]
    if not replayed and not waiting:
        return _nothing(connection, claimed)
    total = LoadResult()
    if replayed:
        total.add(_load(connection, claimed, entity, replayed, count))
    for upload in waiting:
        total.add(_load(connection, replace(claimed, mode=ImportMode.INCREMENTAL), entity, [upload], count))
    return total


def _nothing(connection: Connection, claimed: Claim) -> LoadResult:
    if not uploads.has_any(connection, claimed.entity_id):
        raise NoLedgerFile(Message("no_ledger_file"))
    result = LoadResult()
    with owned_transaction(connection, claimed):
        fence(connection, claimed, Committed(result.counts, result.debit, result.credit))
    return result


def _load(
    connection: Connection, claimed: Claim, entity: Entity, wanted: list[Upload], count: CountLines
) -> LoadResult:
    reading: list[tuple[Upload, UploadedFile | RepeatedFile | None]] = []
    settled = uploads.last_settled(connection, entity.id, wanted)

    def deliveries() -> Generator[SourceDelivery]:
        connection.execute("select set_config('idle_in_transaction_session_timeout', %s, true)", [OPENING])
        for upload in wanted:
            reading.append((upload, None))
            whole = claimed.mode == ImportMode.FULL and upload is wanted[0]
            with _opened(connection, entity, upload, settled, whole=whole) as source:
                reading[-1] = (upload, source)
                yield SourceDelivery(source, None, count)
            uploads.settle(connection, upload, UploadState.APPLIED, claimed.import_id, source.interpretation)

    try:
        with closing(deliveries()) as delivered:
            return load_transactions(
                connection,
                claimed,
                delivered,
                _allowances(claimed, entity, wanted),
            )
    except (LeaseLost, psycopg.Error, OSError, MemoryError):
        raise  # not for the file to answer: it goes on waiting
    except Exception as problem:
        if not reading:
            raise
        # One that we fail to read is put aside too: it must not stop those that come after it.
        upload, source = reading[-1]
        uploads.settle(connection, upload, UploadState.REFUSED, claimed.import_id)
        if source and isinstance(problem, InconsistentData):
            raise source.explain(problem) from None
        if isinstance(problem, ImportProblem):
            raise
        raise FileUnread.caused_by(problem, Message("file_unread", {"file": upload.file_name})) from problem


def _allowances(claimed: Claim, entity: Entity, wanted: list[Upload]) -> Allowances:
    """Real ledger files number bookings loosely, so only the whole must balance.

    What was allowed for one file is not allowed for the next: several may wait for one import.
    """
    replay = wanted[0].state == UploadState.APPLIED
    told = claimed.options if replay else {**claimed.options, **wanted[0].settings}
    return Allowances(
        calendar=entity.calendar,
        allow_shrink=bool(told.get("allow_shrink")),
        allow_unbalanced=bool(told.get("allow_unbalanced")),
        bookings_balance=False,
        largest_loss=entity.largest_loss,
    )


@contextmanager
def _opened(
    connection: Connection, entity: Entity, upload: Upload, settled: int, *, whole: bool
) -> Iterator[UploadedFile | RepeatedFile]:
    earlier = uploads.earlier_copy(connection, entity.id, upload)
    if upload.mode == Mode.APPEND and earlier is not None and not whole:
        yield RepeatedFile(upload, earlier, settled)
        return
    with uploads.read(connection, upload) as stream:
        settings = read_settings(
            entity.calendar, upload.settings, mode=upload.mode, content_hash=upload.content_hash
        )
        file = open_ledger_file(cast("BinaryIO", stream), settings)
        yield UploadedFile(entity, upload, file, settled, whole)
