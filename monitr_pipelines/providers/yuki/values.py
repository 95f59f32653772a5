"""Values of Yuki's records. What cannot be read is told by its name, never by what stood there."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NoReturn, TypeAlias

from monitr_pipelines.lifecycle.errors import InconsistentData, OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.yuki.datasets import TITLE

# Texts by the name of their element or attribute; elements that are empty may be absent.
Row: TypeAlias = Mapping[str, str]
BOOLEANS = {"true": True, "false": False}
LENGTH_OF_A_DAY = len("2026-01-31")
# Many lines have the same of these.
KEPT = 10_000


def unknown(detail: str) -> NoReturn:
    """Raise that an answer has a form that nobody knows here."""
    raise OurFault(Message("answer_unknown", {"title": TITLE}), detail=detail)


def contradicts(detail: str) -> NoReturn:
    """Raise that answers of Yuki cannot both be right."""
    raise InconsistentData(Message("answer_contradicts", {"title": TITLE}), detail=detail)


def bare(value: str | None) -> str | None:
    """A text without spaces around it; None where nothing is left."""
    return value.strip() or None if value else None


def needed(row: Row, name: str) -> str:
    """A text that has to be there."""
    return bare(row.get(name)) or unknown(f"{name} is missing")


def truth(row: Row, name: str) -> bool:
    """Whether something is so."""
    found = BOOLEANS.get(needed(row, name).lower())
    return unknown(f"{name} is neither true nor false") if found is None else found


def amount(row: Row, name: str) -> Decimal:
    """An amount, from its digits; debit positive."""
    try:
        number = Decimal(needed(row, name))
    except InvalidOperation:
        unknown(f"{name} is no amount")
    return number if number.is_finite() else unknown(f"{name} is no amount")


def day(row: Row, name: str) -> date:
    """A calendar day, whatever time and zone it is written with."""
    return day_of(needed(row, name), name)


@lru_cache(KEPT)
def day_of(value: str, name: str) -> date:
    """The same from its text."""
    try:
        return date.fromisoformat(value.strip()[:LENGTH_OF_A_DAY])
    except ValueError:
        unknown(f"{name} is no day")


def moment_of(value: str, name: str) -> datetime:
    """A moment; one without a zone, of the server's own clock, is read as if it were UTC."""
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        unknown(f"{name} is no moment")
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
