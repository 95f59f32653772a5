"""One small set of books as many programs would write it, and what a variant of a kind of input must give.

Amounts are debit positive. Accounts are named by what they are for; each format has its country's codes.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import openpyxl

from monitr_pipelines.emulators.writers.write_fec import COLUMNS as FEC

BANK, CAPITAL, RETAINED, SALES, COSTS = "Bank", "Capital", "Retained", "Sales", "Costs"
# Where books move the result of a year that leave its accounts as they are.
TAKEN = "Result of the year"
ROLES = (BANK, CAPITAL, RETAINED, SALES, COSTS, TAKEN)
RESULTS = {SALES, COSTS, TAKEN}
CODES = {
    "BE": ("550000", "100000", "140000", "700000", "610000", "749000"),
    "FR": ("512000", "101000", "120000", "706000", "606000", "758000"),
    "NL": ("1100", "0500", "0590", "8000", "4000", "8999"),
    "PT": ("12", "51", "56", "72", "62", "78"),
    "SE": ("1930", "2081", "2091", "3001", "5010", "8999"),
}


class Line(NamedTuple):
    """A line of a booking; `opening` only for formats that have a place for openings."""

    day: str
    account: str
    amount: Decimal | int
    text: str = "Entry"
    booking: str = "1"
    journal: str = "MEM"
    period: str = ""
    opening: bool = False

    @property
    def month(self) -> str:
        """Its period: as given, else its month."""
        return self.period or str(int(self.day[5:7]))


Lines = Sequence[Line]


def entry(day: str, booking: str, *sides: tuple[str, Decimal | int], **others: str | bool) -> list[Line]:
    return [Line(day, account, amount, booking=booking, **others) for account, amount in sides]


def of_year(lines: Iterable[Line], year: int) -> list[Line]:
    return [line for line in lines if line.day.startswith(str(year))]


@dataclass(frozen=True)
class File:
    """A file to import.

    `asks`: what is said of it without the `answer`, or without the `setting` of its entity, which are then
    given. `finds`: what the import says of it.
    """

    name: str
    content: Callable[[], bytes]
    answer: tuple[str, ...] = ()
    asks: str | None = None
    setting: tuple[str, ...] = ()
    finds: str | None = None


@dataclass(frozen=True)
class Variant:
    """Files of an entity, and what its statements say by month; accounts by their code."""

    country: str
    files: Sequence[File]
    closing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    net: Mapping[str, str] = field(default_factory=dict)
    assets: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def separated(rows: Sequence[Sequence[object]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Rows as delimited text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue().encode(encoding)


def day(text: str) -> datetime:
    """A day, or a moment of it, as a date cell holds it."""
    return datetime.fromisoformat(text)


def sheets(**named: Sequence[Sequence[object]]) -> bytes:
    """Rows as a workbook, a sheet each."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in named.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def sheet(rows: Sequence[Sequence[object]]) -> bytes:
    return sheets(Ledger=rows)


def as_table(lines: Lines, country: str, *columns: str) -> list[list[object]]:
    """Rows of the standard layout with more columns: period, journal, booking, opening."""
    codes = dict(zip(ROLES, CODES[country], strict=True))
    header = ["date", "account_code", "account_name", "description", "debit", "credit", *columns]
    more: Mapping[str, Callable[[Line], object]] = {
        "period": lambda line: line.month,
        "journal": lambda line: line.journal,
        "booking": lambda line: line.booking,
        "opening": lambda line: "yes" if line.opening else "",
    }
    return [
        header,
        *(
            [
                line.day,
                codes[line.account],
                line.account,
                line.text,
                line.amount if line.amount > 0 else None,
                -line.amount if line.amount < 0 else None,
                *(more[column](line) for column in columns),
            ]
            for line in lines
        ),
    ]


