"""Booking dates: which format a file writes them in, and reading them."""

import re
from dataclasses import dataclass
from datetime import date

from monitr_pipelines.files.reading.cache import remember
from monitr_pipelines.files.reading.printed.months import month_number, named_date, short_notations
from monitr_pipelines.files.reading.problems import BadValueError, Question, ask, shown
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.messages import Answer, Option

EARLIEST_YEAR = 1900
LATEST_YEAR = 2200
MOST_CACHED = 20_000
MONTHS = 12
LONGEST = 40

TOKENS = re.compile(r"YYYY|YY|DD?|MMM|MM?|%[dmYy]", re.IGNORECASE)
PARTS = {"YYYY": "year", "YY": "short", "DD": "day", "D": "day", "MMM": "name", "MM": "month", "M": "month"}
STRPTIME = {"%d": "DD", "%m": "MM", "%Y": "YYYY", "%y": "YY"}
# Of a moment its day counts; one that names a time zone may be another day here.
TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}([.]\d+)?)?( ?[AP]M)?$", re.IGNORECASE | re.ASCII)

YEAR_FIRST = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}", re.ASCII)
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2\d{4}", re.ASCII)
DAY_OR_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d", re.ASCII)
SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}", re.ASCII)
# Months with names are read whatever the format; a file with no other dates has none in digits.
NO_DIGITS = re.compile("(?!)")
COMPACT = re.compile(r"(?:19|20|21)\d{6}", re.ASCII)


@dataclass(frozen=True)
class DateFormat:
    """A way to write dates, such as DD-MM-YYYY, with how it is known."""

    notation: str
    pattern: re.Pattern[str]
    how: str

    @classmethod
    def make(cls, notation: str, how: str) -> "DateFormat":
        """From DD/MM/YYYY, DD-MMM-YY or %d/%m/%Y; ValueError when it is none of these."""
        plain = re.sub(r"%[dmYy]", lambda token: STRPTIME[token.group()], notation).upper()
        separated = re.search(r"[^DMY]", plain) is not None
        pattern, position, seen = "", 0, []
        for token in TOKENS.finditer(plain):
            part = PARTS[token.group()]
            digits = {"year": "4", "short": "2"}.get(part, "1,2" if separated else "2")
            value = r"[^\W\d_]{3,10}" if part == "name" else f"[0-9]{{{digits}}}"
            pattern += f"{re.escape(plain[position : token.start()])}(?P<{part}>{value})"
            position = token.end()
            seen.append("month" if part == "name" else part)
        if sorted(seen) not in (["day", "month", "year"], ["day", "month", "short"]):
            raise ValueError(notation)
        return cls(plain, re.compile(pattern + re.escape(plain[position:])), how)


class DateReader:
    """Reads dates of one format; remembers those seen, because a file has few different ones."""

    def __init__(self, written: DateFormat, *, or_iso: bool = False) -> None:
        self.format = written
        self.patterns = [written.pattern]
        if or_iso:
            self.patterns.append(DateFormat.make("YYYY-MM-DD", "").pattern)
        self._known: dict[str, date] = {}

    def read(self, text: str) -> date:
        """The date, or BadValueError."""
        known = self._known.get(text)
        if known is None:
            known = self._parse(text.strip())
            remember(self._known, text, known, MOST_CACHED)
        return known

    def _parse(self, text: str) -> date:
        if not text:
            raise BadValueError("bad_date", sentence("date_empty"))
        plain = TIME.sub("", text)
        for pattern in self.patterns:
            if found := pattern.fullmatch(plain):
                return calendar_day(text, found.groupdict())
        if parts := named_date(plain):
            return calendar_day(text, parts)
        raise BadValueError(
            "bad_date",
            sentence("bad_date", text=shown(text), notation=self.format.notation, how=self.format.how),
        )


