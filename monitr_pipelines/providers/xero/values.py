"""Values of Xero's rows. What cannot be read is told by the name of its field, never by what stood there."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from monitr_pipelines.lifecycle.errors import InconsistentData, OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.xero.sign_in import TITLE

# Milliseconds since 1970 in UTC, and the offset of the clock that shows them.
MOMENT = re.compile(r"/Date\((-?\d{1,15})(?:([+-])(\d\d)([0-5]\d))?\)/", re.ASCII).fullmatch
OF_UTC = re.compile(r"(?:/Date\(\d{1,13}+(?:\+0000)?\)/\n)*+", re.ASCII).fullmatch
DIGITS = re.compile(r"\((\d+)", re.ASCII).findall
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
# Many rows have the same days and texts.
KEPT = 10_000


def unknown(detail: str) -> NoReturn:
    """Raise that an answer has a form that nobody knows here."""
    raise OurFault(Message("answer_unknown", {"title": TITLE}), detail=detail)


def contradicts(detail: str) -> NoReturn:
    """Raise that answers of Xero cannot both be right."""
    raise InconsistentData(Message("answer_contradicts", {"title": TITLE}), detail=detail)


def bare(value: str | None) -> str | None:
    """A text without the spaces around it; None where nothing is left."""
    return value.strip() or None if value else None


def needed(value: str | None, name: str) -> str:
    """A text that has to be there."""
    return bare(value) or unknown(f"{name} is empty")


def amount(value: Decimal, name: str) -> Decimal:
    """An amount."""
    return value if value.is_finite() else unknown(f"{name} is no amount")


@lru_cache(KEPT)
def day_of(value: str, name: str = "JournalDate") -> date:
    """A day of the business: the one that its own clock shows, whatever day that is in UTC.

    >>> day_of("/Date(1774911600000+1300)/"), day_of("2026-03-31T00:00:00")
    (datetime.date(2026, 3, 31), datetime.date(2026, 3, 31))
    """
    return _moment_of(value, name).date()


def instant_of(value: str, name: str) -> datetime:
    """A moment in UTC, which clock ever shows it; ISO texts without an offset are in UTC.

    >>> instant_of("/Date(1774911600000+1300)/", "CreatedDateUTC").isoformat()
    '2026-03-30T23:00:00+00:00'
    """
    found = MOMENT(value)
    try:  # every journal has another moment: its clock is not asked
        return EPOCH + int(found[1]) * MILLISECOND if found else _moment_of(value, name).astimezone(UTC)
    except OverflowError:
        unknown(f"{name} is no moment")


def instants_of(values: Sequence[str], name: str) -> Iterator[datetime]:
    """The same of many; those that a clock of UTC shows are read at once."""
    written = "\n".join([*values, ""])
    if OF_UTC(written) and written.count("\n") == len(values):
        return (EPOCH + int(each) * MILLISECOND for each in DIGITS(written))
    return (instant_of(each, name) for each in values)


def _moment_of(value: str, name: str) -> datetime:
    try:
        if found := MOMENT(value):
            milliseconds, sign, hours, minutes = found.groups(default="0")
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            clock = timezone(-offset if sign == "-" else offset)
            return (EPOCH + int(milliseconds) * MILLISECOND).astimezone(clock)
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        unknown(f"{name} is no moment")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