def _fec_rows(lines: Lines) -> list[list[str]]:
    codes = dict(zip(ROLES, CODES["FR"], strict=True))
    rows = []
    for line in lines:
        day, amount = line.day.replace("-", ""), abs(line.amount)
        sides = [f"{amount:.2f}", "0.00"] if line.amount > 0 else ["0.00", f"{amount:.2f}"]
        before = [line.journal, f"Journal {line.journal}", line.booking, day, codes[line.account]]
        rows.append(
            [*before, line.account, "", "", f"P{line.booking}", day, line.text, *sides, "", "", day, "", ""]
        )
    return rows


def as_fec(lines: Lines) -> bytes:
    rows = [[cell.replace(".", ",") for cell in row] for row in _fec_rows(lines)]
    return separated([FEC, *rows], "\t")


def as_fec_xml(lines: Lines, last_day: str) -> bytes:
    """The XML form of a FEC: journals with entries with lines."""
    text = ""
    for row in _fec_rows(lines):
        cells = dict(zip(FEC, row, strict=True))
        own = "".join(f"<{name}>{cells[name]}</{name}>" for name in ("CompteNum", "CompteLib"))
        sides = "".join(f"<{name}>{cells[name]}</{name}>" for name in ("Debit", "Credit"))
        entry_of = "".join(
            f"<{name}>{_iso(cells[name]) if name.endswith('Date') else cells[name]}</{name}>"
            for name in ("EcritureNum", "EcritureDate", "EcritureLib", "PieceRef", "PieceDate", "ValidDate")
        )
        text += (
            f"<journal><JournalCode>{cells['JournalCode']}</JournalCode>"
            f"<JournalLib>{cells['JournalLib']}</JournalLib>"
            f"<ecriture>{entry_of}<ligne>{own}{sides}</ligne></ecriture></journal>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<comptabilite><exercice>'
        f"<DateCloture>{last_day}</DateCloture>{text}</exercice></comptabilite>"
    ).encode()


