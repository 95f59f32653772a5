"""Values of answers. What cannot be read is told by the name of its field, never by what stood there."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NoReturn, TypeAlias

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.lifecycle.errors import InconsistentData, OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.quickbooks.sign_in import TITLE

Object: TypeAlias = Mapping[str, Any]

# Digits, perhaps with a comma between thousands; none before a point, as in `.00`.
AMOUNT = re.compile(r"-?+(?:\d{1,3}+(?:,\d{3}+)++|\d*+)(?:\.\d++)?+").fullmatch
# Cells of a side as most are: empty, or an amount without commas.
USUAL = re.compile(r"(?:(?:-?+\d++(?:\.\d++)?+)?+\n)*+", re.ASCII).fullmatch
DAY = re.compile(r"\d{4}-\d\d-\d\d").fullmatch
KEPT = 10_000


def unknown(detail: str) -> NoReturn:
    """Raise that an answer has a form that nobody knows here."""
    raise OurFault(Message("answer_unknown", {"title": TITLE}), detail=detail)


def contradicts(detail: str) -> NoReturn:
    """Raise that answers cannot both be right."""
    raise InconsistentData(Message("answer_contradicts", {"title": TITLE}), detail=detail)


def text(row: Object, name: str) -> str | None:
    """A text without the spaces around it; None where there is none."""
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        unknown(f"{name} is no text")
    return (value or "").strip() or None


def needed(row: Object, name: str) -> str:
    """A text that has to be there."""
    return text(row, name) or unknown(f"{name} is empty")


def part(row: Object, name: str) -> Object:
    """An object within another; an empty one where it is left out."""
    value = row.get(name, {})
    return value if isinstance(value, Mapping) else unknown(f"{name} is no object")


def amount(value: str, name: str) -> Decimal:
    """An amount from its digits; zero where the cell is empty, as those of the other side are."""
    digits = value.strip()
    if not digits:
        return ZERO
    if not AMOUNT(digits) or not digits[-1].isdigit():
        unknown(f"{name} is no amount")
    return Decimal(digits.replace(",", ""))


def amounts(values: Sequence[str], name: str) -> list[Decimal]:
    """The amounts of a column; most can be told at one look to be usual."""
    text = "\n".join([*values, ""])
    if USUAL(text) and text.count("\n") == len(values):
        return [Decimal(value) if value else ZERO for value in values]
    return [amount(value, name) for value in values]


@lru_cache(KEPT)
def day(value: str, name: str) -> date:
    """A calendar day of the company."""
    try:
        return date.fromisoformat(value) if DAY(value) else unknown(f"{name} is no day")
    except ValueError:
        unknown(f"{name} is no day")


def moment(value: object, name: str) -> datetime:
    """A moment with its offset, in UTC."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        unknown(f"{name} is no moment")
    return found.astimezone(UTC) if found.tzinfo else unknown(f"{name} has no offset")
