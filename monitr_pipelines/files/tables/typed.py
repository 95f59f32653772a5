"""Cells that have a type: numbers and days that are exact as they are stored, judged apart from text.

A spreadsheet that understood a date or an amount made a day or a number of it, and left as text what it did
not understand. So the marks of text cells tell nothing of the other cells, and the other way round.
"""

import re
from datetime import date, timedelta
from decimal import Decimal

from monitr_pipelines.files.reading.accounts import Accounts, refuse_day
from monitr_pipelines.files.reading.amounts import AmountReader
from monitr_pipelines.files.reading.cache import remember
from monitr_pipelines.files.reading.dates import (
    DAY_OR_MONTH_FIRST,
    MONTHS,
    MOST_CACHED,
    DateFormat,
    DateReader,
    calendar_day,
)
from monitr_pipelines.files.reading.problems import BadValueError, Question, ask, shown
from monitr_pipelines.ledger.money import within_limits
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.messages import Answer, Option

STORED = "stored"
TURNED = "turned"
DATE_CELLS = (STORED, TURNED)
# A number of days is taken for a booking date within these years only; Excel's own reach much further.
FIRST_YEAR, LAST_YEAR = 1980, 2099
DAYS = re.compile(r"\d{5}", re.ASCII)
# 50124 may be a number of days, or the fifth of January 2024 that lost its zero.
DAY_MONTH_YEAR = re.compile(r"[1-9](?:0[1-9]|1[0-2])\d\d", re.ASCII)
ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", re.ASCII)


class TypedNumber(str):
    """The digits of a cell that holds a number, with a decimal point; its days count from `FIRST_DAY`."""

    __slots__ = ()
    FIRST_DAY = date(1899, 12, 30)

    def day(self) -> date | None:
        """The day of this number of days, None where no booking date would be it."""
        if not DAYS.fullmatch(self):
            return None
        day = self.FIRST_DAY + timedelta(int(self))
        return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


class TypedNumberFrom1904(TypedNumber):
    """A number in a workbook whose days count from 1904 on."""

    __slots__ = ()
    FIRST_DAY = date(1904, 1, 1)


class TypedDay(str):
    """A day that a cell shows as a date: YYYY-MM-DD, with the time of day behind it where it has one."""

    __slots__ = ()


class TypedAccounts(Accounts):
    """Notes accounts; a cell that shows a day holds the code of none."""

    def code(self, text: str, name: str, kind: str = "", day: date | None = None) -> str:
        """The code of an account, or BadValueError."""
        if isinstance(text, TypedDay):
            refuse_day(text)
        return super().code(text, name, kind, day)


class TypedAmountReader(AmountReader):
    """Reads amounts; those of number cells are exact, whatever marks the text cells have."""

    def read(self, text: str) -> Decimal:
        """The amount, or BadValueError."""
        if not isinstance(text, TypedNumber):
            return super().read(text)
        amount = Decimal(text)
        if not within_limits(amount):
            raise BadValueError("amount_out_of_range", sentence("amount_out_of_range", text=shown(text)))
        return amount


class TypedDateReader(DateReader):
    """Reads dates; `cells` says how date cells are read, `numbers` whether numbers of days are dates."""

    def __init__(self, written: DateFormat, cells: str, *, numbers: bool) -> None:
        super().__init__(written, or_iso=True)
        self._turned = cells == TURNED
        self._numbers = numbers
        self._days: dict[str, date] = {}

    def read(self, text: str) -> date:
        """The date, or BadValueError; of a moment its day counts."""
        if isinstance(text, TypedDay) or (self._numbers and isinstance(text, TypedNumber)):
            known = self._days.get(text)
            if known is None:
                known = self._day(text)
                remember(self._days, text, known, MOST_CACHED)
            return known
        return super().read(text)

    def _day(self, text: str) -> date:
        day = text.day() if isinstance(text, TypedNumber) else None
        found = ISO_DAY.match(day.isoformat() if day else text)
        if found is None:
            return super().read(text)
        parts = found.groupdict()
        if self._turned:
            parts["day"], parts["month"] = parts["month"], parts["day"]
        return calendar_day(str(text), parts)


class DateCells:
    """What the cells of a date column tell beside its text: whether days were turned round, what numbers are.

    A spreadsheet of another country reads 05/02 as the second of May and leaves 13/02 as text, for there is
    no thirteenth month. So where every date cell could be turned round, and no text could have been read,
    they may have been.
    """

    def __init__(self, given: str | None) -> None:
        if given is not None and given not in DATE_CELLS:
            ask(Question("date_cells_unknown", {"value": given}, Answer(Option.DATE_CELLS, DATE_CELLS)))
        self._given = given
        self._turnable: tuple[date, int | str] | None = None
        self._not_turned = False
        self._text: tuple[str, int | str] | None = None
        self._other = False
        self._number: tuple[str, date, int | str] | None = None
        self._clear_numbers = False

    def take(self, cell: str, line: int | str) -> bool:
        """Take a cell of the date column into account; False where it has to be judged as text."""
        if isinstance(cell, TypedDay):
            found = ISO_DAY.match(cell)
            if found is None:
                return False
            self._add_day(date.fromisoformat(found[0]), line)
            return True
        if isinstance(cell, TypedNumber) and (day := cell.day()):
            self._number = self._number or (str(cell), day, line)
            self._clear_numbers = self._clear_numbers or not DAY_MONTH_YEAR.fullmatch(cell)
            self._add_day(day, line)
            return True
        if text := cell.strip():
            self._other = True
            self._add_text(text, line)
        return False

    @property
    def cells(self) -> str:
        """How date cells are read."""
        return self._given or STORED

    @property
    def numbers(self) -> bool:
        """Whether numbers of days are dates."""
        return self._number is not None

    def question(self) -> Question | None:
        """What the cells leave open, if anything."""
        if self._given is not None:
            return None
        if self._turnable and self._text and not self._not_turned:
            day, line = self._turnable
            text, text_line = self._text
            other = date(day.year, day.day, day.month)
            return Question(
                "turned_dates",
                {"day": day, "line": line, "other": other, "text": text, "text_line": text_line},
                Answer(Option.DATE_CELLS, (TURNED, STORED)),
            )
        if self._number and (self._other or not self._clear_numbers):
            number, day, line = self._number
            return Question(
                "day_number",
                {"number": number, "line": line, "day": day},
                Answer(Option.DATE_CELLS, (STORED,)),
            )
        return None

    def told(self) -> str:
        """How date cells are read, for whoever looks at it; empty where there is nothing to say."""
        told = []
        if self._given is not None:
            told.append("day and month exchanged (given)" if self._given == TURNED else "as stored (given)")
        if self.numbers:
            told.append("numbers of days, such as {} for {}".format(*(self._number or ())))
        return "; ".join(told)

    def _add_day(self, day: date, line: int | str) -> None:
        if day.day > MONTHS:
            self._not_turned = True
        elif day.day != day.month:
            self._turnable = self._turnable or (day, line)

    def _add_text(self, text: str, line: int | str) -> None:
        found = DAY_OR_MONTH_FIRST.match(text)
        if found is None:
            return
        if max(int(found[1]), int(found[2])) > MONTHS:
            self._text = self._text or (text, line)
        else:
            self._not_turned = True
