"""How Yuki writes and reads values: keys, days, moments, amounts."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from monitr_pipelines.emulators.shared.clock import moment

# The kinds of rows that have a key, in the first digits of theirs; the last ones are the row's number.
KINDS = ("line", "document", "relation", "project", "administration", "domain")
ZONE = ZoneInfo("Europe/Brussels")
# What .NET writes where there is no moment.
NEVER = "0001-01-01T00:00:00"
MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(T(?P<time>\d\d:\d\d:\d\d)(\.(?P<part>\d{1,7}))?)?(?P<zone>Z|[+-]\d\d:\d\d)?"
)
NUMBER = re.compile(r"-?\d{1,9}")
RATE = Decimal("0.000001")

Reader = Callable[[str], object]


def guid(kind: str, number: int) -> str:
    """The key of a row, such as `00000001-0000-4000-8000-00000000002a`."""
    return f"{KINDS.index(kind) + 1:08x}-0000-4000-8000-{number:012x}"


def number_of(kind: str, key: str) -> int | None:
    """The number of the row with a key, None where no row of the kind can have it."""
    *_, last = key.split("-")
    number = int(last, 16) if re.fullmatch("[0-9a-fA-F]{12}", last) else 0
    return number if guid(kind, number) == key.lower() else None


def element(name: str, text: str) -> str:
    """An element with a text."""
    return f"<{name}>{escape(text)}</{name}>"


def optional(name: str, text: str) -> str:
    """An element with a text, nothing at all where that is empty."""
    return element(name, text) if text else ""


def yes(fact: bool) -> str:  # noqa: FBT001 - a value that is written
    """A truth value."""
    return "true" if fact else "false"


@lru_cache(maxsize=65_536)
def amount(cents: int) -> str:
    """An amount with two decimals."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"


def rate(cents: int, foreign: int) -> str:
    """What a unit of the foreign currency is worth, with six decimals."""
    return "1.000000" if cents == foreign or not foreign else str((Decimal(cents) / foreign).quantize(RATE))


def midnight(day: date) -> str:
    """A day, as the moment at which it begins."""
    return f"{day.isoformat()}T00:00:00"


def on_the_wall(microseconds: int) -> datetime:
    """A moment in µs since 1970 as the clock on the wall shows it, in whole milliseconds."""
    shown = moment(microseconds).astimezone(ZONE).replace(tzinfo=None)
    return shown.replace(microsecond=shown.microsecond // 1000 * 1000)


def written(shown: datetime) -> str:
    """A moment on the wall: its fraction ends before its zeros."""
    text = shown.isoformat(timespec="milliseconds")
    return text.rstrip("0").rstrip(".") if shown.microsecond else shown.isoformat(timespec="seconds")


def read_text(text: str) -> str:
    """Any text."""
    return text


def read_moment(text: str) -> datetime:
    """A day or a moment by its digits: `Z` changes nothing, another offset is brought to the wall.

    Raises:
        ValueError: It is no moment.
    """
    found = MOMENT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"The string '{text}' is not a valid AllXsd value.")
    part = (found["part"] or "").ljust(6, "0")[:6]
    shown = datetime.fromisoformat(f"{found['day']}T{found['time'] or '00:00:00'}.{part}")
    if found["zone"] in (None, "Z"):
        return shown
    hours, minutes = found["zone"].split(":")
    offset = timedelta(hours=int(hours), minutes=int(f"{hours[0]}{minutes}"))
    return on_the_wall((shown - offset - datetime(1970, 1, 1)) // timedelta(microseconds=1))  # noqa: DTZ001


def read_number(text: str) -> int:
    """A whole number.

    Raises:
        ValueError: It is none.
    """
    if not NUMBER.fullmatch(text.strip()):
        raise ValueError("Input string was not in a correct format.")
    return int(text)


def read_mode(text: str) -> int:
    """A financial mode: 1 with fiscal corrections, 0 without.

    Raises:
        ValueError: There is no such mode.
    """
    mode = read_number(text)
    if mode not in (0, 1):
        raise ValueError(f"There is no financial mode {mode}.")
    return mode


def one_of(*names: str) -> Reader:
    """Reads one of some words; ValueError for another."""

    def read(text: str) -> str:
        if text not in names:
            raise ValueError(f"Instance validation error: '{text}' is not a valid value.")
        return text

    return read
