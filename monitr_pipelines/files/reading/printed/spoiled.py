"""Codes of accounts of which a spreadsheet made something else: a number, or a day."""

import re

from monitr_pipelines.files.reading.printed.months import month_number

# What Excel makes of an account code that it takes for a number.
NUMBER_AS_CODE = re.compile(r"\d+[.,]0|\d{3,}[.,]0+|\d[.,]\d+E[+]?\d+|\dE[+]\d+", re.IGNORECASE | re.ASCII)
WHOLE = re.compile(r"(?P<number>[0-9]+)[.,]0+")
# What Excel makes of one that it takes for a day: 1/03/2024, or 1-mrt. Segments of a code may look like a day
# of year, month and day; one with the time of day is none.
DAY_AS_CODE = re.compile(
    r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:.*"
    r"|[0-9]{1,2}-(?P<name>[^\W\d_]{3,4})\.?"
)
NUMBER_REFUSED = "account_code_is_number"


def is_number(code: str) -> bool:
    """Whether a spreadsheet took a code for a number."""
    return NUMBER_AS_CODE.fullmatch(code) is not None


def is_day(code: str) -> bool:
    """Whether a spreadsheet took a code for a day.

    >>> is_day("1/03/2024"), is_day("1-mrt"), is_day("1-abc"), is_day("2024-03-01")
    (True, True, False, False)
    """
    found = DAY_AS_CODE.fullmatch(code)
    return found is not None and (found["name"] is None or month_number(found["name"]) is not None)


def whole_number(code: str) -> str | None:
    """The digits of a code that a spreadsheet wrote as a number without a fraction, None for any other.

    >>> whole_number("400.0"), whole_number("400,00"), whole_number("4E+05"), whole_number("400")
    ('400', '400', None, None)
    """
    found = WHOLE.fullmatch(code)
    return found["number"] if found else None
