"""Which fiscal year a FEC is of, from its dates: the law gives a file one year, and no header names it.

The same pass finds the first amount that has a decimal mark.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import repeat
from operator import itemgetter

from monitr_pipelines.files.fec.layout import FecLayout
from monitr_pipelines.files.fec.opening import opens_the_year
from monitr_pipelines.files.fec.reader import day_of
from monitr_pipelines.files.reading.problems import BadValueError
from monitr_pipelines.files.reading.records import DelimitedText, Text, text_lines
from monitr_pipelines.ledger.periods import LONGEST_YEAR_IN_MONTHS, FiscalCalendar, FiscalYear, Month

CHUNK = 1 << 16
LONGEST_LINE = 1 << 20
USUAL_MONTHS = 12
# Of different journals and days; a file that has more is not one whose year can be told.
MOST_DIFFERENT = 100_000

SEEN = ("journalcode", "journallib", "ecrituredate")


@dataclass(frozen=True)
class FecYear:
    """What the dates tell: the `year` where they do, and the day that openings of before are moved to.

    `start` is None unless the opening journal has lines dated before the year of the others, as detailed
    openings ("a-nouveaux detailles") that keep the date of each open item have.
    """

    year: FiscalYear | None = None
    start: date | None = None


class FirstMark:
    """The first amount of a file that has a decimal mark: `text`, None until it is seen, in `line`."""

    def __init__(self, source: DelimitedText, layout: FecLayout) -> None:
        mark = re.escape(source.delimiter)
        names = ("montant",) if layout.signed else ("debit", "credit")
        before = [f"(?:[^{mark}\n]*{mark}){{{layout.places[name]}}}" for name in names]
        self._pattern = re.compile(
            f"^(?:{'|'.join(before)})([^{mark}\n]*[.,][^{mark}\n]*)(?={mark}|$)", re.MULTILINE
        )
        self.text: str | None = None
        self.line = 1

    def add(self, piece: str) -> None:
        """Look through whole lines, the next ones of the file."""
        if self.text is not None:
            return
        found = self._pattern.search(piece)
        if found:
            self.text = found[1].strip()
        self.line += piece.count("\n", 0, found.start() if found else len(piece))


def year_of_file(
    source: DelimitedText, layout: FecLayout, calendar: FiscalCalendar, first_mark: FirstMark | None = None
) -> FecYear:
    """The year of a FEC, by one quick pass over its journals and dates; values that are faulty are left out.

    `calendar` is the entity's: it tells where a year begins whose opening does not. `first_mark` looks
    through the same text.
    """
    openings: set[date] = set()
    others: set[date] = set()
    days: dict[str, date | None] = {}
    for code, label, text in _different(source, layout, first_mark):
        if text not in days:
            days[text] = _day(text)
        day = days[text]
        if day is not None:
            (openings if opens_the_year(code, label) else others).add(day)
    return conclude(openings, others, calendar)


def conclude(openings: set[date], others: set[date], calendar: FiscalCalendar) -> FecYear:
    """What the days of the opening journal and those of all other journals tell together."""
    if not others:
        return FecYear()
    first, last = min(others), max(others)
    months = Month.of(first).until(Month.of(last)) + 1
    before = {day for day in openings if day <= first}
    if months > LONGEST_YEAR_IN_MONTHS:
        return FecYear()
    if not before:
        whole = months == USUAL_MONTHS and not openings
        return FecYear(_span(Month.of(first), months) if whole else None)
    start = _told_start(before, first, last, calendar)
    year = None
    if start is not None:
        months = Month.of(start).until(Month.of(last)) + 1
        # An opening among the others' days, in more months than a year has: these are the books of two.
        if months <= USUAL_MONTHS or before == openings:
            year = _span(Month.of(start), max(months, USUAL_MONTHS))
    else:
        start = calendar.year_of(Month.of(first)).start
        if max(before) > start:
            start = Month.of(first).first_day
    return FecYear(year, start if min(before) < start else None)


def _told_start(before: set[date], first: date, last: date, calendar: FiscalCalendar) -> date | None:
    """The first day of the year where the opening stands on it, or on the day before it."""
    latest = max(before)
    month = Month.of(first)
    if latest.day == 1:
        # The one day of an opening is that of the year, unless the others are of a later year.
        within = Month.of(latest).until(Month.of(last)) < USUAL_MONTHS and len(before) == 1
        return latest if within or Month.of(latest) == month else None
    morrow = latest + timedelta(days=1)
    return morrow if morrow in {month.first_day, calendar.year_of(month).start} else None


def _span(first: Month, months: int) -> FiscalYear | None:
    return FiscalYear(first, first.plus(months - 1)) if months <= LONGEST_YEAR_IN_MONTHS else None


def _day(text: str) -> date | None:
    try:
        return day_of(text.strip())
    except BadValueError:
        return None


def _different(
    source: DelimitedText, layout: FecLayout, first_mark: FirstMark | None
) -> Iterator[tuple[str, str, str]]:
    """The different (journal, label, date) of the file, from its lines divided at their first marks."""
    names = [name for name in SEEN if name in layout.places]
    places = [layout.places[name] for name in names]
    marks = max(places) + 1
    told = itemgetter(*places)
    seen: set[tuple[str, ...]] = set()
    with text_lines(source.stream, source.encoding) as lines:
        for piece in _pieces(lines.text):
            if first_mark:
                first_mark.add(piece)
            divided = map(str.split, piece.split("\n"), repeat(source.delimiter), repeat(marks))
            for found in {told(fields) for fields in divided if len(fields) > marks} - seen:
                if len(seen) == MOST_DIFFERENT:
                    return
                seen.add(found)
                value = dict(zip(names, (_bare(text, source) for text in found), strict=True))
                yield value["journalcode"], value.get("journallib", ""), value["ecrituredate"]


def _bare(text: str, source: DelimitedText) -> str:
    text = text.strip()
    return text.removeprefix('"').removesuffix('"').strip() if source.quoted else text


def _pieces(text: Text) -> Iterator[str]:
    """Pieces of whole lines, as long as lines are of a length that any FEC has."""
    rest = ""
    while chunk := text.read(CHUNK):
        rest += chunk
        # A return at the end may be the first half of what ends a line.
        cut = max(rest.rfind("\n"), rest.rfind("\r", 0, -1)) + 1
        yield _divided_by_newlines(rest[:cut])
        rest = rest[cut:][-LONGEST_LINE:]
    yield _divided_by_newlines(rest)


def _divided_by_newlines(piece: str) -> str:
    """Lines; a return before a newline may stay, for it stands behind all that is looked for."""
    if piece.count("\r") == piece.count("\r\n"):
        return piece
    return piece.replace("\r\n", "\n").replace("\r", "\n")
