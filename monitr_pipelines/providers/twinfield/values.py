"""Values of Twinfield's answers. What cannot be read is told by its name, never by what stood there."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from monitr_pipelines.providers.twinfield.faults import unknown

KEPT = 10_000
AMOUNT = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?").fullmatch
STAMP = "%Y%m%d%H%M%S"


def amount(text: str, name: str) -> Decimal:
    """An amount, from its digits."""
    return Decimal(text) if AMOUNT(text) and text.isascii() else unknown(f"{name} is no amount")


@lru_cache(KEPT)
def day(text: str) -> date:
    """A calendar day as browses write it, `yyyymmdd`."""
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        unknown("date is no day")


@lru_cache(KEPT)
def version(text: str) -> int:
    """When a transaction was modified, as a number that grows: `yyyymmddhhmmss`, UTC."""
    return int(text) if len(text) == len("yyyymmddhhmmss") and is_number(text) else unknown("no moment")


def stamp(moment: datetime) -> str:
    """A moment as browses write it."""
    return moment.astimezone(UTC).strftime(STAMP)


def moment(text: str, name: str) -> datetime:
    """A moment as other services write it, ISO 8601; in UTC where it names no zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        unknown(f"{name} is no moment")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_number(text: str) -> bool:
    """Whether a text is of digits alone."""
    return text.isascii() and text.isdecimal()
