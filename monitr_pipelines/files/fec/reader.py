"""One record of a FEC as a ledger line."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from monitr_pipelines.files.fec.layout import OPTIONAL, FecLayout
from monitr_pipelines.files.fec.opening import opens_the_year
from monitr_pipelines.files.reading.accounts import Accounts
from monitr_pipelines.files.reading.amounts import AmountReader
from monitr_pipelines.files.reading.cache import remember
from monitr_pipelines.files.reading.dates import calendar_day
from monitr_pipelines.files.reading.problems import BadValueError, Problems, shown
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.sentences import sentence

DATE = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.]?)(?P<month>\d{2})(?P=mark)(?P<day>\d{2})"
    r"|(?P<day2>\d{1,2})[-/.](?P<month2>\d{1,2})[-/.](?P<year2>\d{4})",
    re.ASCII,
)
SIDES = {"D": 1, "+1": 1, "1": 1, "+": 1, "DEBIT": 1, "C": -1, "-1": -1, "-": -1, "CREDIT": -1}
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
MOST_CACHED = 20_000


class FecReader:
    """Turns records into lines; counts the lines of each entry, because a FEC does not number them.

    Lines of the opening journal before `opens_on` are moved to that day, the first of the file's year.
    """

    def __init__(
        self,
        layout: FecLayout,
        amounts: AmountReader,
        calendar: FiscalCalendar,
        accounts: Accounts,
        key_prefix: str = "",
        *,
        opens_on: date | None = None,
    ) -> None:
        self._amounts = amounts
        self._calendar = calendar
        self._accounts = accounts
        self._key_prefix = key_prefix
        self._opens_on = opens_on
        self._moved: list[date] = []
        self._moved_count = 0
        width = len(layout.headers)
        place = {**dict.fromkeys(OPTIONAL, width), **layout.places}
        self._journal, self._journal_label = place["journalcode"], place["journallib"]
        self._number, self._date = place["ecriturenum"], place["ecrituredate"]
        self._account, self._account_label = place["comptenum"], place["comptelib"]
        self._relation, self._relation_code = place["compauxlib"], place["compauxnum"]
        self._piece, self._label = place["pieceref"], place["ecriturelib"]
        self._foreign, self._currency = place["montantdevise"], place["idevise"]
        self._signed = layout.signed
        self._first, self._second = (
            (place["montant"], place["sens"]) if layout.signed else (place["debit"], place["credit"])
        )
        self._days: dict[str, tuple[date, str]] = {}
        self._openings: dict[str, bool] = {}
        self._lines_of: dict[str, int] = {}

    def line(self, record: list[str]) -> LedgerLine:
        """The line of a record as wide as the header, or BadValueError."""
        record.append("")
        day, year = self.day(record)
        account = self._accounts.code(record[self._account], record[self._account_label], day=day)
        amount = self.amount(record)
        journal = record[self._journal].strip()
        opening = self.opens(record)
        if self._opens_on is not None and opening and day < self._opens_on:
            day, year = self._move(day, self._opens_on)
        piece = record[self._piece].strip()
        booking = f"{year}/{journal}/{self.entry(record[self._number].strip(), f'{day:%Y%m%d}', piece)}"
        (key,) = self.keys([booking])
        foreign, currency = self.in_currency(record, amount) if record[self._currency] else (None, None)
        return LedgerLine(
            external_id=key,
            booking_date=day,
            account_code=account,
            amount=amount,
            booking=booking,
            journal=journal or None,
            document_number=piece or None,
            relation=record[self._relation].strip() or record[self._relation_code].strip() or None,
            description=record[self._label].strip() or None,
            foreign_amount=foreign,
            foreign_currency=currency,
            opening=opening,
        )

    def tell(self, problems: Problems) -> None:
        """Say once how many lines of the opening were moved, if any."""
        if self._moved_count and self._opens_on is not None:
            first, last = self._moved
            told = sentence(
                "opening_moved", count=self._moved_count, first=first, last=last, day=self._opens_on
            )
            problems.warn("opening_moved", told)

    def _move(self, day: date, opens_on: date) -> tuple[date, str]:
        self._moved_count += 1
        self._moved = [min([day, *self._moved]), max([day, *self._moved])]
        return opens_on, str(self._calendar.year_of(Month.of(opens_on)))

    def entry(self, number: str, day: str, piece: str) -> str:
        """The number of an entry; where software writes none, or 0 in every line, its document stands in."""
        return number if number.strip("0") else f"{day}-{piece}"

    def keys(self, bookings: Iterable[str]) -> list[str]:
        """The keys of lines of bookings: each is counted among the lines of its own."""
        lines_of, prefix = self._lines_of, self._key_prefix
        keys = []
        for booking in bookings:
            lines_of[booking] = ordinal = lines_of.get(booking, 0) + 1
            keys.append(f"{prefix}{booking}/{ordinal}")
        return keys

    def amount(self, record: list[str]) -> Decimal:
        """The amount of a record, debit positive."""
        return self._montant_sens(record) if self._signed else self._debit_credit(record)

    def day(self, record: list[str]) -> tuple[date, str]:
        """The booking date of a record and its fiscal year."""
        text = record[self._date]
        known = self._days.get(text)
        if known is None:
            day = day_of(text.strip())
            known = (day, str(self._calendar.year_of(Month.of(day))))
            remember(self._days, text, known, MOST_CACHED)
        return known

    def opens(self, record: list[str]) -> bool:
        """Whether the journal of a record carries the balances of the year before over."""
        journal, label = record[self._journal].strip(), record[self._journal_label]
        told = f"{journal}\t{label}"
        known = self._openings.get(told)
        if known is None:
            known = opens_the_year(journal, label)
            remember(self._openings, told, known, MOST_CACHED)
        return known

    def _amount(self, text: str, column: str) -> Decimal:
        # The blanks that pad a field are as many as the column is wide.
        if not text or text.isspace():
            return ZERO
        try:
            return self._amounts.read(text.strip())
        except BadValueError as error:
            error.column = column
            raise

    def _debit_credit(self, record: list[str]) -> Decimal:
        debit = self._amount(record[self._first], "debit")
        credit = self._amount(record[self._second], "credit")
        if not credit:
            if not debit and not (record[self._first] + record[self._second]).strip():
                raise BadValueError("amount_empty", sentence("no_side_given"), "debit")
            return debit
        if debit:
            raise BadValueError(
                "debit_and_credit", sentence("debit_and_credit_both", debit=debit, credit=credit), "debit"
            )
        return -credit

    def _montant_sens(self, record: list[str]) -> Decimal:
        if not record[self._first].strip():
            raise BadValueError("amount_empty", sentence("amount_empty"), "montant")
        side = record[self._second].strip().upper()
        if side not in SIDES:
            raise BadValueError("bad_side", sentence("bad_side", text=shown(side)), "sens")
        return self._amount(record[self._first], "montant") * SIDES[side]

    def in_currency(self, record: list[str], amount: Decimal) -> tuple[Decimal | None, str | None]:
        """The amount in a foreign currency, its sign that of the line: not all software writes one."""
        currency = record[self._currency].strip().upper()
        if not CURRENCY.fullmatch(currency) or not record[self._foreign].strip():
            return None, None
        foreign = self._amount(record[self._foreign], "montantdevise")
        return (foreign.copy_sign(amount) if foreign and amount else foreign), currency


def day_of(text: str) -> date:
    """A date of the file without blanks around it, or BadValueError."""
    found = DATE.fullmatch(text)
    if found is None:
        told = (
            sentence("no_date_in", text=shown(text), notation="YYYYMMDD") if text else sentence("date_empty")
        )
        raise BadValueError("bad_date", told, "ecrituredate")
    parts = {name.rstrip("2"): part for name, part in found.groupdict().items() if part and name != "mark"}
    try:
        return calendar_day(text, parts)
    except BadValueError as error:
        error.column = "ecrituredate"
        raise
