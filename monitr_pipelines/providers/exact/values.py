"""Values of Exact's rows. What cannot be read is told by the name of its field, never by what stood there."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any, NoReturn, TypeAlias

from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.exact.sign_in import TITLE

Row: TypeAlias = Mapping[str, Any]

MOMENT = re.compile(r"/Date\((-?\d{1,15})\)/").fullmatch
# From 2001 to 2286 all have as many digits.
ALIKE = re.compile(r"(?:/Date\(\d{13}\)/\n)*+").fullmatch
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Amounts are doubles at Exact, and these hold fifteen digits for certain.
DOUBLE = Context(prec=15)
FITTING = Context(prec=15, traps=[Inexact])
MOST_DECIMALS = 4


def unknown(detail: str) -> NoReturn:
    """Raise that an answer has a form that nobody knows here."""
    raise OurFault(Message("answer_unknown", {"title": TITLE}), detail=detail)


def text(row: Row, name: str) -> str | None:
    """A text without the spaces that pad it (codes are padded on either side); None where there is none."""
    value = _value(row, name)
    if value is not None and not isinstance(value, str):
        unknown(f"{name} is no text")
    return bare(value)


def code(row: Row, name: str) -> str:
    """A text that has to be there."""
    return text(row, name) or unknown(f"{name} is empty")


def bare(value: str | None) -> str | None:
    """A text without the spaces that pad it; None where nothing is left."""
    return value.strip() or None if value else None


def needed(value: str, name: str) -> str:
    """A text that has to be there, without the spaces that pad it."""
    return value.strip() or unknown(f"{name} is empty")


def whole(row: Row, name: str) -> int:
    """A whole number; those of 64 bits come as text."""
    value = _value(row, name)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        unknown(f"{name} is no whole number")
    return value


def amount(row: Row, name: str) -> Decimal | None:
    """An amount, from its digits; what a double leaves behind the fifteenth of them is none of it."""
    value = _value(row, name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        unknown(f"{name} is no amount")
    try:
        return exact(Decimal(value), name)
    except InvalidOperation:
        unknown(f"{name} is no amount")


def exact(number: Decimal, name: str) -> Decimal:
    """An amount without what a double leaves behind its fifteenth digit; most have fewer digits."""
    if not number.is_finite():
        unknown(f"{name} is no amount")
    try:
        FITTING.plus(number)
    except Inexact:
        return _without_remains(number)
    return number


def moment(row: Row, name: str) -> datetime | None:
    """A moment of the instance's own clock, which Exact writes as if it were UTC."""
    value = _value(row, name)
    if value is None:
        return None
    if not isinstance(value, str):
        unknown(f"{name} is no moment")
    return moment_of(value, name)


def moment_of(value: str, name: str) -> datetime:
    """The same from its text."""
    try:
        return EPOCH + timedelta(milliseconds=milliseconds_of(value, name))
    except OverflowError:
        unknown(f"{name} is no moment")


def milliseconds_of(value: str, name: str) -> int:
    """The same since 1970."""
    found = MOMENT(value)
    return int(found[1]) if found else unknown(f"{name} is no moment")


def newest_of(values: Sequence[str | None]) -> str | None:
    """The newest of moments that are written alike, of which texts tell it; None where one is not.

    >>> newest_of(["/Date(1672531200000)/", "/Date(1672531200001)/"])
    '/Date(1672531200001)/'
    """
    told = list(filter(None, values))
    alike = 0 < len(told) == len(values) and ALIKE("\n".join([*told, ""]))
    return max(told) if alike else None


def day(row: Row, name: str) -> date:
    """A calendar day, as the instance's own clock has it."""
    found = moment(row, name)
    return found.date() if found else unknown(f"{name} is empty")


def _value(row: Row, name: str) -> Any:  # noqa: ANN401 - whatever stands there
    if name not in row:
        unknown(f"{name} is missing")
    return row[name]


def _without_remains(number: Decimal) -> Decimal:
    decimals = -int(number.as_tuple().exponent)
    if decimals <= MOST_DECIMALS or len(number.as_tuple().digits) <= DOUBLE.prec:
        return number
    rounded = DOUBLE.plus(number)
    exact = rounded.quantize(Decimal(1).scaleb(-MOST_DECIMALS))
    return exact if exact == rounded else number
