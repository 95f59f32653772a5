"""The uploads of an entity as deliveries for the loader."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import BinaryIO, cast

import psycopg

from monitr_pipelines.files import LedgerFile, Mode, open_ledger_file
from monitr_pipelines.importing.progress import CountLines, counted
from monitr_pipelines.importing.reading import lines_of, read_settings
from monitr_pipelines.ledger.changes import Change, FiscalYearsOfItsLines, Replace, Scope, WholeLedger
from monitr_pipelines.ledger.findings import Finding, Severity
from monitr_pipelines.ledger.guard import LARGEST_LOSS, Allowances
from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.lifecycle.errors import FileUnread, ImportProblem, InconsistentData, LeaseLost
from monitr_pipelines.lifecycle.imports import ImportMode, UploadState
from monitr_pipelines.lifecycle.messages import Answer, Message, Option, Setting
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


@dataclass
class UploadedFile:
    """One upload as a delivery. `whole` makes it stand for the whole ledger: the first of a replay."""

    entity: Entity
    upload: Upload
    file: LedgerFile
    count: CountLines
    whole: bool = False
    scopes: list[Scope] = field(default_factory=list)

    @property
    def keys_by_content(self) -> bool:
        """Whether rows are known by their content."""
        return self.file.keys_by_content

    @property
    def appended(self) -> bool:
        """Whether the file was added to what was there."""
        return self.upload.mode == Mode.APPEND

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The accounts in the file."""
        return self.file.accounts

    @property
    def axes(self) -> AbstractSet[AxisValue]:
        """The axis values in the file."""
        return self.file.axes

    @property
    def findings(self) -> Sequence[Finding]:
        """What was odd about the file."""
        return self.file.findings

    @property
    def interpretation(self) -> Mapping[str, str]:
        """How the file was read."""
        return self.file.interpretation

    def changes(self) -> Iterator[Change]:
        """The changes of the file; widened to the whole ledger where it begins a replay."""
        return counted(self._changes(), self.count)

    def _changes(self) -> Iterator[Change]:
        if not self.whole:
            for change in self.file.changes():
                if isinstance(change, Replace):
                    self.scopes.append(change.scope)
                yield change
        else:
            yield Replace(WholeLedger(), lines_of(self.file.changes()))

    def explain(self, problem: InconsistentData) -> InconsistentData:
        """Say more of a file that would empty months which it does not touch, where that is so."""
        for scope in self.scopes:
            if problem.code == "shrunken" and isinstance(scope, FiscalYearsOfItsLines):
                return _explain_years(self.entity.calendar, scope, problem)
        return problem


@dataclass
class RepeatedFile:
    """A file that was added before and comes again: nothing to add."""

    upload: Upload
    earlier: int
    keys_by_content: bool = False
    appended: bool = False
    accounts: Mapping[str, Account] = field(default_factory=dict)
    axes: AbstractSet[AxisValue] = frozenset()
    interpretation: Mapping[str, str] = field(default_factory=dict)

    @property
    def findings(self) -> Sequence[Finding]:
        """Which upload it repeats."""
        text = f"{self.upload.file_name} is the same file as upload {self.earlier}; nothing was added"
        return [Finding("same_file", text, Severity.WARNING)]

    def changes(self) -> Iterator[Change]:
        """None."""
        return iter(())

    def explain(self, problem: InconsistentData) -> InconsistentData:
        """Nothing to add to a problem."""
        return problem


def load_uploads(connection: Connection, claimed: Claim, entity: Entity, count: CountLines) -> LoadResult:
    """Load the uploads of a file entity: those that wait, one transaction each, in their order.

    A full import first replays what was applied before, as one transaction, its first file standing for
    the whole ledger; where nothing was, the first that waits does. A file that is refused stays stored
    as refused and is not tried again. Where no file waits nothing is fetched, and the figures are as old
    as they were.
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
    result = LoadResult()
    with owned_transaction(connection, claimed):
        fence(connection, claimed, Committed(result.counts, result.debit, result.credit))
    return result


def _load(
    connection: Connection, claimed: Claim, entity: Entity, wanted: list[Upload], count: CountLines
) -> LoadResult:
    reading: list[tuple[Upload, UploadedFile | RepeatedFile | None]] = []

    def deliveries() -> Generator[UploadedFile | RepeatedFile]:
        connection.execute("select set_config('idle_in_transaction_session_timeout', %s, true)", [OPENING])
        for upload in wanted:
            reading.append((upload, None))
            whole = claimed.mode == ImportMode.FULL and upload is wanted[0]
            with _opened(connection, entity, upload, count, whole=whole) as delivery:
                reading[-1] = (upload, delivery)
                yield delivery
            uploads.settle(
                connection, upload, UploadState.APPLIED, claimed.import_id, delivery.interpretation
            )

    try:
        with closing(deliveries()) as delivered:
            return load_transactions(
                connection,
                claimed,
                delivered,
                {"upload": uploads.last_settled(connection, entity.id, wanted)},
                _allowances(claimed, entity, wanted),
            )
    except (LeaseLost, psycopg.Error, OSError, MemoryError):
        raise  # not for the file to answer: it goes on waiting
    except Exception as problem:
        if not reading:
            raise
        # One that we fail to read is put aside too: it must not stop those that come after it.
        upload, delivery = reading[-1]
        uploads.settle(connection, upload, UploadState.REFUSED, claimed.import_id)
        if delivery and isinstance(problem, InconsistentData):
            raise delivery.explain(problem) from None
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
        largest_loss=Decimal(entity.settings.get("largest_loss", LARGEST_LOSS)),
    )


@contextmanager
def _opened(
    connection: Connection, entity: Entity, upload: Upload, count: CountLines, *, whole: bool
) -> Iterator[UploadedFile | RepeatedFile]:
    earlier = uploads.earlier_copy(connection, entity.id, upload)
    if upload.mode == Mode.APPEND and earlier is not None and not whole:
        yield RepeatedFile(upload, earlier)
        return
    with uploads.read(connection, upload) as stream:
        settings = read_settings(
            entity.calendar, upload.settings, mode=upload.mode, content_hash=upload.content_hash
        )
        file = open_ledger_file(cast("BinaryIO", stream), settings)
        yield UploadedFile(entity, upload, file, count, whole)


def _explain_years(
    calendar: FiscalCalendar, scope: FiscalYearsOfItsLines, problem: InconsistentData
) -> InconsistentData:
    first, last = min(scope.months), max(scope.months)
    years = sorted({calendar.year_of(month) for month in scope.months})
    if all(Month.of(start) >= first for start, _ in scope.ranges()) and years[-1].last <= last:
        return problem
    message = Message(
        "years_would_shrink",
        {"first": str(first), "last": str(last), "years": ", ".join(map(str, years))},
        answers=(
            Answer(Setting.FISCAL_YEAR_START, (first.month,)),
            Answer(Setting.FISCAL_YEARS, (f"{first}..{last}",)),
            Answer(Option.ALLOW_SHRINK),
        ),
    )
    return InconsistentData(message, code=problem.code, findings=problem.findings)
