"""Sentences as data: what was found, as a kind and its values, worded by whoever shows it.

A sentence is its English text too, so that logs, commands and letters use it as it is; pages word it anew, in
the reader's language, with numbers and dates as the reader writes them.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from monitr_pipelines.ledger.finding_texts import FINDINGS
from monitr_pipelines.ledger.money import plain
from monitr_pipelines.ledger.periods import Month

STANDS_ALONE = frozenset({"alone", "alone_with_stop"})


class Sentence(str):
    """What was found, in English; `kind` names its text in other languages, `values` what that is told of."""

    __slots__ = ("kind", "values")
    kind: str
    values: "Mapping[str, Value]"


# Texts stand as they are; numbers, amounts, days and months are written as the reader does.
Value: TypeAlias = str | int | Decimal | date | Month | Sentence


def sentence(kind: str, /, **values: Value) -> Sentence:
    """The sentence of a kind; KeyError where there is none."""
    english = {
        name: f"{value:,}" if isinstance(value, int) else as_english(value) for name, value in values.items()
    }
    told = Sentence(capital(kind, FINDINGS[kind].format(**english)))
    told.kind = kind
    told.values = values
    return told


def capital(kind: str, text: str) -> str:
    """The text of a kind, with a capital where it stands by itself."""
    return text[:1].upper() + text[1:] if kind in STANDS_ALONE else text


def as_json(value: Value) -> Any:  # noqa: ANN401 - JSON
    """A value as it is recorded, so that it can be read back as what it is."""
    match value:
        case Sentence():
            return {"kind": value.kind, "values": {name: as_json(one) for name, one in value.values.items()}}
        case Decimal():
            return {"amount": str(value)}
        case date():
            return {"day": value.isoformat()}
        case Month():
            return {"month": str(value)}
    return value


def of_json(recorded: Any) -> Value:  # noqa: ANN401 - JSON
    """A value as it was recorded.

    Raises:
        KeyError, ValueError: Another release recorded it.
    """
    match recorded:
        case {"kind": str(kind), "values": dict(values)}:
            return sentence(kind, **{name: of_json(one) for name, one in values.items()})
        case {"amount": str(digits)}:
            return Decimal(digits)
        case {"day": str(day)}:
            return date.fromisoformat(day)
        case {"month": str(month)}:
            return Month.parse(month)
        case str() | int():
            return recorded
    raise ValueError("what was recorded is no value")


def as_english(value: Value) -> str:
    """A value within an English sentence."""
    return plain(value) if isinstance(value, Decimal) else str(value)
