"""Values of Octopus's answers. What cannot be read is told by the name of its field, never by its value."""

from datetime import date, datetime
from decimal import Context, Decimal
from functools import lru_cache
from typing import NoReturn

from monitr_pipelines.lifecycle.errors import InconsistentData, OurFault
from monitr_pipelines.lifecycle.messages import Message

TITLE = "Octopus"
# Many lines have the same of these.
KEPT = 10_000
# Amounts are doubles at Octopus, and these hold fifteen digits for certain.
DIGITS = 15
DOUBLE = Context(prec=DIGITS)
FOUR_DECIMALS = Decimal("0.0001")


def unknown(detail: str) -> NoReturn:
    """Raise that an answer has a form that nobody knows here."""
    raise OurFault(Message("answer_unknown", {"title": TITLE}), detail=detail)


def contradicts(detail: str) -> NoReturn:
    """Raise that answers of Octopus cannot all be right."""
    raise InconsistentData(Message("answer_contradicts", {"title": TITLE}), detail=detail)


def bare(value: str | None) -> str | None:
    """A text without the spaces that pad it; None where nothing is left."""
    return value.strip() or None if value else None


def exact(number: Decimal, name: str) -> Decimal:
    """An amount without what a double leaves behind its fifteenth digit; most have fewer digits."""
    if not number.is_finite():
        unknown(f"{name} is no amount")
    if len(number.as_tuple().digits) <= DIGITS:
        return number
    rounded = DOUBLE.plus(number)
    if rounded != rounded.quantize(FOUR_DECIMALS):
        return number
    return rounded.quantize(FOUR_DECIMALS)


@lru_cache(KEPT)
def day(value: str, name: str) -> date:
    """A calendar day."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        unknown(f"{name} is no day")


def stamp(moment: datetime) -> str:
    """A moment as Octopus takes it, in the time zone that it is in: none can be told.

    >>> stamp(datetime(2026, 1, 15, 8, 30))
    '2026-01-15 08:30:00.000'
    """
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03}"
