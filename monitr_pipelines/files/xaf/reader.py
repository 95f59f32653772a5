"""The lines of a Dutch audit file, in one streaming pass."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial

from monitr_pipelines.files.audit.characters import XmlCharacters
from monitr_pipelines.files.audit.days import YearOfFile
from monitr_pipelines.files.audit.elements import Element, Elements, Labels, refuse_faulty
from monitr_pipelines.files.audit.header import FileHeader, xml_day
from monitr_pipelines.files.audit.openings import OPENING_TYPE, Openings, Place
from monitr_pipelines.files.audit.totals import SectionTotals
from monitr_pipelines.files.reading.accounts import check_code
from monitr_pipelines.files.reading.amounts import AmountReader
from monitr_pipelines.files.reading.limits import fits
from monitr_pipelines.files.reading.problems import BadValueError, Problems, shown
from monitr_pipelines.files.reading.xml import read_xml
from monitr_pipelines.files.xaf.header import NAMESPACE
from monitr_pipelines.files.xaf.master import XafMaster
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.sentences import sentence

SIDES = {"D": 1, "C": -1}
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
LABELS = frozenset({"desc", "accDesc", "custSupName", "basicDesc"})
CODES = frozenset(
    {
        "accID", "accTp", "amnt", "amntTp", "artGrpID", "basicID", "basicType", "costID", "curAmnt",
        "curCode", "custSupID", "docRef", "jrnID", "jrnTp", "nr", "periodNumber", "prodID", "projID", "trDt",
    }
)  # fmt: skip


class XafReader:
    """Walks through the file; knows the journal and the transaction that a line stands in."""

    def __init__(
        self, header: FileHeader, master: XafMaster, problems: Problems, key_prefix: str = ""
    ) -> None:
        self._header = header
        self._key_prefix = key_prefix
        self._master = master
        self._problems = problems
        self._year = YearOfFile(header.start, header.end)
        self._openings = Openings(header.start, problems)
        self._amounts = AmountReader(".", "", "the format's own")
        self._opening_count = 0
        self._opening_totals: SectionTotals | None = None
        self._totals: SectionTotals | None = None
        self._journal: str | None = None
        self._transaction: _Transaction | None = None
        # Transactions of one number may stand apart in a journal, so a count is kept for each.
        self._lines_of: dict[str, int] = {}
        self._in_foreign: dict[str, str] = {}

    def lines(self, characters: XmlCharacters) -> Iterator[LedgerLine]:
        """All lines of the file; problems are added to those given."""
        handlers: dict[str, Callable[[Element], list[LedgerLine] | None]] = {
            "ledgerAccount": self._end_account,
            "basic": self._end_basic,
            "customerSupplier": self._end_relation,
            "period": self._end_period,
            "obLine": self._end_opening_line,
            "currency": self._end_currency,
            "trLine": self._end_line,
            "transaction": self._end_transaction,
            "journal": self._end_journal,
            "openingBalance": self._end_opening_balance,
            "transactions": self._end_transactions,
        }
        guarded = {name: partial(self._guarded, handle) for name, handle in handlers.items()}
        labels = Labels(LABELS, CODES, self._problems)
        elements = Elements(guarded, namespace=NAMESPACE, encoding=characters.encoding, labels=labels)
        for lines in read_xml(characters.open(), elements, refuse_faulty):
            yield from lines
        labels.tell()
        self._year.tell(self._problems)

    def _guarded(
        self, handle: Callable[[Element], list[LedgerLine] | None], element: Element
    ) -> list[LedgerLine] | None:
        try:
            return handle(element)
        except BadValueError as error:
            self._problems.add(error.code, error.message, line=element.line, column=error.column)
            return None

    def _end_account(self, element: Element) -> None:
        self._master.account(element.texts)

    def _end_basic(self, element: Element) -> None:
        self._master.basic(element.texts)

    def _end_relation(self, element: Element) -> None:
        self._master.relation(element.texts)

    def _end_currency(self, element: Element) -> None:
        self._in_foreign = element.texts

    def _end_period(self, element: Element) -> None:
        """Which days a period has; a file need not say so, and what is faulty here is told with its lines."""
        values = element.texts
        try:
            first, last = xml_day(values.get("startDatePeriod", "")), xml_day(values.get("endDatePeriod", ""))
        except BadValueError:
            return
        self._year.period(values.get("periodNumber", ""), first, last)

    def _end_transaction(self, _: Element) -> list[LedgerLine]:
        self._transaction = None
        return self._openings.end_of_entry()

    def _end_journal(self, _: Element) -> list[LedgerLine]:
        self._journal = None
        return self._openings.end_of_journal()

    def _end_opening_balance(self, element: Element) -> None:
        totals = self._opening_totals or _section("openingBalance", element)
        totals.compare(self._amounts, self._problems)

    def _end_transactions(self, element: Element) -> None:
        totals = self._totals or _section("transactions", element)
        totals.compare(self._amounts, self._problems)

    def _end_opening_line(self, element: Element) -> list[LedgerLine]:
        if self._opening_totals is None:
            self._opening_totals = _section("openingBalance", element.parent)
        values = element.texts
        self._opening_count += 1
        amount = self._amount(values, self._opening_totals)
        line = fits(
            LedgerLine(
                external_id=f"{self._key_prefix}{self._header.period}/opening/{self._opening_count}",
                booking_date=self._header.start,
                account_code=_account(values),
                amount=amount,
                booking="opening",
                line_number=values.get("nr") or None,
                opening=True,
            )
        )
        return [self._openings.section_line(line)]

    def _end_line(self, element: Element) -> list[LedgerLine]:
        transaction = self._transaction or self._open(element.parent)
        values, in_foreign = element.texts, self._in_foreign
        self._in_foreign = {}
        ordinal = self._lines_of.get(transaction.booking, 0) + 1
        self._lines_of[transaction.booking] = ordinal
        if self._totals is None:
            self._totals = SectionTotals("transactions", {}, None)
        amount = self._amount(values, self._totals)
        foreign, currency = self._in_currency(in_foreign, values)
        if transaction.day is None:
            raise BadValueError("bad_date", transaction.fault, "trDt")
        line = fits(
            LedgerLine(
                external_id=f"{self._key_prefix}{transaction.booking}/{ordinal}",
                booking_date=transaction.day,
                account_code=_account(values),
                amount=amount,
                booking=transaction.booking,
                line_number=values.get("nr") or None,
                period=transaction.period,
                journal=transaction.journal,
                document_number=values.get("docRef") or None,
                relation=self._master.relation_name(values.get("custSupID", "")),
                description=values.get("desc") or transaction.description,
                foreign_amount=foreign,
                foreign_currency=currency,
                axes=self._master.axes_of(values),
            )
        )
        return self._openings.line(line, transaction.place)

    def _open(self, element: Element | None) -> "_Transaction":
        """The transaction whose first line has just been read; what it says stands before its lines."""
        values = element.texts if element is not None else {}
        journal = element.parent if element is not None else None
        if self._journal is None:
            self._journal = journal.texts.get("jrnID", "") if journal is not None else ""
            if self._totals is None:
                self._totals = _section("transactions", journal.parent if journal is not None else None)
        opens = journal is not None and journal.texts.get("jrnTp", "").upper() == OPENING_TYPE
        place = Place(self._journal, opens, element.line if element is not None else None)
        transaction = _Transaction(self._header.period, self._year, place, values)
        self._transaction = transaction
        return transaction

    def _amount(self, values: dict[str, str], totals: SectionTotals) -> Decimal:
        side = values.get("amntTp", "").upper()
        if side not in SIDES:
            raise BadValueError("bad_side", sentence("bad_side", text=shown(side)), "amntTp")
        amount = self._read(values.get("amnt", ""), "amnt")
        totals.add(side, amount)
        return amount * SIDES[side]

    def _read(self, text: str, column: str) -> Decimal:
        try:
            return self._amounts.read(text)
        except BadValueError as error:
            error.column = column
            raise

    def _in_currency(
        self, stated: dict[str, str], values: dict[str, str]
    ) -> tuple[Decimal | None, str | None]:
        """The amount in a foreign currency, which the file writes without the side of the line."""
        code = stated.get("curCode", "").upper()
        if not CURRENCY.fullmatch(code) or not stated.get("curAmnt"):
            return None, None
        return self._read(stated["curAmnt"], "curAmnt") * SIDES[values["amntTp"].upper()], code


class _Transaction:
    """What a transaction says of all its lines; a faulty date is told with each line."""

    def __init__(self, file_period: str, year: YearOfFile, place: Place, values: dict[str, str]) -> None:
        self.place = place
        self.journal = place.journal or None
        self.booking = f"{file_period}/{place.journal}/{values.get('nr', '')}"
        self.period = values.get("periodNumber") or None
        self.description = values.get("desc") or None
        self.fault = ""
        self.day: date | None = None
        try:
            self.day = year.place(xml_day(values.get("trDt", "")), self.period, place.line)
        except BadValueError as error:
            self.fault = error.message


def _account(values: dict[str, str]) -> str:
    code = values.get("accID", "")
    check_code(code, "accID")
    return code


def _section(name: str, element: Element | None) -> SectionTotals:
    if element is None:
        return SectionTotals(name, {}, None)
    # What it states before its lines; the texts of an element go on being gathered.
    return SectionTotals(name, dict(element.texts), element.line)
