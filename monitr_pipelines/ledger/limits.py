"""How long the texts of a ledger may be, and how many accounts and axis values one has.

PostgreSQL keeps codes in indexes, whose entries hold some 2,700 bytes; beyond a length no code is one: a
column was taken for another, or a quote was not closed. Nothing is cut to fit. Descriptions stand in no
index and are kept whole, as long as the longest cell of a spreadsheet.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import starmap
from types import MappingProxyType
from typing import NamedTuple

from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.ledger.sentences import Sentence, sentence
from monitr_pipelines.ledger.wording import cut

LONGEST_CODE = 100
LONGEST_NAME = 1_000
LONGEST_AXIS_CODE = 200
LONGEST_DESCRIPTION = 32_767
MOST_AXES = 50
MOST_ACCOUNTS = 250_000
MOST_AXIS_VALUES = 250_000
SHOWN = 60
MOST_KEPT = 10_000

# In characters.
LONGEST: Mapping[str, int] = MappingProxyType(
    {
        "external_id": LONGEST_NAME,
        "account_code": LONGEST_CODE,
        "booking": LONGEST_NAME,
        "line_number": LONGEST_CODE,
        "period": LONGEST_CODE,
        "journal": LONGEST_CODE,
        "document_number": LONGEST_NAME,
        "relation": LONGEST_NAME,
        "description": LONGEST_DESCRIPTION,
    }
)


class TooLong(NamedTuple):
    """A text that is longer than it may be: which it is, and what is told of it."""

    name: str
    message: Sentence


def too_long(name: str, text: str, longest: int) -> TooLong | None:
    """What is told of a text, None where it is short enough."""
    if len(text) <= longest:
        return None
    told = sentence(
        "text_too_long",
        name=name.replace("_", " "),
        text=repr(cut(text, SHOWN)),
        length=len(text),
        longest=longest,
    )
    return TooLong(name, told)


def of_line(line: LedgerLine) -> TooLong | None:
    """The first text of a line that is too long; every line passes here, so the usual one passes quickly."""
    (key, _, account, _, booking, number, period, journal, document, relation, description, *_) = line
    if (
        len(key) <= LONGEST_NAME
        and len(account) <= LONGEST_CODE
        and (booking is None or len(booking) <= LONGEST_NAME)
        and (number is None or len(number) <= LONGEST_CODE)
        and (period is None or len(period) <= LONGEST_CODE)
        and (journal is None or len(journal) <= LONGEST_CODE)
        and (document is None or len(document) <= LONGEST_NAME)
        and (relation is None or len(relation) <= LONGEST_NAME)
        and (description is None or len(description) <= LONGEST_DESCRIPTION)
        and (not line.axes or fits(line.axes))
    ):
        return None
    texts = ((name, getattr(line, name) or "", longest) for name, longest in LONGEST.items())
    if found := next(filter(None, starmap(too_long, texts)), None):
        return found
    if len(line.axes) > MOST_AXES:
        return TooLong("axes", sentence("too_many_axes", axes=len(line.axes), most=MOST_AXES))
    return next(filter(None, starmap(_of_pair, line.axes)), None)


@lru_cache(MOST_KEPT)
def fits(axes: tuple[tuple[str, str], ...]) -> bool:
    """Whether the values of a line are few and short; many lines have the same ones."""
    return len(axes) <= MOST_AXES and not any(starmap(_of_pair, axes))


def of_account(account: Account) -> TooLong | None:
    """What is too long of an account."""
    return too_long("account_code", account.code, LONGEST_CODE) or too_long(
        "account_name", account.name, LONGEST_NAME
    )


def of_axis_value(value: AxisValue) -> TooLong | None:
    """What is too long of a value of an axis."""
    return _of_pair(value.axis, value.code) or too_long("name of an axis value", value.name, LONGEST_NAME)


def _of_pair(axis: str, code: str) -> TooLong | None:
    return too_long("axis", axis, LONGEST_CODE) or too_long("axis value", code, LONGEST_AXIS_CODE)
