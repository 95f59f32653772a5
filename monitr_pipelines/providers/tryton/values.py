"""Values of Tryton's own types, as its JSON writes them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from monitr_pipelines.providers.tryton.faults import contradiction

MOMENT = ("year", "month", "day", "hour", "minute", "second", "microsecond")


def typed(document: dict[str, Any]) -> Any:  # noqa: ANN401 - one of Tryton's types
    """A value of one of Tryton's own types, or the object as it is."""
    kind = document.get("__class__")
    try:
        match kind:
            case "Decimal":
                return _finite(Decimal(document["decimal"]))
            case "date":
                return date(document["year"], document["month"], document["day"])
            case "datetime":
                return datetime(*(document[part] for part in MOMENT))  # noqa: DTZ001 - the server's own
            case _:
                return document
    except (KeyError, TypeError, ValueError, ArithmeticError):
        raise contradiction(f"a {kind} that is none") from None


def moment(value: datetime) -> dict[str, Any]:
    """A moment as Tryton's domains take it."""
    return {"__class__": "datetime"} | {part: getattr(value, part) for part in MOMENT}


def day(value: date) -> dict[str, Any]:
    """A day as Tryton's domains and contexts take it."""
    return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError
    return value
