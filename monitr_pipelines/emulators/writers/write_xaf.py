"""Books as a Dutch audit file (XML Auditfile Financieel 3.2): one file a fiscal year.

The order of the elements is the schema's; a reader that validates refuses any other.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from itertools import groupby

from lxml import etree

from monitr_pipelines.emulators.books import Books
from monitr_pipelines.emulators.company.charts import Journal, JournalKind, Role
from monitr_pipelines.emulators.company.journal import DEPARTMENT, PROJECT
from monitr_pipelines.emulators.writers.targets import Target, binary
from monitr_pipelines.ledger.money import ZERO, plain
from monitr_pipelines.ledger.records import AccountType, LedgerLine

NAMESPACE = "http://www.auditfiles.nl/XAF/3.2"
_BASIC_TYPES = {DEPARTMENT: "02", PROJECT: "04"}


def write_xaf(books: Books, target: Target, year: int) -> None:
    """Write one year with its opening balance."""
    root = etree.fromstring(f'<auditfile xmlns="{NAMESPACE}"/>')
    _header(root, year)
    company = _element(root, "company")
    _texts(
        company,
        companyIdent="DEMO",
        companyName=books.company,
        taxRegistrationCountry=books.chart.country,
        taxRegIdent=f"{books.chart.country}000000000",
    )
    _relations(company, books)
    _ledger(company, books)
    _periods(company, year)
    _opening(company, books, year)
    _transactions(company, books, year)
    with binary(target) as stream:
        stream.write(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _element(parent: etree._Element, tag: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}")


def _texts(parent: etree._Element, **texts: str | None) -> None:
    for tag, value in texts.items():
        if value is not None:
            _element(parent, tag).text = value


def _header(root: etree._Element, year: int) -> None:
    _texts(
        _element(root, "header"),
        fiscalYear=str(year),
        startDate=f"{year}-01-01",
        endDate=f"{year}-12-31",
        curCode="EUR",
        dateCreated=f"{year + 1}-01-31",
        softwareDesc="Monitr emulator",
        softwareVersion="1",
    )


def _relations(company: etree._Element, books: Books) -> None:
    parent = _element(company, "customersSuppliers")
    for name, code in books.relations.items():
        element = _element(parent, "customerSupplier")
        _texts(element, custSupID=code, custSupName=name, custSupTp=code[0])


def _ledger(company: etree._Element, books: Books) -> None:
    parent = _element(company, "generalLedger")
    for account in books.accounts:
        kind = "B" if account.type is AccountType.BALANCE_SHEET else "P"
        _texts(_element(parent, "ledgerAccount"), accID=account.code, accDesc=account.name, accTp=kind)
    basics = _element(parent, "basics")
    for axis, code, name in ((value.axis, value.code, value.name) for value in books.axes):
        basic = _element(basics, "basic")
        _texts(basic, basicType=_BASIC_TYPES[axis], basicID=code, basicDesc=name)


def _periods(company: etree._Element, year: int) -> None:
    parent = _element(company, "periods")
    for month in range(1, 13):
        _texts(
            _element(parent, "period"),
            periodNumber=str(month),
            startDatePeriod=date(year, month, 1).isoformat(),
            endDatePeriod=date(year, month, monthrange(year, month)[1]).isoformat(),
        )


def _controls(parent: etree._Element, lines: Iterable[LedgerLine]) -> None:
    amounts = [line.amount for line in lines]
    _texts(
        parent,
        linesCount=str(len(amounts)),
        totalDebit=plain(sum((amount for amount in amounts if amount > 0), ZERO)),
        totalCredit=plain(-sum((amount for amount in amounts if amount < 0), ZERO)),
    )


def _opening(company: etree._Element, books: Books, year: int) -> None:
    lines = books.opening(year)
    parent = _element(company, "openingBalance")
    _texts(parent, opBalDate=f"{year}-01-01", opBalDesc="Opening balance")
    _controls(parent, lines)
    for number, line in enumerate(lines, start=1):
        _texts(_element(parent, "obLine"), nr=str(number), accID=line.account_code, **_amount(line))


def _transactions(company: etree._Element, books: Books, year: int) -> None:
    lines = books.of_year(year)
    parent = _element(company, "transactions")
    _controls(parent, lines)
    for kind, journal in books.chart.journals.items():
        own = [line for line in lines if line.journal == journal.code]
        if own:
            _journal(parent, books, kind, journal, own)


def _journal(
    parent: etree._Element, books: Books, kind: JournalKind, journal: Journal, lines: list[LedgerLine]
) -> None:
    element = _element(parent, "journal")
    _texts(element, jrnID=journal.code, desc=journal.name, jrnTp=kind.value)
    if kind is JournalKind.BANK:
        _texts(element, offsetAccID=books.chart.accounts[Role.BANK].code)
    for booking, group in groupby(lines, key=lambda line: line.booking):
        entry = list(group)
        first = entry[0]
        transaction = _element(element, "transaction")
        _texts(
            transaction,
            nr=booking,
            desc=first.description,
            periodNumber=str(first.booking_date.month),
            trDt=first.booking_date.isoformat(),
        )
        for line in entry:
            _line(transaction, books, line)


def _line(transaction: etree._Element, books: Books, line: LedgerLine) -> None:
    axes = dict(line.axes)
    _texts(
        _element(transaction, "trLine"),
        nr=line.line_number,
        accID=line.account_code,
        docRef=line.document_number,
        effDate=line.booking_date.isoformat(),
        desc=line.description,
        **_amount(line),
        custSupID=books.relations[line.relation] if line.relation else None,
        costID=axes.get(DEPARTMENT),
        projID=axes.get(PROJECT),
    )


def _amount(line: LedgerLine) -> dict[str, str]:
    return {"amnt": plain(abs(line.amount)), "amntTp": "D" if line.amount > 0 else "C"}
