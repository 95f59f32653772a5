"""Financial periods, as browses name them: `yyyy/pp`. Their names sort as they follow one another."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from monitr_pipelines.providers.twinfield.faults import unknown
from monitr_pipelines.providers.twinfield.values import is_number

OPENING, YEAR_END = 0, 55
FIRST, LAST = "1900/00", "2099/55"


class Range(NamedTuple):
    """Periods from one to another, both included."""

    first: str
    last: str

    def holds(self, period: str) -> bool:
        """Whether a period lies in it."""
        return self.first <= period <= self.last


class Period(NamedTuple):
    """A period of a year, with its last day."""

    end: date
    year: int
    number: int


EVERYTHING = Range(FIRST, LAST)


@lru_cache(1000)
def period_name(year: str, number: str) -> str:
    """A period by its year and its number within that."""
    if not (is_number(year) and is_number(number) and len(year) == len("yyyy") and int(number) <= YEAR_END):
        unknown("a period is none")
    return f"{year}/{int(number):02}"


def ranges_of(used: Iterable[str], after: str | None) -> list[Range]:
    """All of time, cut behind each period that is used; behind a period, what is left of it.

    A period that is between the used ones belongs to the one after it: so nothing is left out, whatever is
    not told to be used.
    """
    cuts = [period for period in sorted(set(used)) if FIRST <= period < LAST][:-1]
    firsts = [FIRST, *map(_next, cuts)]
    ranges = [Range(first, last) for first, last in zip(firsts, [*cuts, LAST], strict=True)]
    return [each for each in ranges if after is None or each.last > after]


def begun(periods: Sequence[Period], at: date) -> tuple[Period, date] | None:
    """The period that a day lies in, or the last one before it, and the first day of its year.

    None where no period has begun by then, or where nothing tells when its year does.
    """
    ends = sorted(each for each in periods if OPENING < each.number < YEAR_END)
    starts = {each: before.end + timedelta(days=1) for before, each in pairwise(ends)}
    if ends:  # nothing tells how long the first one is: a month
        starts[ends[0]] = ends[0].end.replace(day=1)
    found = [each for each in ends if starts[each] <= at]
    if not found:
        return None
    last = found[-1]
    return last, min(start for each, start in starts.items() if each.year == last.year)


def _next(period: str) -> str:
    year, number = map(int, period.split("/"))
    return f"{year:04}/{number + 1:02}" if number < YEAR_END else f"{year + 1:04}/{OPENING:02}"
