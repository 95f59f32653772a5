"""How QuickBooks Online writes values: moments, amounts, references, and its two forms of a fault."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitr_pipelines.emulators.shared.clock import EPOCH, MICROSECOND, moment
from monitr_pipelines.emulators.shared.records import money

# Whatever the country of a company, moments are told as the clock shows them where the machines stand.
ZONE = ZoneInfo("America/Los_Angeles")
CURRENCIES = {"EUR": "Euro", "USD": "United States Dollar"}

Document = Mapping[str, object]


class Refused(Exception):
    """The answer is a fault."""

    def __init__(self, message: str, detail: str, code: str, status: int = 400) -> None:
        super().__init__(f"{code} {message}: {detail}")
        self.status = status
        self.document = fault(message, detail, code)


def local(when: datetime) -> datetime:
    """A moment on the clock of the machines, to the second."""
    return when.astimezone(ZONE).replace(microsecond=0)


def written(microseconds: int) -> str:
    """A moment in µs since 1970 as entities tell it, such as `2026-01-15T00:00:00-08:00`."""
    return local(moment(microseconds)).isoformat()


@lru_cache(maxsize=65_536)
def written_in_report(microseconds: int) -> str:
    """The same as rows of reports tell it: there the offset has no colon."""
    return local(moment(microseconds)).strftime("%Y-%m-%dT%H:%M:%S%z")


def answered_at(now: datetime) -> str:
    """The time of an answer, with its milliseconds."""
    return now.astimezone(ZONE).isoformat(timespec="milliseconds")


def since_1970(when: datetime) -> int:
    """A moment in µs since 1970."""
    return (when - EPOCH) // MICROSECOND


def amount(cents: int) -> Decimal:
    """An amount of an entity: a number."""
    return money(cents)


@lru_cache(maxsize=65_536)
def cell_of(cents: int) -> str:
    """An amount in a report: a text without a zero before the point, such as `-.50` and `.00`."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole or ''}.{rest:02d}"


def reference(key: int | str, name: str) -> Document:
    """What an entity says of another one."""
    return {"value": str(key), "name": name}


def currency(code: str) -> Document:
    """A currency as entities name it."""
    return reference(code, CURRENCIES.get(code, code))


def metadata(created: int, changed: int) -> Document:
    """When something was made and last changed, both in µs since 1970."""
    return {"CreateTime": written(created), "LastUpdatedTime": written(changed)}


def fault(message: str, detail: str, code: str, kind: str = "ValidationFault") -> Document:
    """What the accounting service says where it refuses."""
    return {"Fault": {"Error": [{"Message": message, "Detail": detail, "code": code}], "type": kind}}


def gateway_fault(name: str, code: str, status: int, kind: str, detail: str | None = None) -> Document:
    """What the gateway before it says: all in small letters."""
    message = f"message={name}; errorCode={int(code):06d}; statusCode={status}"
    error = {"message": message, "detail": detail, "code": code, "element": None}
    return {"fault": {"error": [error], "type": kind}}
