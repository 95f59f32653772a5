"""The lines of a Dutch audit file, in one streaming pass."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from lxml import etree

from monitr_pipelines.files.reading.accounts import check_code
from monitr_pipelines.files.reading.amounts import AmountReader
from monitr_pipelines.files.reading.problems import BadValueError, Problems, shown
from monitr_pipelines.files.xaf.header import NAMESPACE, XafHeader, xaf_day
from monitr_pipelines.files.xaf.master import XafMaster
from monitr_pipelines.files.xaf.stream import free, line_of, texts, xml_events
from monitr_pipelines.files.xaf.totals import SectionTotals
from monitr_pipelines.ledger.records import LedgerLine

SIDES = {"D": 1, "C": -1}
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
# Repeated elements that hold no ledger line: subledgers repeat what transactions say.
SKIPPED = ("vatCode", "period", "sbLine", "obSbLine")


class XafReader:
    """Walks through the file; knows the journal and the transaction that a line stands in."""

    def __init__(
        self, header: XafHeader, master: XafMaster, problems: Problems, key_prefix: str = ""
    ) -> None:
        self._header = header
        self._key_prefix = key_prefix
        self._master = master
        self._problems = problems
        self._amounts = AmountReader(".", "", "the format's own")
        self._opening_count = 0
        self._opening_totals: SectionTotals | None = None
        self._totals: SectionTotals | None = None
        self._journal: str | None = None
        self._transaction: _Transaction | None = None
        # Transactions of one number may stand apart in a journal, so a count is kept for each.
        self._lines_of: dict[str, int] = {}
        self._at_end: dict[str, Callable[[etree._Element], LedgerLine | None]] = {
            _tag("ledgerAccount"): self._end_account,
            _tag("basic"): self._end_basic,
            _tag("customerSupplier"): self._end_relation,
            _tag("obLine"): self._end_opening_line,
            _tag("trLine"): self._end_line,
            _tag("transaction"): self._end_transaction,
            _tag("journal"): self._end_journal,
            _tag("openingBalance"): self._end_opening_balance,
            _tag("transactions"): self._end_transactions,
            **{_tag(name): _skip for name in SKIPPED},
        }

    def lines(self, stream: BinaryIO) -> Iterator[LedgerLine]:
        """All lines of the file; problems are added to those given."""
        at_end = self._at_end
        for _, element in xml_events(stream, tuple(at_end)):
            try:
                line = at_end[element.tag](element)
            except BadValueError as error:
                self._problems.add(error.code, error.message, line=line_of(element), column=error.column)
                line = None
            if line is not None:
                yield line
            free(element)

    def _end_account(self, element: etree._Element) -> None:
        self._master.account(texts(element))

    def _end_basic(self, element: etree._Element) -> None:
        self._master.basic(texts(element))

    def _end_relation(self, element: etree._Element) -> None:
        self._master.relation(texts(element))

    def _end_transaction(self, _: etree._Element) -> None:
        self._transaction = None

    def _end_journal(self, _: etree._Element) -> None:
        self._journal = None

    def _end_opening_balance(self, element: etree._Element) -> None:
        totals = self._opening_totals or SectionTotals("openingBalance", texts(element), line_of(element))
        totals.compare(self._amounts, self._problems)

    def _end_transactions(self, element: etree._Element) -> None:
        totals = self._totals or SectionTotals("transactions", texts(element), line_of(element))
        totals.compare(self._amounts, self._problems)

    def _end_opening_line(self, element: etree._Element) -> LedgerLine:
        if self._opening_totals is None:
            self._opening_totals = _section("openingBalance", element.getparent())
        values = texts(element)
        self._opening_count += 1
        amount = self._amount(values, self._opening_totals)
        return LedgerLine(
            external_id=f"{self._key_prefix}{self._header.period}/opening/{self._opening_count}",
            booking_date=self._header.start,
            account_code=_account(values),
            amount=amount,
            booking="opening",
            line_number=values.get("nr") or None,
            opening=True,
        )

    def _end_line(self, element: etree._Element) -> LedgerLine:
        transaction = self._transaction or self._open(element.getparent())
        values = texts(element)
        ordinal = self._lines_of.get(transaction.booking, 0) + 1
        self._lines_of[transaction.booking] = ordinal
        if self._totals is None:
            self._totals = SectionTotals("transactions", {}, None)
        amount = self._amount(values, self._totals)
        foreign, currency = self._in_currency(element, values)
        if transaction.day is None:
            raise BadValueError("bad_date", transaction.fault, "trDt")
        return LedgerLine(
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

    def _open(self, element: etree._Element | None) -> "_Transaction":
        """The transaction whose first line has just been read; what it says stands before its lines."""
        values = texts(element) if element is not None else {}
        journal = element.getparent() if element is not None else None
        if self._journal is None:
            stated = texts(journal) if journal is not None else {}
            self._journal = stated.get("jrnID", "")
            if self._totals is None:
                self._totals = _section("transactions", journal.getparent() if journal is not None else None)
        transaction = _Transaction(self._header, self._journal, values)
        self._transaction = transaction
        return transaction

    def _amount(self, values: dict[str, str], totals: SectionTotals) -> Decimal:
        side = values.get("amntTp", "").upper()
        if side not in SIDES:
            raise BadValueError("bad_side", f"{shown(side)} is neither D (debit) nor C (credit)", "amntTp")
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
        self, element: etree._Element, values: dict[str, str]
    ) -> tuple[Decimal | None, str | None]:
        """The amount in a foreign currency, which the file writes without the side of the line."""
        if "currency" not in values:
            return None, None
        stated = texts(element[[child.tag for child in element].index(_tag("currency"))])
        code = stated.get("curCode", "").upper()
        if not CURRENCY.fullmatch(code) or not stated.get("curAmnt"):
            return None, None
        return self._read(stated["curAmnt"], "curAmnt") * SIDES[values["amntTp"].upper()], code


class _Transaction:
    """What a transaction says of all its lines; a faulty date is told with each line."""

    def __init__(self, header: XafHeader, journal: str, values: dict[str, str]) -> None:
        self.journal = journal or None
        self.booking = f"{header.period}/{journal}/{values.get('nr', '')}"
        self.period = values.get("periodNumber") or None
        self.description = values.get("desc") or None
        self.fault = ""
        self.day: date | None = None
        try:
            day = xaf_day(values.get("trDt", ""))
        except BadValueError as error:
            self.fault = error.message
            return
        if header.start <= day < header.end:
            self.day = day
        else:
            self.fault = (
                f"the booking date {day} lies outside the year of the file, from {header.start} up to and "
                f"including {header.last_day}"
            )


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _skip(element: etree._Element) -> None:
    """Nothing to read; the element is let go of like any other."""


def _account(values: dict[str, str]) -> str:
    code = values.get("accID", "")
    check_code(code, "accID")
    return code


def _section(name: str, element: etree._Element | None) -> SectionTotals:
    if element is None:
        return SectionTotals(name, {}, None)
    return SectionTotals(name, texts(element), line_of(element))
