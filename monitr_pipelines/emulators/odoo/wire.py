"""How values leave Odoo: false for nothing, money as binary fractions, moments in whole seconds."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

from monitr_pipelines.emulators.shared.clock import moment

# A value as a row holds it: whole cents, µs since 1970, ids, dates; None where there is none.
Raw: TypeAlias = Any
# A value as JSON and XML-RPC have it.
Plain: TypeAlias = Any

HUNDREDTHS = 100
FLOAT = "float"
LABELS = {"day": "%d %b %Y", "month": "%B %Y", "year": "%Y"}


def number(hundredths: int) -> Plain:
    """Cents or hundredths of a per cent as the binary fraction that Odoo answers."""
    return hundredths / HUNDREDTHS


def seconds(microseconds: int) -> str:
    """A moment as Odoo tells it: UTC, its microseconds left out."""
    return f"{moment(microseconds):%Y-%m-%d %H:%M:%S}"


def plain(kind: str, value: Raw) -> Plain:
    """A value of a field as the wire has it; many2one is the caller's, because it has a name."""
    if value is None:
        return EMPTY.get(kind, False)
    return WRITTEN.get(kind, _as_it_is)(value)


def _numbers(shares: Mapping[str, int]) -> dict[str, Plain]:
    return {key: number(percent) for key, percent in shares.items()}


def date_label(unit: str, first: date) -> str:
    """A day, month, quarter or year as `read_group` words it, in English."""
    if unit == "quarter":
        return f"Q{(first.month + 2) // 3} {first:%Y}"
    return f"{first:{LABELS[unit]}}"


def _as_it_is(value: Raw) -> Plain:
    return value


EMPTY: Mapping[str, Plain] = {"monetary": number(0), FLOAT: number(0), "integer": 0}
WRITTEN: Mapping[str, Callable[[Raw], Plain]] = {
    "one2many": list,
    "many2many": list,
    "monetary": number,
    FLOAT: number,
    "date": date.isoformat,
    "datetime": seconds,
    "json": _numbers,
}
