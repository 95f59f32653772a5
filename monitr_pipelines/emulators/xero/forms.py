"""How Xero writes values: keys, dates, amounts, and the documents around rows and refusals."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from monitr_pipelines.emulators.shared.clock import EPOCH, moment

MILLISECOND = timedelta(milliseconds=1)
KINDS = (
    "account",
    "category",
    "connection",
    "consent",
    "journal",
    "journal line",
    "option",
    "organisation",
    "source",
)
OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d)(?P<minutes>\d\d)")
ISO = "iso"
PROVIDER_NAME = "Emulated App"


class BadRequest(Exception):
    """What was asked cannot be understood; `kind` is the type of the error document."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def guid(kind: str, company: int, number: int) -> str:
    """The key of a row, such as `00000001-0001-4000-8000-00000000002a`."""
    return f"{KINDS.index(kind) + 1:08x}-{company:04x}-4000-8000-{number:012x}"


@dataclass(frozen=True)
class Dates:
    """How answers write days and moments.

    Args:
        offset: Of the clock on the wall that a day's midnight is told by, such as `+1300`; `iso` writes ISO
            8601 without an offset instead.
    """

    offset: str = "+0000"

    def __post_init__(self) -> None:
        """Refuse what is neither.

        Raises:
            ValueError: The offset has another form.
        """
        if self.offset != ISO and not OFFSET.fullmatch(self.offset):
            raise ValueError(f"dates is an offset such as +0000, or {ISO}, not {self.offset!r}.")

    def day(self, day: date) -> str:
        """A day: its midnight on the wall."""
        return _day(day, self.offset)

    def stamp(self, microseconds: int) -> str:
        """A moment, in µs since 1970."""
        if self.offset == ISO:
            return moment(microseconds).replace(tzinfo=None).isoformat(timespec="milliseconds")
        return f"/Date({microseconds // 1000}+0000)/"


@lru_cache(maxsize=8192)
def _day(day: date, offset: str) -> str:
    midnight = datetime.combine(day, time(), UTC)
    if offset == ISO:
        return midnight.replace(tzinfo=None).isoformat()
    return f"/Date({(midnight - _ahead(offset) - EPOCH) // MILLISECOND}{offset})/"


def _ahead(offset: str) -> timedelta:
    found = OFFSET.fullmatch(offset)
    if found is None:
        raise ValueError(f"{offset!r} is no offset")
    ahead = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    return ahead if found["sign"] == "+" else -ahead


def since(text: str | None) -> int:
    """The moment of an `If-Modified-Since`, in µs since 1970; 0 where there is none.

    Raises:
        BadRequest: It is neither a moment of ISO 8601 nor an HTTP date.
    """
    if text is None:
        return 0
    try:
        when = datetime.fromisoformat(text) if text[:1].isdigit() else parsedate_to_datetime(text)
    except ValueError as bad:
        raise BadRequest("ValidationException", "The If-Modified-Since header is not a date.") from bad
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1)


def envelope(number: int, now: datetime, name: str, rows: object) -> Mapping[str, object]:
    """The document around rows."""
    return {
        "Id": correlation(number),
        "Status": "OK",
        "ProviderName": PROVIDER_NAME,
        "DateTimeUTC": f"/Date({(now - EPOCH) // MILLISECOND})/",
        name: rows,
    }


def correlation(number: int) -> str:
    """The key of an answer by the number of its request."""
    return f"ffffffff-0000-4000-8000-{number:012x}"


def unauthorized(detail: str, number: int = 0) -> Mapping[str, object]:
    """The document of status 401, whose names begin with capitals."""
    return {"Title": "Unauthorized", "Status": 401, "Detail": detail, "Instance": correlation(number)}


def forbidden(detail: str, number: int = 0) -> Mapping[str, object]:
    """The document of status 403, whose names do not."""
    return {"title": "Forbidden", "status": 403, "detail": detail, "instance": correlation(number)}


def bad_request(problem: BadRequest) -> Mapping[str, object]:
    """The document of status 400."""
    numbers = {"QueryParseException": 16}
    return {"ErrorNumber": numbers.get(problem.kind, 10), "Type": problem.kind, "Message": str(problem)}
