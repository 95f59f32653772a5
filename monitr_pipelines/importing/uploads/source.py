"""An uploaded ledger file as a source, in the words of the contract of providers."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from monitr_pipelines.files import LedgerFile, Mode, WrittenFile
from monitr_pipelines.files.reading.printed.codes import (
    ask_lost_zeros,
    ask_types,
    by_code,
    code_findings,
    question_about_numbers,
    typed,
)
from monitr_pipelines.importing.reading import refuse_stated_year
from monitr_pipelines.ledger.changes import (
    Change,
    Cursor,
    FiscalYearsOfItsLines,
    Replace,
    Scope,
    WholeLedger,
    Written,
    lines_of,
)
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.imports import UploadState
from monitr_pipelines.lifecycle.messages import Answer, Message, Option, Setting
from monitr_pipelines.providers.contract import Administration, End, Item
from monitr_pipelines.warehouse.queue.uploads import Upload
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# A file of a month or a quarter is a part of a year, never a year of its own.
MOST_MONTHS_OF_A_PART = 3
MONTHS_OF_A_YEAR = 12


@dataclass
class UploadedFile:
    """One upload as a source. `whole` makes it stand for the whole ledger: the first of a replay.

    `stored`: the accounts of the entity before it is loaded, with which those of the file are compared.
    """

    entity: Entity
    upload: Upload
    file: LedgerFile
    whole: bool = False
    lists_are_whole: bool = False
    scopes: list[Scope] = field(default_factory=list)
    stored: Mapping[str, Account] = field(default_factory=dict)
    _about_codes: list[Finding] = field(default_factory=list)

    @property
    def keys_by_content(self) -> bool:
        """Whether rows are known by their content."""
        return self.file.keys_by_content

    @property
    def appended(self) -> bool:
        """Whether the file was added to what was there."""
        return self.upload.mode == Mode.APPEND

    @property
    def findings(self) -> Sequence[Finding]:
        """What was odd about the file."""
        return [*self.file.findings, *self._about_codes]

    @property
    def interpretation(self) -> Mapping[str, str]:
        """How the file was read."""
        return self.file.interpretation

    def check(self) -> None:
        """A file needs no credentials."""

    def administrations(self) -> Sequence[Administration]:
        """A file is of the entity that it was uploaded to."""
        return ()

    def accounts(self) -> Iterable[Account]:
        """The accounts in the file."""
        return self._typed().values()

    def axes(self) -> Iterable[AxisValue]:
        """The axis values in the file."""
        return self.file.axes

    def transactions(self, cursor: Cursor | None) -> Iterator[Item | Written]:  # noqa: ARG002 - read whole
        """The changes of the file; widened to the whole ledger where it begins a replay."""
        if self.whole:
            yield self._as_whole()
        else:
            for change in self._changes():
                if isinstance(change, Replace | Written) and change.scope is not None:
                    self.scopes.append(change.scope)
                yield change
        self._compare_fiscal_year()
        accounts = self._typed()
        if self.upload.state == UploadState.WAITING:
            if not self.upload.settings.get(Option.CODE_DIGITS):
                ask_lost_zeros(accounts, self.stored)
            ask_types(accounts, self.stored)
        self._about_codes = list(code_findings(accounts, self.stored))
        yield End({"upload": self.upload.id})

    def _typed(self) -> Mapping[str, Account]:
        """The accounts, of the statement that was said of those that nothing types."""
        return typed(self.file.accounts, self.stored, self.upload.settings.get(Option.ACCOUNT_TYPE))

    def _compare_fiscal_year(self) -> None:
        """Ask where the file says another fiscal year than the entity has; nothing is stored until then."""
        if not self.upload.settings.get("keep_calendar"):
            refuse_stated_year(self.file, self.entity.calendar)

    def _changes(self) -> Iterator[Change | Written]:
        return self.file.written() if isinstance(self.file, WrittenFile) else self.file.changes()

    def _as_whole(self) -> Change | Written:
        if isinstance(self.file, WrittenFile):
            parts = (change.blocks for change in self.file.written())
            return Written(WholeLedger(), chain.from_iterable(parts))
        return Replace(WholeLedger(), lines_of(self.file.changes()))

    def trial_balance(self, at: date) -> None:
        """A file has none."""

    def close(self) -> None:
        """Who opened the file closes it."""

    def explain(self, problem: InconsistentData) -> InconsistentData:
        """Say more of a file that would empty months it does not touch, or whose codes became numbers."""
        if problem.code == "file_refused":
            return question_about_numbers(problem.findings, self.stored) or problem
        for scope in self.scopes:
            if problem.code == "shrunken" and isinstance(scope, FiscalYearsOfItsLines):
                return explain_years(self.entity.calendar, scope.months, problem)
        return problem


def stored_accounts(connection: Connection, entity_id: int) -> dict[str, Account]:
    """The accounts that were named of an entity, by code: those with which a file's are compared."""
    rows = connection.execute(database.statement("books/accounts.sql"), {"entity_id": entity_id})
    return by_code(
        Account(row["code"], row["name"], AccountType(row["type"]) if row["type"] else None) for row in rows
    )


def explain_years(
    calendar: FiscalCalendar, months: Collection[Month], problem: InconsistentData
) -> InconsistentData:
    """Say of a file that replaces the fiscal years of its months which ones it would empty."""
    first, last = min(months), max(months)
    years = sorted({calendar.year_of(month) for month in months})
    if years[0].first >= first and years[-1].last <= last:
        return problem
    message = Message(
        "years_would_shrink",
        {"first": first, "last": last, "years": ", ".join(map(str, years))},
        answers=(
            *_how_it_passes(first, last),
            Answer(Option.ALLOW_SHRINK),
        ),
    )
    return InconsistentData(message, code=problem.code, findings=problem.findings)


def _how_it_passes(first: Month, last: Month) -> tuple[Answer, ...]:
    """What a file may be that touches a part of a fiscal year: a part to be added, or a year of its own."""
    months = first.until(last) + 1
    year = (
        Answer(Setting.FISCAL_YEAR_START, (first.month,)),
        Answer(Setting.FISCAL_YEARS, (f"{first}..{last}",)),
    )
    add = Answer(Option.MODE)
    if months <= MOST_MONTHS_OF_A_PART:
        return (add,)
    return year if months >= MONTHS_OF_A_YEAR else (add, *year)
