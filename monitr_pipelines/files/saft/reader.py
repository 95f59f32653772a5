"""The lines of a SAF-T file, in one streaming pass."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial

from monitr_pipelines.files.audit.balances import Balances
from monitr_pipelines.files.audit.characters import XmlCharacters
from monitr_pipelines.files.audit.days import YearOfFile
from monitr_pipelines.files.audit.elements import Element, Elements, Labels, refuse_faulty
from monitr_pipelines.files.audit.header import FileHeader, xml_day
from monitr_pipelines.files.audit.openings import Openings, Place
from monitr_pipelines.files.audit.totals import SectionTotals
from monitr_pipelines.files.reading.amounts import AmountReader
from monitr_pipelines.files.reading.limits import fits
from monitr_pipelines.files.reading.problems import BadValueError, Problems
from monitr_pipelines.files.reading.xml import read_xml
from monitr_pipelines.files.saft.header import NAMESPACE
from monitr_pipelines.files.saft.master import MOVEMENT, SaftMaster
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.records import LedgerLine

SIGNS = {"D": 1, "C": -1}
LABELS = frozenset({"AccountDescription", "CompanyName", "Description"})
CODES = frozenset(
    {
        "AccountID", "ClosingCreditBalance", "ClosingDebitBalance", "CreditAmount", "CustomerID",
        "DebitAmount", "DocArchivalNumber", "GroupingCategory", "JournalID", "OpeningCreditBalance",
        "OpeningDebitBalance", "Period", "RecordID", "SupplierID", "TransactionDate", "TransactionID",
    }
)  # fmt: skip


class SaftReader:
    """Walks through the file; knows the transaction that a line stands in."""

    def __init__(
        self, header: FileHeader, master: SaftMaster, problems: Problems, key_prefix: str = ""
    ) -> None:
        self._header = header
        self._master = master
        self._problems = problems
        self._key_prefix = key_prefix
        self._year = YearOfFile(header.start, header.end)
        self._amounts = AmountReader(".", "", "the format's own")
        self._closing = Balances()
        self._totals: SectionTotals | None = None
        self._transaction: _Transaction | None = None
        self._openings = Openings(header.start, problems)
        self._opened = 0
        self._lines_of: defaultdict[str, int] = defaultdict(int)

    def lines(self, characters: XmlCharacters) -> Iterator[LedgerLine]:
        """All lines of the file; problems are added to those given."""
        handlers: dict[str, Callable[[Element], list[LedgerLine] | None]] = {
            "Account": self._end_account,
            "Customer": partial(self._end_relation, "CustomerID"),
            "Supplier": partial(self._end_relation, "SupplierID"),
            "DebitLine": partial(self._end_line, "D", "DebitAmount"),
            "CreditLine": partial(self._end_line, "C", "CreditAmount"),
            "Transaction": self._end_transaction,
            "Journal": self._end_journal,
            "GeneralLedgerEntries": self._end_entries,
        }
        guarded = {name: partial(self._guarded, handle) for name, handle in handlers.items()}
        labels = Labels(LABELS, CODES, self._problems)
        elements = Elements(guarded, namespace=NAMESPACE, encoding=characters.encoding, labels=labels)
        for lines in read_xml(characters.open(), elements, refuse_faulty):
            for line in lines:
                self._closing.found[line.account_code] += line.amount
            yield from lines
        labels.tell()
        self._closing.tell(self._problems)
        self._year.tell(self._problems)

    def _guarded(
        self, handle: Callable[[Element], list[LedgerLine] | None], element: Element
    ) -> list[LedgerLine] | None:
        try:
            return handle(element)
        except BadValueError as error:
            self._problems.add(error.code, error.message, line=element.line, column=error.column)
            return None

    def _end_account(self, element: Element) -> list[LedgerLine] | None:
        """An account, and its opening balance as a line; both sides are stated, one of them zero."""
        values = element.texts
        self._master.account(values)
        if values.get("GroupingCategory", "").upper() != MOVEMENT:
            return None
        code = values["AccountID"]
        self._closing.state(code, self._balance(values, "Closing"))
        amount = self._balance(values, "Opening")
        if not amount:
            return None
        self._opened += 1
        line = fits(
            LedgerLine(
                external_id=f"{self._key_prefix}{self._header.period}/opening/{self._opened}",
                booking_date=self._header.start,
                account_code=code,
                amount=amount,
                booking="opening",
                opening=True,
            )
        )
        return [self._openings.section_line(line)]

    def _end_relation(self, code: str, element: Element) -> None:
        self._master.relation(element.texts.get(code, ""), element.texts.get("CompanyName", ""))

    def _end_transaction(self, _: Element) -> list[LedgerLine]:
        self._transaction = None
        return self._openings.end_of_entry()

    def _end_journal(self, _: Element) -> list[LedgerLine]:
        return self._openings.end_of_journal()

    def _end_entries(self, _: Element) -> None:
        if self._totals is not None:
            self._totals.compare(self._amounts, self._problems)

    def _end_line(self, side: str, column: str, element: Element) -> list[LedgerLine]:
        transaction = self._transaction or self._open(element.parent)
        values = element.texts
        self._lines_of[transaction.booking] += 1
        amount = self._read(values, column)
        if self._totals is not None:
            self._totals.add(side, amount)
        if transaction.day is None:
            raise BadValueError("bad_date", transaction.fault, "TransactionDate")
        line = fits(
            LedgerLine(
                external_id=f"{self._key_prefix}{transaction.booking}/{self._lines_of[transaction.booking]}",
                booking_date=transaction.day,
                account_code=self._master.used(values.get("AccountID", "")),
                amount=amount * SIGNS[side],
                booking=transaction.booking,
                line_number=values.get("RecordID") or None,
                period=transaction.period,
                journal=transaction.journal,
                document_number=transaction.document,
                relation=self._master.relation_name(transaction.relation),
                description=values.get("Description") or transaction.description,
            )
        )
        return self._openings.line(line, transaction.place)

    def _open(self, lines: Element | None) -> "_Transaction":
        """The transaction whose first line has just been read; what it says stands before its lines."""
        element = lines.parent if lines is not None else None
        journal = element.parent if element is not None else None
        if self._totals is None:
            entries = journal.parent if journal is not None else None
            stated = entries.texts if entries is not None else {}
            totals = {f"total{side}": stated.get(f"Total{side}", "") for side in ("Debit", "Credit")}
            line = entries.line if entries is not None else None
            self._totals = SectionTotals("GeneralLedgerEntries", totals, line)
        transaction = _Transaction(self._header.period, self._year, element, journal)
        self._transaction = transaction
        return transaction

    def _balance(self, values: dict[str, str], which: str) -> Decimal:
        debit = self._read(values, f"{which}DebitBalance", needed=False)
        return debit - self._read(values, f"{which}CreditBalance", needed=False)

    def _read(self, values: dict[str, str], column: str, *, needed: bool = True) -> Decimal:
        text = values.get(column, "")
        if not text and not needed:
            return ZERO
        try:
            return self._amounts.read(text)
        except BadValueError as error:
            error.column = column
            raise


class _Transaction:
    """What a transaction says of all its lines; a faulty date is told with each line."""

    def __init__(
        self, file_period: str, year: YearOfFile, element: Element | None, journal: Element | None
    ) -> None:
        values = element.texts if element is not None else {}
        self.journal = (journal.texts.get("JournalID") if journal is not None else None) or None
        self.place = Place(self.journal or "", line=element.line if element is not None else None)
        self.booking = f"{file_period}/{self.journal or ''}/{values.get('TransactionID', '')}"
        self.period = values.get("Period") or None
        self.description = values.get("Description") or None
        self.document = values.get("DocArchivalNumber") or None
        self.relation = values.get("CustomerID") or values.get("SupplierID") or ""
        self.fault = ""
        self.day: date | None = None
        try:
            day = xml_day(values.get("TransactionDate", ""))
            self.day = year.place(day, self.period, element.line if element is not None else None)
        except BadValueError as error:
            self.fault = error.message
