"""Days outside the year of an audit file: its package counted those bookings in that year, and so do we."""

from datetime import date, timedelta

from monitr_pipelines.files.reading.problems import Problems
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.sentences import sentence

SHOWN = 10
MOST_PERIODS = 1_000
MONTHS = 12
# A day this far from the year is no late or early invoice; when most are, the year is that of another file.
FAR_DAYS = 92


class YearOfFile:
    """The days of a file, [start, end), and its `periods` where it says which days they are."""

    def __init__(self, start: date, end: date) -> None:
        self.start = start
        self.last = end - timedelta(days=1)
        self._periods: dict[str, tuple[date, date]] = {}
        first, last = Month.of(start), Month.of(self.last)
        if start.day == 1 and end.day == 1 and first.until(last) + 1 == MONTHS:
            for number in range(MONTHS):
                month = first.plus(number)
                end_of_month = month.plus(1).first_day - timedelta(days=1)
                self._periods[str(number + 1)] = (month.first_day, end_of_month)
        self._inside = 0
        self._moved = 0
        self._far = 0
        self._first_far: tuple[int | None, date] | None = None
        self._shown: list[str] = []

    def period(self, number: str, first: date, last: date) -> None:
        """The file says which days a period has."""
        if len(self._periods) < MOST_PERIODS and self.start <= first <= last <= self.last:
            self._periods[number.lstrip("0")] = (first, last)

    def place(self, day: date, period: str | None, line: int | None) -> date:
        """The day that a booking is counted on: its own, or the nearest of its period or of the year."""
        if self.start <= day <= self.last:
            self._inside += 1
            return day
        first, last = self._periods.get((period or "").lstrip("0"), (self.start, self.last))
        if period and not period.strip("0"):
            last = first = self.start
        counted = min(max(day, first), last)
        self._moved += 1
        if max((self.start - day).days, (day - self.last).days) > FAR_DAYS:
            self._far += 1
            self._first_far = self._first_far or (line, day)
        if len(self._shown) < SHOWN:
            place = f"line {line}, " if line is not None else ""
            self._shown.append(f"{place}{day} > {counted}")
        return counted

    def tell(self, problems: Problems) -> None:
        """Say once which bookings were moved; the file is refused if most are nowhere near its year."""
        if self._first_far is not None and self._far > self._inside:
            line, day = self._first_far
            told = sentence("day_outside_year", day=day, first=self.start, last=self.last)
            problems.add("bad_date", told, line=line)
        elif self._moved:
            told = sentence(
                "days_moved",
                count=self._moved,
                first=self.start,
                last=self.last,
                places="; ".join(self._shown),
            )
            problems.warn("days_moved", told)