def _iso(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def _by_booking(lines: Lines) -> Mapping[tuple[str, str], list[Line]]:
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        found.setdefault((line.journal, line.booking), []).append(line)
    return found


def as_xaf(lines: Lines, year: int = 2023, types: Mapping[str, str] | None = None) -> bytes:
    """A Dutch audit file of a year; opening lines stand in its section, journals may have `types`."""
    codes = dict(zip(ROLES, CODES["NL"], strict=True))
    accounts = "".join(
        f"<ledgerAccount><accID>{codes[role]}</accID><accDesc>{role}</accDesc>"
        f"<accTp>{'P' if role in RESULTS else 'B'}</accTp></ledgerAccount>"
        for role in ROLES
    )

    def amount(line: Line) -> str:
        side = "D" if line.amount > 0 else "C"
        return f"<amnt>{abs(line.amount):.2f}</amnt><amntTp>{side}</amntTp>"

    opened = "".join(
        f"<obLine><nr>{number}</nr><accID>{codes[line.account]}</accID>{amount(line)}</obLine>"
        for number, line in enumerate(lines, start=1)
        if line.opening
    )
    section = f"<openingBalance><opBalDate>{year}-01-01</opBalDate>{opened}</openingBalance>" * bool(opened)
    journals: dict[str, str] = {}
    for (journal, number), booked in _by_booking([one for one in lines if not one.opening]).items():
        own = "".join(
            f"<trLine><nr>{place}</nr><accID>{codes[line.account]}</accID><docRef>{number}</docRef>"
            f"<desc>{line.text}</desc>{amount(line)}</trLine>"
            for place, line in enumerate(booked, start=1)
        )
        journals[journal] = journals.get(journal, "") + (
            f"<transaction><nr>{number}</nr><desc>{booked[0].text}</desc><periodNumber>{booked[0].month}"
            f"</periodNumber><trDt>{booked[0].day}</trDt>{own}</transaction>"
        )
    kinds = types or {}
    written = "".join(
        f"<journal><jrnID>{name}</jrnID><desc>{name}</desc><jrnTp>{kinds.get(name, 'M')}</jrnTp>"
        f"{text}</journal>"
        for name, text in journals.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<auditfile xmlns="http://www.auditfiles.nl/XAF/3.2">'
        f"<header><fiscalYear>{year}</fiscalYear><startDate>{year}-01-01</startDate>"
        f"<endDate>{year}-12-31</endDate></header><company><generalLedger>{accounts}</generalLedger>{section}"
        f"<transactions>{written}</transactions></company></auditfile>\n"
    ).encode()


def as_saft(lines: Lines, year: int = 2023) -> bytes:
    """A Portuguese audit file of a year; opening lines stand with their accounts."""
    codes = dict(zip(ROLES, CODES["PT"], strict=True))
    opened = {line.account: line.amount for line in lines if line.opening}
    ended: dict[str, Decimal | int] = dict.fromkeys(ROLES, 0)
    for line in lines:
        ended[line.account] += line.amount
    accounts = "".join(
        f"<Account><AccountID>{codes[role]}</AccountID><AccountDescription>{role}</AccountDescription>"
        + "".join(
            f"<{which}DebitBalance>{max(amount, 0)}</{which}DebitBalance>"
            f"<{which}CreditBalance>{max(-amount, 0)}</{which}CreditBalance>"
            for which, amount in (("Opening", opened.get(role, 0)), ("Closing", ended[role]))
        )
        + "<GroupingCategory>GM</GroupingCategory></Account>"
        for role in ROLES
    )
    journals: dict[str, str] = {}
    for (journal, number), booked in _by_booking([one for one in lines if not one.opening]).items():
        own = ""
        for place, line in enumerate(booked, start=1):
            side = "Debit" if line.amount > 0 else "Credit"
            own += (
                f"<{side}Line><RecordID>{place}</RecordID><AccountID>{codes[line.account]}</AccountID>"
                f"<Description>{line.text}</Description><{side}Amount>{abs(line.amount)}</{side}Amount></{side}Line>"
            )
        journals[journal] = journals.get(journal, "") + (
            f"<Transaction><TransactionID>{booked[0].day} {journal} {number}</TransactionID>"
            f"<Period>{booked[0].month}</Period><TransactionDate>{booked[0].day}</TransactionDate>"
            f"<Description>{booked[0].text}</Description><TransactionType>N</TransactionType>"
            f"<Lines>{own}</Lines></Transaction>"
        )
    written = "".join(
        f"<Journal><JournalID>{name}</JournalID><Description>{name}</Description>{text}</Journal>"
        for name, text in journals.items()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01">'
        f"<Header><FiscalYear>{year}</FiscalYear><StartDate>{year}-01-01</StartDate>"
        f"<EndDate>{year}-12-31</EndDate><CurrencyCode>EUR</CurrencyCode></Header>"
        f"<MasterFiles><GeneralLedgerAccounts>{accounts}</GeneralLedgerAccounts></MasterFiles>"
        f"<GeneralLedgerEntries>{written}</GeneralLedgerEntries></AuditFile>\n"
    ).encode()


def as_sie(lines: Lines, year: int = 2023) -> bytes:
    """A Swedish file of a year; opening lines are its #IB."""
    codes = dict(zip(ROLES, CODES["SE"], strict=True))
    text = (
        f'#FLAGGA 0\n#PROGRAM "Books" 1.0\n#FORMAT PC8\n#GEN 20260301\n#SIETYP 4\n#FNAMN "AB"\n'
        f"#RAR 0 {year}0101 {year}1231\n"
    )
    text += "".join(f'#KONTO {codes[role]} "{role}"\n' for role in ROLES)
    text += "".join(f"#IB 0 {codes[line.account]} {line.amount}\n" for line in lines if line.opening)
    for (journal, number), booked in _by_booking([one for one in lines if not one.opening]).items():
        day = booked[0].day.replace("-", "")
        text += f'#VER "{journal}" "{number}" {day} "{booked[0].text}"\n{{\n'
        text += "".join(f"#TRANS {codes[line.account]} {{}} {line.amount}\n" for line in booked)
        text += "}\n"
    return text.encode("cp437")
