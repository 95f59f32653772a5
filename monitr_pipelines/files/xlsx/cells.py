"""Cells of a spreadsheet as the text that stands for them exactly."""

from datetime import date, time
from decimal import Decimal
from numbers import Real

from monitr_pipelines.files.reading.encoding import CONTROL
from monitr_pipelines.files.reading.problems import BadValueError, shown

AMBIGUOUS_DECIMALS = 3


def cell_text(value: object) -> str:
    """The text of a cell; a number is written out with a decimal point.

    >>> cell_text(411000), cell_text(Decimal("12.5"))
    ('411000', '12.5')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return _checked(value)
    if isinstance(value, (date, time, bool)):
        return str(value).lower().removesuffix(" 00:00:00")
    return _number_text(value) if isinstance(value, (Real, Decimal)) else str(value)


def _number_text(value: Real | Decimal) -> str:
    if isinstance(value, (int, Decimal)):
        return _written_out(Decimal(value))
    # Excel itself shows at most 15 significant digits of the binary fraction that it stores; of its
    # values only that of an error such as #N/A is unlike itself.
    return "#N/A" if value != value else _written_out(Decimal(format(value, ".15g")))  # noqa: PLR0124


def _written_out(number: Decimal) -> str:
    if not number.is_finite():
        raise BadValueError("bad_amount", f"{number} is not a number that can be booked")
    text = f"{number:f}"
    _, _, decimals = text.partition(".")
    # 1.234 read as text could be a thousand and some; a fourth decimal leaves no doubt.
    return f"{text}0" if len(decimals) == AMBIGUOUS_DECIMALS else text


def _checked(text: str) -> str:
    found = CONTROL.search(text) or next((mark for mark in text if "\ud800" <= mark <= "\udfff"), None)
    if found:
        raise BadValueError(
            "control_character", f"{shown(text)} holds a control character, which no text has"
        )
    return text
