"""The lines of a SIE file, in one streaming pass."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from monitr_pipelines.files.audit.balances import Balances
from monitr_pipelines.files.audit.days import YearOfFile
from monitr_pipelines.files.audit.openings import Openings, Place
from monitr_pipelines.files.reading.amounts import AmountReader
from monitr_pipelines.files.reading.limits import fits
from monitr_pipelines.files.reading.problems import BadValueError, Problems
from monitr_pipelines.files.sie.items import Item, SieText
from monitr_pipelines.files.sie.master import SieMaster
from monitr_pipelines.files.sie.year import THIS_YEAR, SieHeader, sie_day
from monitr_pipelines.ledger.records import AccountType, LedgerLine
from monitr_pipelines.ledger.sentences import sentence


@dataclass
class Verification:
    """A verification: what it says of all its lines; `day` is None where its date is faulty."""

    series: str
    number: str
    day: date | None
    text: str
    booking: str
    line: int


class SieReader:
    """Walks through the items; knows the verification that a line stands in.

    #RTRANS and #BTRANS tell how a verification was changed; what holds now is in its #TRANS alone.
    """

    def __init__(
        self, header: SieHeader, master: SieMaster, problems: Problems, key_prefix: str = ""
    ) -> None:
        self._header = header
        self._master = master
        self._problems = problems
        self._key_prefix = key_prefix
        self._year = YearOfFile(*header.years) if header.years else None
        self._amounts = AmountReader(".", "", "the format's own")
        self._closing = Balances()
        self._results = Balances()
        self._verification: Verification | None = None
        self._is_open = False
        self._unnumbered = 0
        self._openings = Openings(header.years[0], problems) if header.years else None
        self._opened_lines = 0
        self._lines_of: defaultdict[str, int] = defaultdict(int)

    def lines(self, text: SieText) -> Iterator[LedgerLine]:
        """All lines of the file; problems are added to those given."""
        for item in text.items(self._problems):
            try:
                lines = self._take(item)
            except BadValueError as error:
                self._problems.add(error.code, error.message, line=item.line, column=f"#{item.label}")
                continue
            for line in lines:
                self._closing.found[line.account_code] += line.amount
                if not line.opening:
                    self._results.found[line.account_code] += line.amount
                yield line
        self._end()

    def _end(self) -> None:
        if self._is_open and self._verification is not None:
            told = sentence("sie_not_closed")
            self._problems.add("sie_not_closed", told, line=self._verification.line)
        self._master.settle_types()
        self._closing.tell(self._problems)
        self._results.tell(self._problems)
        if self._year is not None:
            self._year.tell(self._problems)

    def _take(self, item: Item) -> list[LedgerLine]:
        match item.label:
            case "TRANS":
                return self._line(item)
            case "VER":
                self._verification = self._opened(item)
            case "{" | "}":
                return self._opened_or_ended(is_open=item.label == "{")
            case "IB":
                return self._opening(item)
            case "UB" | "RES":
                self._stated(item)
            case "KONTO":
                self._master.account(item.field(0), item.field(1))
            case "KTYP":
                self._master.type(item.field(0), item.field(1))
            case "DIM" | "UNDERDIM":
                self._master.dimension(item)
            case "OBJEKT":
                self._master.object(item)
        return []

    def _opened_or_ended(self, *, is_open: bool) -> list[LedgerLine]:
        """The lines that were held back: a verification may state the opening balances once more."""
        self._is_open = is_open
        if is_open or self._openings is None:
            return []
        return [*self._openings.end_of_entry(), *self._openings.end_of_journal()]

    def _opened(self, item: Item) -> Verification:
        series, number, text = item.field(0), item.field(1), item.field(3)
        if not number:
            self._unnumbered += 1
        booking = f"{self._header.period}/{series}/{number or f'#{self._unnumbered}'}"
        verification = Verification(series, number, None, text, booking, item.line)
        self._verification = verification
        day = sie_day(item.field(2))
        verification.day = self._year.place(day, None, item.line) if self._year else day
        return verification

    def _line(self, item: Item) -> list[LedgerLine]:
        verification = self._verification
        if verification is None or not self._is_open:
            raise BadValueError("sie_alone", sentence("sie_alone"))
        if verification.day is None:
            return []
        booking = verification.booking
        self._lines_of[booking] += 1
        ordinal = self._lines_of[booking]
        line = fits(
            LedgerLine(
                external_id=f"{self._key_prefix}{booking}/{ordinal}",
                booking_date=verification.day,
                account_code=self._master.account(item.field(0)),
                amount=self._amount(item.field(2)),
                booking=booking,
                journal=verification.series or None,
                document_number=verification.number or None,
                description=item.field(4) or verification.text or None,
                axes=self._master.axes_of(item.field(1)),
            )
        )
        if self._openings is None:
            return [line]
        return self._openings.line(line, Place(verification.series, line=verification.line))

    def _opening(self, item: Item) -> list[LedgerLine]:
        """#IB of this year; those of years before, and of objects (#OIB), are parts of other sums."""
        if item.field(0) != THIS_YEAR or self._header.years is None or self._openings is None:
            return []
        account = self._master.account(item.field(1))
        self._master.balance(account, AccountType.BALANCE_SHEET)
        amount = self._amount(item.field(2))
        if not amount:
            return []
        self._opened_lines += 1
        line = fits(
            LedgerLine(
                external_id=f"{self._key_prefix}{self._header.period}/opening/{self._opened_lines}",
                booking_date=self._header.years[0],
                account_code=account,
                amount=amount,
                booking="opening",
                opening=True,
            )
        )
        return [self._openings.section_line(line)]

    def _stated(self, item: Item) -> None:
        if item.field(0) != THIS_YEAR:
            return
        account, amount = self._master.account(item.field(1)), self._amount(item.field(2))
        if item.label == "UB":
            self._master.balance(account, AccountType.BALANCE_SHEET)
            self._closing.state(account, amount)
        else:
            self._master.balance(account, AccountType.PROFIT_AND_LOSS)
            self._results.state(account, amount)

    def _amount(self, text: str) -> Decimal:
        return self._amounts.read(text)
