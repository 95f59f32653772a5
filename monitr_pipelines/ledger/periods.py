"""Fiscal years of an entity: any start month, with broken and long years as named exceptions.

A fiscal year is made of whole calendar months (Belgian law allows a first or changed year of up to
24 months less a day; Dutch law likewise knows short and long first years).
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

LONGEST_YEAR_IN_MONTHS = 24


class Month(NamedTuple):
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month that a day falls in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read `YYYY-MM`; ValueError says what was found."""
        found = re.fullmatch(r"(\d{4})-(0?[1-9]|1[0-2])", text.strip(), re.ASCII)
        if found is None or found[1] == "0000":
            raise ValueError(f"{text!r} is not a month; write YYYY-MM, such as 2026-01")
        return cls(int(found[1]), int(found[2]))

    def plus(self, months: int) -> "Month":
        """The month so many months later (earlier when negative)."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(years, month + 1)

    def until(self, other: "Month") -> int:
        """How many months later `other` is."""
        return (other.year - self.year) * 12 + other.month - self.month

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, order=True, slots=True)
class FiscalYear:
    """The months from `first` up to and including `last`."""

    first: Month
    last: Month

    @property
    def start(self) -> date:
        """The first day of the year."""
        return self.first.first_day

    @property
    def end(self) -> date:
        """The first day after the year."""
        return self.last.plus(1).first_day

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


@dataclass(frozen=True)
class FiscalCalendar:
    """Which fiscal year a month belongs to.

    Years begin in `start_month`, except where `exceptions` names another span; the regular years
    around an exception are cut short by it, so that every month belongs to just one year.
    """

    start_month: int = 1
    exceptions: tuple[FiscalYear, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.start_month <= 12:
            raise ValueError(f"a fiscal year starts in month 1 to 12, not {self.start_month}")
        for year in self.exceptions:
            if not 0 <= year.first.until(year.last) < LONGEST_YEAR_IN_MONTHS:
                raise ValueError(f"fiscal year {year} must hold 1 to {LONGEST_YEAR_IN_MONTHS} months")
        ordered = sorted(self.exceptions)
        for earlier, later in pairwise(ordered):
            if later.first <= earlier.last:
                raise ValueError(f"fiscal years {earlier} and {later} overlap")

    @classmethod
    def parse(cls, start_month: int, years: str = "") -> "FiscalCalendar":
        """Read exceptions written as `2023-07..2024-12, 2030-01..2030-06`."""
        return cls(start_month, tuple(map(_parse_year, filter(str.strip, years.split(",")))))

    def year_of(self, month: Month) -> FiscalYear:
        """The fiscal year that holds a month."""
        return _year_of(self, month)


def _parse_year(text: str) -> FiscalYear:
    first, separator, last = text.partition("..")
    if not separator:
        raise ValueError(
            f"{text.strip()!r} is not a fiscal year; write FIRST..LAST, such as 2023-07..2024-12"
        )
    return FiscalYear(Month.parse(first), Month.parse(last))


@lru_cache(maxsize=4096)
def _year_of(calendar: FiscalCalendar, month: Month) -> FiscalYear:
    for year in calendar.exceptions:
        if year.first <= month <= year.last:
            return year
    first = Month(month.year - (month.month < calendar.start_month), calendar.start_month)
    last = first.plus(11)
    for year in calendar.exceptions:
        if year.last < month:
            first = max(first, year.last.plus(1))
        else:
            last = min(last, year.first.plus(-1))
    return FiscalYear(first, last)
