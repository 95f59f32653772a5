"""How Octopus writes numbers and refusals, and reads moments and whole numbers of a question."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from monitr_pipelines.emulators.frame.messages import Answer

MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")
WHOLE_NUMBER = re.compile(r"-?\d{1,10}")
INT32 = range(-(2**31), 2**31)
# From here on Java writes a double with an exponent; in cents.
LARGE = 10**9
RATE = Decimal("0.000001")
INVALID = "Invalid or missing parameters passed"


class Refused(Exception):
    """A question that is answered with a status of its own and a sentence about it."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def bad_question() -> Refused:
    """What is said of parameters that are missing, unknown or malformed."""
    return Refused(400, INVALID)


def error(status: int, text: str, **headers: str) -> Answer:
    """A refusal: recorded ones have this field alone, although the specification names three."""
    return Answer.json({"technicalInfo": text}, status, **headers)


@lru_cache(maxsize=65_536)
def quoted(text: str) -> str:
    """A text of a document, with its quotes."""
    return msgspec.json.encode(text).decode()


@lru_cache(maxsize=65_536)
def double(cents: int) -> str:
    """An amount as Java writes a double: `121.0`, `-60.5`, and `1.2345678E7` from ten million on."""
    sign, digits = "-" if cents < 0 else "", str(abs(cents))
    if abs(cents) < LARGE:
        digits = digits.rjust(3, "0")
        return f"{sign}{digits[:-2]}.{digits[-2:].removesuffix('0')}"
    rest = digits[1:].rstrip("0") or "0"
    return f"{sign}{digits[0]}.{rest}E{len(digits) - 3}"


def exchange_rate(amount: int, foreign: int) -> str:
    """What a unit of the document's currency is worth, in the same writing."""
    if amount == foreign or not foreign:
        return "1.0"
    text = f"{(Decimal(amount) / foreign).quantize(RATE).normalize():f}"
    return text if "." in text else f"{text}.0"


def milliseconds(text: str, zone: ZoneInfo) -> int:
    """A moment of a question, which is on the server's wall clock, in ms since 1970.

    Raises:
        Refused: It is not written as `2026-02-08 14:55:00.000`.
    """
    if not MOMENT.fullmatch(text):
        raise bad_question()
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        raise bad_question() from None
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def whole_number(text: str) -> int:
    """An integer of 32 bits.

    Raises:
        Refused: It is none.
    """
    if not WHOLE_NUMBER.fullmatch(text) or int(text) not in INT32:
        raise bad_question()
    return int(text)


def parameters(query: Mapping[str, str], *needed: str, optional: tuple[str, ...] = ()) -> Mapping[str, str]:
    """The parameters of a question.

    Raises:
        Refused: One is missing or unknown.
    """
    if not set(needed) <= set(query) <= {*needed, *optional}:
        raise bad_question()
    return query
