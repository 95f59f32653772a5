"""The first lines of a ledger file as its import would read them, with what the reader asks or refuses."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from time import monotonic
from typing import BinaryIO

from monitr_pipelines.files import LedgerFile, ReadSettings, open_ledger_file
from monitr_pipelines.files.reading.problems import NeedsAnswer, Question
from monitr_pipelines.files.tables.file import TableFile
from monitr_pipelines.ledger.changes import lines_of
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.records import Account, LedgerLine
from monitr_pipelines.lifecycle.errors import ImportProblem, InconsistentData, Refused

SHOWN_LINES = 20
MOST_LINES = 10_000
MOST_SECONDS = 10


@dataclass
class Preview:
    """What was seen of a file: the first `lines`, and of all that were looked at the `count` and the totals.

    `whole`: the file was read to its end; otherwise the look was cut and its totals are not those of the
    file. `accounts` are those of the lines that are shown, `charted` is how many a chart of accounts has.
    `columns` maps our names to `headers`, both empty where a format needs no map; `proposed` does so where
    the user has to confirm it. `problem` is the
    question or the refusal that the file would end with, or why it cannot be looked at now; None while
    there is none.
    """

    interpretation: Mapping[str, str] = field(default_factory=dict)
    headers: Sequence[str] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    proposed: Mapping[str, str] = field(default_factory=dict)
    lines: list[LedgerLine] = field(default_factory=list)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    charted: int = 0
    findings: Sequence[Finding] = ()
    problem: ImportProblem | None = None
    count: int = 0
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    whole: bool = False

    @property
    def questions(self) -> Sequence[Question]:
        """What the user must answer before the file can be read."""
        return self.problem.questions if isinstance(self.problem, NeedsAnswer) else ()

    @property
    def later(self) -> bool:
        """Whether nothing is wrong with the file, and looking at it again may help."""
        return isinstance(self.problem, Refused)


def preview(stream: BinaryIO, settings: ReadSettings) -> Preview:
    """Read as much of a seekable stream as a page shows and checks beforehand."""
    try:
        file = open_ledger_file(stream, replace(settings, most_rows=MOST_LINES))
    except InconsistentData as problem:
        asked = problem if isinstance(problem, NeedsAnswer) else NeedsAnswer()
        return Preview(
            headers=asked.headers, proposed=asked.proposed, findings=problem.findings, problem=problem
        )
    seen = Preview(interpretation=file.interpretation)
    if isinstance(file, TableFile):
        seen.headers, seen.columns = file.headers, file.columns
    _look(file, seen)
    shown = {line.account_code for line in seen.lines}
    seen.accounts = {code: account for code, account in file.accounts.items() if code in shown}
    seen.charted = len(file.accounts)
    seen.findings = file.findings
    return seen


def _look(file: LedgerFile, seen: Preview) -> None:
    """Look at lines until there are none left, or they are many, or it takes long."""
    until = monotonic() + MOST_SECONDS
    with closing(lines_of(file.changes())) as lines:
        try:
            for line in lines:
                if seen.count == MOST_LINES or monotonic() > until:
                    return
                seen.count += 1
                seen.debit += max(line.amount, ZERO)
                seen.credit -= min(line.amount, ZERO)
                if seen.count <= SHOWN_LINES:
                    seen.lines.append(line)
            seen.whole = True
        except InconsistentData as problem:
            seen.problem = problem
