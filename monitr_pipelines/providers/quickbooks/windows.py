"""Ranges of dates into which all of time is cut, so that a report of each fits into an answer.

The newest comes first: what is still worked on is read within moments of the beginning.
"""

from datetime import date, timedelta

from monitr_pipelines.providers.quickbooks.report import Window

# Nothing is booked outside.
BEGINNING, END = date(1900, 1, 1), date(2100, 1, 1)
DAY = timedelta(days=1)
# Values of a report below which twice as many months are asked for next, and above which half as many.
FEW, MANY = 20_000, 100_000
MOST_MONTHS = 12


def newest(today: date) -> Window:
    """This month, and whatever is booked ahead."""
    return Window(today.replace(day=1), END)


def recent(today: date) -> Window:
    """The same and the month before."""
    return Window(month_of(today.replace(day=1) - DAY), END)


def before(start: date, months: int, *, older: bool) -> Window | None:
    """The months before a day; all the rest where no account had a balance then; None behind that."""
    if start <= BEGINNING:
        return None
    return Window(_back(start, months) if older else BEGINNING, start)


def months_after(months: int, cells: int) -> int:
    """How many months to ask for behind as many of which a report had so many values."""
    if cells < FEW:
        return min(2 * months, MOST_MONTHS)
    return max(months // 2, 1) if cells > MANY else months


def halves(window: Window) -> tuple[Window, Window] | None:
    """A window in two, the later one first; None where it is a day."""
    days = (window.end - window.start).days
    middle = window.start + timedelta(days=days // 2)
    return (Window(middle, window.end), Window(window.start, middle)) if days > 1 else None


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def month(day: date) -> Window:
    """The month of a day."""
    start = month_of(day)
    return Window(start, month_of(start + timedelta(days=31)))


def _back(start: date, months: int) -> date:
    """The first day of so many months before; the beginning of time where there are no more."""
    number = start.year * 12 + start.month - 1 - months
    return max(BEGINNING, date(number // 12, number % 12 + 1, 1))
