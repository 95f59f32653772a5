"""The Swedish SIE file of type 4."""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from monitr_pipelines.files.reading.contract import ReadSettings, one_change, scope_of
from monitr_pipelines.files.reading.problems import Problems
from monitr_pipelines.files.sie.items import sie_text
from monitr_pipelines.files.sie.master import SieMaster
from monitr_pipelines.files.sie.reader import SieReader
from monitr_pipelines.files.sie.year import read_header
from monitr_pipelines.ledger.changes import (
    Change,
    Dates,
)
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.ledger.sentences import sentence

FIRST_ITEM = re.compile(
    r"\ufeff?(?:\u00ef\u00bb\u00bf)?\s*#(?:FLAGGA|PROGRAM|FORMAT|SIETYP)\s", re.IGNORECASE
)


def is_sie(start: str) -> bool:
    """Whether the first characters of a text are those of a SIE file."""
    return FIRST_ITEM.match(start) is not None


class SieFile:
    """The LedgerFile of a SIE file; it stands for the fiscal year that it names as this one."""

    keys_by_content = False
    format_name = "SIE 4"

    def __init__(self, stream: BinaryIO, settings: ReadSettings) -> None:
        self._settings = settings
        self._text = sie_text(stream, settings.encoding)
        self._header = read_header(self._text)
        self.fiscal_year = self._header.fiscal_year
        encoding = self._text.encoding
        years = self._header.years
        self.interpretation: Mapping[str, str] = {
            "format": "SIE 4 (Swedish standard)",
            "encoding": f"{encoding.name} ({encoding.how})",
            "dates": f"{years[0]} up to and including {self._header.last_day} (#RAR)"
            if years
            else "not stated",
            "currency": f"{self._header.currency or 'not stated'} (#VALUTA)",
            "software": self._header.software or "not stated",
        }
        self.accounts: dict[str, Account] = {}
        self.axes: set[AxisValue] = set()
        self.findings: list[Finding] = []

    def changes(self) -> Iterator[Change]:
        """All lines as one change."""
        self.accounts.clear()
        self.axes.clear()
        self.findings.clear()
        years = self._header.years
        yield one_change(scope_of(self._settings, Dates(*years) if years else None), self._lines())

    def _lines(self) -> Iterator[LedgerLine]:
        problems = Problems(self.findings)
        self._text.tell(problems)
        reader = SieReader(
            self._header, SieMaster(self.accounts, self.axes), problems, self._settings.key_prefix
        )
        empty = True
        for line in reader.lines(self._text):
            empty = False
            yield line
        if empty and not problems.errors:
            problems.add("empty_file", sentence("no_lines_in_audit_file"))
        problems.refuse_if_any()
