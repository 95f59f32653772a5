"""The first lines of a ledger file as its import would read them, with what the reader asks or refuses."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from time import monotonic
from typing import BinaryIO

from monitr_pipelines.files import LedgerFile, NumberedFile, ReadSettings, open_ledger_file
from monitr_pipelines.files.reading.problems import NeedsAnswer, Question
from monitr_pipelines.files.tables.file import TableFile
from monitr_pipelines.files.xlsx.file import WorkbookFile
from monitr_pipelines.ledger.beforehand.outlook import Totals
from monitr_pipelines.ledger.changes import DateRange, Delete, FiscalYearsOfItsLines, Replace, Scope
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import FiscalYear, Month
from monitr_pipelines.ledger.records import Account, LedgerLine
from monitr_pipelines.lifecycle.errors import ImportProblem, InconsistentData, Refused

SHOWN_LINES = 20
# What is looked at to find out how a file is written: beyond, it is sooner asked.
MOST_ROWS = 10_000
MOST_LINES = 200_000
MOST_SECONDS = 10


@dataclass
class Preview:
    """What was seen of a file: the first `lines`, and of all that were looked at the `count` and the totals.

    `whole`: the file was read to its end; otherwise the look was cut and its totals are not those of the
    file. `accounts` are those of the lines that are shown, `charted` is how many a chart of accounts has.
    `columns` maps our names to `headers`, both empty where a format needs no map; `proposed` does so where
    the user has to confirm it, and `proposed_sheet` is what was chosen of an earlier workbook. `sheets` are
    the names of those of a workbook. `problem` is the
    question or the refusal that the file would end with, or why it cannot be looked at now; None while
    there is none. `replaces`: the dates [from, to) whose lines those of the file take the place of,
    `by_years` where they are the fiscal years of its lines; `told`: the accounts that the file names;
    `fiscal_year`: the year that it says it is of.
    """

    interpretation: Mapping[str, str] = field(default_factory=dict)
    headers: Sequence[str] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    sheets: Sequence[str] = ()
    proposed: Mapping[str, str] = field(default_factory=dict)
    proposed_sheet: str = ""
    lines: list[LedgerLine] = field(default_factory=list)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    charted: int = 0
    findings: Sequence[Finding] = ()
    problem: ImportProblem | None = None
    count: int = 0
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    whole: bool = False
    totals: Totals = field(default_factory=Totals)
    replaces: Sequence[DateRange] = ()
    by_years: bool = False
    told: Mapping[str, Account] = field(default_factory=dict)
    fiscal_year: FiscalYear | None = None

    @property
    def questions(self) -> Sequence[Question]:
        """What the user must answer before the file can be read."""
        return self.problem.questions if isinstance(self.problem, NeedsAnswer) else ()

    @property
    def order(self) -> tuple[int, Month]:
        """Where it comes among several: charts of accounts, then by month, then what cannot be read."""
        months = self.totals.months
        if months:
            return 1, months[0]
        return (2 if self.problem else 0), Month(1, 1)

    @property
    def later(self) -> bool:
        """Whether nothing is wrong with the file, and looking at it again may help."""
        return isinstance(self.problem, Refused)


def preview(
    stream: BinaryIO, settings: ReadSettings, *, to_the_end: bool = False, most_lines: int | None = None
) -> Preview:
    """Read as much of a seekable stream as a page shows and checks beforehand, or all of it."""
    most = None if to_the_end else most_lines or MOST_LINES
    if most is not None:
        settings = replace(settings, most_rows=min(MOST_ROWS, most))
    try:
        file = open_ledger_file(stream, settings)
    except InconsistentData as problem:
        asked = problem if isinstance(problem, NeedsAnswer) else NeedsAnswer()
        return Preview(
            headers=asked.headers,
            proposed=dict(asked.proposed),
            proposed_sheet=asked.proposed_sheet,
            sheets=asked.sheets,
            findings=problem.findings,
            problem=problem,
        )
    seen = Preview(
        interpretation=file.interpretation,
        fiscal_year=file.fiscal_year,
        totals=Totals(settings.calendar),
    )
    if isinstance(file, TableFile):
        seen.headers, seen.columns = file.headers, file.columns
    if isinstance(file, WorkbookFile):
        seen.sheets = file.sheets
    _look(file, seen, most)
    shown = {line.account_code for line in seen.lines}
    seen.accounts = {code: account for code, account in file.accounts.items() if code in shown}
    seen.charted = len(file.accounts)
    seen.told = dict(file.accounts)
    seen.findings = file.findings
    return seen


def _look(file: LedgerFile, seen: Preview, most: int | None) -> None:
    """Look at lines until there are none left, or they are many, or it takes long."""
    until = monotonic() + MOST_SECONDS
    scopes: list[Scope] = []
    numbered = file if isinstance(file, NumberedFile) else None
    with closing(_lines(file, scopes)) as lines:
        try:
            for line in lines:
                if most is not None and (seen.count == most or monotonic() > until):
                    return
                seen.count += 1
                seen.debit += max(line.amount, ZERO)
                seen.credit -= min(line.amount, ZERO)
                seen.totals.add(line, numbered.at_line if numbered else None)
                if seen.count <= SHOWN_LINES:
                    seen.lines.append(line)
            seen.whole = True
            seen.replaces = [days for scope in scopes for days in scope.ranges()]
            seen.by_years = any(isinstance(scope, FiscalYearsOfItsLines) for scope in scopes)
        except InconsistentData as problem:
            seen.problem = problem


def _lines(file: LedgerFile, scopes: list[Scope]) -> Generator[LedgerLine]:
    """The lines of a file; a replaced scope knows its dates from the lines that pass through it."""
    for change in file.changes():
        if isinstance(change, Replace):
            scopes.append(change.scope)
            for line in change.lines:
                change.scope.contains(line)
                yield line
        elif not isinstance(change, Delete):
            yield from change.lines