def calendar_day(text: str, parts: dict[str, str]) -> date:
    """The day that the parts name, or BadValueError when there is none or it is centuries away."""
    year = int(parts["year"]) if "year" in parts else 2000 + int(parts["short"])
    named = month_number(parts["name"]) or 0 if "name" in parts else None
    try:
        day = date(year, int(parts["month"]) if named is None else named, int(parts["day"]))
    except ValueError:
        raise BadValueError("bad_date", sentence("no_day", text=shown(text))) from None
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise BadValueError(
            "bad_date",
            sentence("bad_year", text=shown(text), first=str(EARLIEST_YEAR), last=str(LATEST_YEAR)),
        )
    return day


def given_format(notation: str) -> DateFormat:
    """The format that someone wrote, or the question which is meant."""
    try:
        return DateFormat.make(notation.strip(), "given")
    except ValueError:
        ask(Question("date_format_unknown", {"value": notation}, Answer(Option.DATE_FORMAT)))


class DateEvidence:
    """What the dates of a file tell about the way they are written."""

    def __init__(self) -> None:
        self.found: DateFormat | None = None
        self._separator = ""
        self._example: tuple[str, int | str] | None = None
        self._short: tuple[str, int | str] | None = None
        self._named: tuple[str, int | str] | None = None
        self._differs = False
        self._seen: set[str] = set()

    def add(self, text: str, line: int | str) -> None:
        """Take one date into account."""
        text = TIME.sub("", text.strip())
        if text in self._seen or not 0 < len(text) <= LONGEST:
            return
        if len(self._seen) < MOST_CACHED:
            self._seen.add(text)
        if shape := YEAR_FIRST.fullmatch(text):
            self._settle(f"YYYY{shape.group(1)}MM{shape.group(1)}DD", text, line)
        elif COMPACT.fullmatch(text):
            self._settle("YYYYMMDD", text, line)
        elif shape := YEAR_LAST.fullmatch(text):
            self._two_orders(shape, text, line)
        elif SHORT_YEAR.fullmatch(text) or short_notations(text):
            self._short = self._short or (text, line)
        elif self._named is None and named_date(text):
            self._named = (text, line)

    def _two_orders(self, shape: re.Match[str], text: str, line: int | str) -> None:
        first, second = int(shape.group(1)), int(shape.group(3))
        separator = shape.group(2)
        if first > MONTHS >= second:
            self._settle(f"DD{separator}MM{separator}YYYY", text, line)
        elif second > MONTHS >= first:
            self._settle(f"MM{separator}DD{separator}YYYY", text, line)
        elif not (1 <= first <= MONTHS and 1 <= second <= MONTHS):
            return
        elif self._example is None or (first != second and not self._differs):
            self._separator = separator
            self._example = (text, line)
            self._differs = first != second

    def _settle(self, notation: str, text: str, line: int | str) -> None:
        self.found = DateFormat.make(notation, f"detected from {text} in line {line}")

    def conclude(self, layout_notation: str | None) -> DateFormat | Question:
        """The format, or the question that the file leaves open; `layout_notation` is its layout's own."""
        if self.found is not None:
            return self.found
        if self._example is not None:
            return self._day_or_month(*self._example, layout_notation)
        if self._short is not None:
            text, line = self._short
            answer = Answer(Option.DATE_FORMAT, short_notations(text))
            return Question("short_year", {"date": text, "line": line}, answer)
        if self._named is not None:
            text, line = self._named
            return DateFormat("DD month YYYY", NO_DIGITS, f"detected from {text} in line {line}")
        return DateFormat.make("YYYY-MM-DD", "the standard; no date of the file shows another")

    def _day_or_month(self, text: str, line: int | str, layout_notation: str | None) -> DateFormat | Question:
        mark = self._separator
        notation = f"DD{mark}MM{mark}YYYY"
        if not self._differs:
            return DateFormat.make(notation, "detected: day and month are the same in every date")
        if notation == layout_notation:
            return DateFormat.make(notation, "the layout's own; no date of the file shows another")
        other = f"MM{mark}DD{mark}YYYY"
        return Question(
            "day_or_month",
            {"date": text, "line": line, "first": notation, "second": other},
            Answer(Option.DATE_FORMAT, (notation, other)),
        )
