"""What the tests of ledger files share: reading bytes to the end, small valid files, the real ones."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace

import openpyxl
import pytest

from monitr_pipelines.cli.wording import problem_words, with_findings
from monitr_pipelines.files import LedgerFile, ReadSettings, open_ledger_file
from monitr_pipelines.ledger.changes import Change, Delete
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import InconsistentData

HASH = "0123456789abcdef" * 4

STANDARD_HEADER = "date;account_code;account_name;description;debit;credit;dimension1;dimension2\n"
STANDARD = STANDARD_HEADER + (
    "2026-01-05;700000;Sales;Invoice 1;;1.210,50;Shop;North\n"
    "2026-01-05;400000;Customers;Invoice 1;1.210,50;;;\n"
    "2026-02-10;613000;Fees;Notary;250,00;;Office;\n"
)

FEC_HEADER = (
    "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\t"
    "PieceRef\tPieceDate\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise\n"
)


def fec_line(**given: str) -> str:
    """A line of a FEC, its columns in order."""
    fields = {
        "journal": "VE",
        "journal_label": "Ventes",
        "number": "1",
        "date": "20260105",
        "account": "701000",
        "account_label": "Ventes",
        "auxiliary": "",
        "auxiliary_label": "",
        "piece": "F1",
        "piece_date": "20260105",
        "label": "Facture 1",
        "debit": "0,00",
        "credit": "100,00",
        "lettering": "",
        "lettering_date": "",
        "valid_date": "20260131",
        "foreign": "",
        "currency": "",
    } | given
    return "\t".join(fields.values()) + "\n"


FEC = FEC_HEADER + fec_line() + fec_line(account="411000", debit="100,00", credit="0,00")

XAF_HEADER = "<fiscalYear>2026</fiscalYear><startDate>2026-01-01</startDate><endDate>2026-12-31</endDate>"
XAF_ACCOUNTS = (
    "<ledgerAccount><accID>1300</accID><accDesc>Debiteuren</accDesc><accTp>B</accTp></ledgerAccount>"
    "<ledgerAccount><accID>8000</accID><accDesc>Omzet</accDesc><accTp>P</accTp></ledgerAccount>"
)


def xaf_line(account: str = "8000", amount: str = "100.00", side: str = "C", more: str = "") -> str:
    return (
        f"<trLine><nr>1</nr><accID>{account}</accID><docRef>F1</docRef><desc>Factuur</desc>"
        f"<amnt>{amount}</amnt><amntTp>{side}</amntTp>{more}</trLine>\n"
    )


def xaf_transaction(lines: str, number: str = "1", day: str = "2026-01-05") -> str:
    return (
        f"<transaction><nr>{number}</nr><desc>Verkoop</desc><periodNumber>1</periodNumber>"
        f"<trDt>{day}</trDt>\n{lines}</transaction>\n"
    )


def xaf(
    transactions: str,
    *,
    header: str = XAF_HEADER,
    before: str = "",
    accounts: str = XAF_ACCOUNTS,
    totals: str = "",
    version: str = "3.2",
    prolog: str = '<?xml version="1.0" encoding="UTF-8"?>\n',
) -> str:
    """An audit file."""
    return (
        f'{prolog}<auditfile xmlns="http://www.auditfiles.nl/XAF/{version}">\n<header>{header}</header>\n'
        f"<company><generalLedger>{accounts}</generalLedger>{before}\n<transactions>{totals}\n"
        f"<journal><jrnID>V</jrnID><desc>Verkoop</desc>\n{transactions}</journal></transactions>"
        "</company></auditfile>\n"
    )


XAF = xaf(xaf_transaction(xaf_line() + xaf_line("1300", side="D")))


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@dataclass
class Read:
    """A file read to its end."""

    file: LedgerFile
    changes: list[Change]
    lines: list[LedgerLine]


def settings(**given: object) -> ReadSettings:
    return replace(ReadSettings(content_hash=HASH), **given)


def lines_of(change: Change) -> Iterable[LedgerLine]:
    assert not isinstance(change, Delete)
    return change.lines


def read(content: bytes | str, **given: object) -> Read:
    raw = content.encode() if isinstance(content, str) else content
    file = open_ledger_file(io.BytesIO(raw), settings(**given))
    changes: list[Change] = []
    lines: list[LedgerLine] = []
    for change in file.changes():
        changes.append(change)
        lines.extend(lines_of(change))
    return Read(file, changes, lines)


def refusal(content: bytes | str, **given: object) -> InconsistentData:
    """Why a file is refused; the test fails when it is not."""
    with pytest.raises(InconsistentData) as caught:
        read(content, **given)
    assert "Traceback" not in str(caught.value)
    return caught.value


def typed_words(error: InconsistentData) -> str:
    """A refusal as the command line words it, with what was found."""
    return with_findings(problem_words(error), error.findings)


def assert_refused(content: bytes | str, line: int | None, *told: str, **given: object) -> None:
    """The refusal names the line (where there is one) and the cause."""
    text = typed_words(refusal(content, **given)).lower()
    assert all(cause.lower() in text for cause in told), text
    if line is not None:
        assert f"line {line}" in text, text
