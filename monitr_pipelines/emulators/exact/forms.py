"""How Exact Online writes values: keys, dates, amounts, codes, and its error document."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

CODE_WIDTH = 18
MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The kinds of rows that have a key, in the first digits of theirs; the last ones are the row's number.
KINDS = (
    "line",
    "entry",
    "account",
    "journal",
    "relation",
    "value",
    "period",
    "deletion",
    "user",
    "customer",
)
# Where the machines of a country's instance stand; both are an hour or two ahead of UTC.
ZONES = {"BE": ZoneInfo("Europe/Brussels"), "NL": ZoneInfo("Europe/Amsterdam")}


def guid(kind: str, number: int) -> str:
    """The key of a row, such as `00000001-0000-4000-8000-00000000002a`."""
    return f"{KINDS.index(kind) + 1:08x}-0000-4000-8000-{number:012x}"


def guid_or_none(kind: str, number: int | None) -> str | None:
    """The key of a row that may be absent."""
    return None if number is None else guid(kind, number)


def json_date(milliseconds: int) -> str:
    """A moment as OData version 2 writes it, without an offset."""
    return f"/Date({milliseconds})/"


def calendar_date(day: date) -> str:
    """A day without a time: its midnight, as if that were UTC."""
    return json_date((day - EPOCH.date()) // MILLISECOND)


def wall_time(microseconds: int, zone: ZoneInfo) -> str:
    """A moment in µs since 1970 as the clock on the wall shows it there, as if that were UTC."""
    return json_date(wall_milliseconds(microseconds, zone))


def wall_milliseconds(microseconds: int, zone: ZoneInfo) -> int:
    """The same as a number."""
    moment = EPOCH + timedelta(microseconds=microseconds)
    return (moment + utc_offset(moment, zone) - EPOCH) // MILLISECOND


def utc_offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    """How far the clock on the wall is ahead of UTC."""
    return moment.astimezone(zone).utcoffset() or timedelta()


def double(cents: int) -> Decimal | int:
    """An amount as a double's digits: no zeros behind the point, no point behind a whole number."""
    if cents % 100 == 0:
        return cents // 100
    return Decimal(cents // 10).scaleb(-1) if cents % 10 == 0 else Decimal(cents).scaleb(-2)


def padded(code: str) -> str:
    """The code of a customer or supplier: eighteen places, spaces in front."""
    return code.rjust(CODE_WIDTH)


def error(message: str) -> Mapping[str, object]:
    """The document of an error."""
    return {"error": {"code": "", "message": {"lang": "", "value": message}}}
