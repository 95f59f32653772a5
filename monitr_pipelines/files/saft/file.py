"""The Portuguese audit file (SAF-T PT) of version 1.04_01."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from monitr_pipelines.files.audit.characters import find_characters
from monitr_pipelines.files.reading.contract import ReadSettings, one_change, scope_of
from monitr_pipelines.files.reading.problems import Problems
from monitr_pipelines.files.saft.header import read_header
from monitr_pipelines.files.saft.master import SaftMaster
from monitr_pipelines.files.saft.reader import SaftReader
from monitr_pipelines.ledger.changes import Change, Dates
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.ledger.sentences import sentence


class SaftFile:
    """The LedgerFile of a SAF-T file; it stands for the dates that its header names."""

    keys_by_content = False
    format_name = "SAF-T PT 1.04_01"

    def __init__(self, stream: BinaryIO, settings: ReadSettings) -> None:
        self._settings = settings
        self._characters = find_characters(stream, settings.encoding)
        self._header = read_header(self._characters)
        self.fiscal_year = self._header.fiscal_year
        self.interpretation: Mapping[str, str] = {
            "format": "SAF-T PT 1.04_01 (Portuguese audit file)",
            "encoding": self._characters.told,
            "dates": f"{self._header.start} up to and including {self._header.last_day} (the header)",
            "currency": f"{self._header.currency or 'not stated'} (the header)",
            "software": self._header.software or "not stated",
        }
        self.accounts: dict[str, Account] = {}
        self.axes: set[AxisValue] = set()
        self.findings: list[Finding] = []

    def changes(self) -> Iterator[Change]:
        """All lines as one change."""
        self.accounts.clear()
        self.findings.clear()
        dates = Dates(self._header.start, self._header.end)
        yield one_change(scope_of(self._settings, dates), self._lines())

    def _lines(self) -> Iterator[LedgerLine]:
        problems = Problems(self.findings)
        self._characters.tell(problems)
        reader = SaftReader(self._header, SaftMaster(self.accounts), problems, self._settings.key_prefix)
        empty = True
        for line in reader.lines(self._characters):
            empty = False
            yield line
        if empty and not problems.errors:
            problems.add("empty_file", sentence("no_lines_in_audit_file"))
        problems.refuse_if_any()
