"""The Dutch audit file (XML Auditfile Financieel, XAF) version 3.2."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from monitr_pipelines.files.reading.contract import Mode, ReadSettings
from monitr_pipelines.files.reading.problems import Problems, refuse_format, shown
from monitr_pipelines.files.reading.xml import refuse_doctype
from monitr_pipelines.files.xaf.elements import root_name
from monitr_pipelines.files.xaf.header import read_header
from monitr_pipelines.files.xaf.master import XafMaster
from monitr_pipelines.files.xaf.reader import XafReader
from monitr_pipelines.ledger.changes import Change, Dates, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.ledger.sentences import sentence


def open_xaf(stream: BinaryIO, start: str, settings: ReadSettings) -> "XafFile":
    """An XML file as the audit file it is, refused when it is another kind of XML."""
    root, has_doctype = root_name(start)
    if root.lower() == "html":
        refuse_format(sentence("seems_web_page"))
    if has_doctype:
        refuse_doctype()
    if root == "AuditFile":
        refuse_format(sentence("seems_saft"))
    if root not in {"auditfile", ""}:
        refuse_format(sentence("seems_xml", root=shown(root)))
    return XafFile(stream, settings)


class XafFile:
    """The LedgerFile of an audit file; it stands for the dates that its header names."""

    keys_by_content = False
    format_name = "XAF 3.2"

    def __init__(self, stream: BinaryIO, settings: ReadSettings) -> None:
        self._stream = stream
        self._settings = settings
        self._header = read_header(stream)
        self.fiscal_year = self._header.fiscal_year
        self.interpretation: Mapping[str, str] = {
            "format": "XAF 3.2 (XML Auditfile Financieel)",
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
        self.axes.clear()
        self.findings.clear()
        if self._settings.mode is Mode.APPEND:
            yield Upsert(self._lines())
        elif self._settings.mode is Mode.OVERWRITE:
            yield Replace(WholeLedger(), self._lines())
        else:
            yield Replace(Dates(self._header.start, self._header.end), self._lines())

    def _lines(self) -> Iterator[LedgerLine]:
        problems = Problems(self.findings)
        master = XafMaster(self.accounts, self.axes)
        empty = True
        reader = XafReader(self._header, master, problems, self._settings.key_prefix)
        for line in reader.lines(self._stream):
            empty = False
            yield line
        if empty and not problems.errors:
            problems.add("empty_file", sentence("no_lines_in_audit_file"))
        problems.refuse_if_any()
