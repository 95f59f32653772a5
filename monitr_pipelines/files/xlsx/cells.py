"""The XML of a cell as the text that stands for it exactly: no number becomes a binary fraction."""

import re
from datetime import date, timedelta
from decimal import Context, Decimal

from monitr_pipelines.files.reading.cache import remember
from monitr_pipelines.files.reading.controls import CONTROL
from monitr_pipelines.files.reading.problems import BadValueError, shown
from monitr_pipelines.ledger.sentences import sentence

# Excel's own limits.
LONGEST_CELL = 32_767
MOST_ROWS = 1_048_576

PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d?[1-9])?", re.ASCII)
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Half a character, of which only an escape can be, is no more text than a control character.
NO_TEXT = re.compile(f"{CONTROL.pattern}|[\ud800-\udfff]")
# Excel shows at most 15 digits of the binary fractions that it computes with; what is behind them is noise.
SHOWN_DIGITS = Context(prec=15)
LEDGER_DECIMALS = 4
AMBIGUOUS_DECIMALS = 3
DAY_SECONDS = 86_400
MOST_CACHED = 20_000
LAST_SERIAL = 2_958_465
# Excel believes that 1900 was a leap year: day 60 is its 29 February, and the days before are one off.
NO_SUCH_DAY = 60


def text_of(text: str) -> str:
    r"""The text of a cell of text.

    >>> text_of("two_x000A_lines")
    'two\nlines'
    """
    if "_x" in text:
        text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if len(text) > LONGEST_CELL:
        raise BadValueError("field_too_long", sentence("cell_too_long", text=shown(text), most=LONGEST_CELL))
    if NO_TEXT.search(text):
        raise BadValueError("control_character", sentence("control_in_cell", text=shown(text)))
    return text


def number_of(text: str) -> str:
    """A number written out with a decimal point, every digit kept that a ledger can hold.

    >>> number_of("411000.0"), number_of("123456789012345.6789"), number_of("0.30000000000000004")
    ('411000', '123456789012345.6789', '0.3')
    """
    if PLAIN.fullmatch(text):
        return text
    number = _number(text)
    digits = number.as_tuple()
    if -int(digits.exponent) > LEDGER_DECIMALS and len(digits.digits) > SHOWN_DIGITS.prec:
        number = SHOWN_DIGITS.plus(number)
    written = f"{number:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    _, _, decimals = written.partition(".")
    # 1.234 read as text could be a thousand and some; a fourth decimal leaves no doubt.
    return f"{written}0" if len(decimals) == AMBIGUOUS_DECIMALS else written


def truth_of(text: str) -> str:
    """A cell of true or false."""
    return {"1": "true", "0": "false"}.get(text.strip(), text)


class Days:
    """Numbers of days as the dates that a cell shows them as; Excel counts from 1900 or from 1904."""

    def __init__(self, *, from_1904: bool) -> None:
        self._from_1904 = from_1904
        self._known: dict[str, str] = {}

    def text_of(self, text: str) -> str:
        """The date, with the time of day where it has one."""
        known = self._known.get(text)
        if known is None:
            known = self._read(text)
            remember(self._known, text, known, MOST_CACHED)
        return known

    def _read(self, text: str) -> str:
        number = _number(text)
        if not 0 <= number <= LAST_SERIAL:
            raise BadValueError("bad_date", sentence("no_excel_day", text=shown(text)))
        days, seconds = divmod(round(number * DAY_SECONDS), DAY_SECONDS)
        clock = str(timedelta(seconds=seconds)).rjust(8, "0")
        if number < 1 and seconds:
            return clock
        return self._day(days) + (f" {clock}" if seconds else "")

    def _day(self, days: int) -> str:
        if self._from_1904:
            return (date(1904, 1, 1) + timedelta(days)).isoformat()
        if days == NO_SUCH_DAY:
            return "1900-02-29"
        return (date(1899, 12, 30) + timedelta(days + (days < NO_SUCH_DAY))).isoformat()


def _number(text: str) -> Decimal:
    if not NUMBER.fullmatch(text.strip()):
        raise BadValueError(
            "bad_amount",
            sentence("no_number", text=shown(text)),
        )
    return Decimal(text.strip())
