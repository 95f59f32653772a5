"""Messages as data: what is wrong, as a kind with its values, and what would let an import pass.

Nothing here is worded for a channel. What was recorded of an import is worded by whoever shows it, later and
in whatever language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from monitr_pipelines.ledger.sentences import Value, as_english, of_json
from monitr_pipelines.ledger.sentences import as_json as value_as_json
from monitr_pipelines.lifecycle.texts import PLAIN, QUESTIONS, TEXTS


class Option(StrEnum):
    """What can be said of one import: an option of the command line, a field of the page."""

    DELIMITER = "delimiter"
    DATE_FORMAT = "date_format"
    DECIMAL = "decimal"
    THOUSANDS = "thousands"
    ENCODING = "encoding"
    SHEET = "sheet"
    DATE_CELLS = "date_cells"
    COLUMNS = "columns"
    CODE_DIGITS = "code_digits"
    ACCOUNT_TYPE = "account_type"
    ALLOW_SHRINK = "allow_shrink"
    ALLOW_UNBALANCED = "allow_unbalanced"
    ALLOW_DATES = "allow_dates"
    KEEP_CALENDAR = "keep_calendar"
    MODE = "mode"


class Setting(StrEnum):
    """What can be set of an entity, for all of its imports."""

    FISCAL_YEAR_START = "fiscal_year_start"
    FISCAL_YEARS = "fiscal_years"


@dataclass(frozen=True)
class Answer:
    """What would let an import pass: an option or a setting, with the values that come into question."""

    name: Option | Setting
    candidates: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Message:
    """One thing that is told: its kind, the values that its texts name, and what answers it."""

    kind: str
    values: Mapping[str, Value] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()

    @property
    def text(self) -> str:
        """What it says in plain English."""
        if self.kind == PLAIN:
            return str(self.values["text"])
        values = {name: as_english(value) for name, value in self.values.items()}
        return (TEXTS.get(self.kind) or QUESTIONS[self.kind]).format(**values)


def plain(text: str) -> Message:
    """A message that was written where it arose."""
    return Message(PLAIN, {"text": text})


def as_json(messages: Sequence[Message]) -> list[dict[str, Any]] | None:
    """Messages as they are recorded beside their text; None where that says it all."""
    if all(message.kind == PLAIN for message in messages):
        return None
    return [
        {
            "kind": message.kind,
            "values": {name: value_as_json(value) for name, value in message.values.items()},
            "answers": [
                {"name": answer.name, "candidates": list(answer.candidates)} for answer in message.answers
            ],
        }
        for message in messages
    ]


def recorded(text: str | None, fields: Sequence[Mapping[str, Any]] | None) -> tuple[Message, ...]:
    """The messages of a record; what an older or a newer release recorded is at least its text."""
    try:
        messages = tuple(_message(found) for found in fields or ())
        if messages and all(message.text for message in messages):
            return messages
    except (KeyError, ValueError):
        pass  # kinds and values change from release to release
    return (plain(text),) if text else ()


def _message(found: Mapping[str, Any]) -> Message:
    answers = (_answer(answer) for answer in found["answers"])
    values = {name: of_json(value) for name, value in found["values"].items()}
    return Message(found["kind"], values, tuple(answers))


def _answer(found: Mapping[str, Any]) -> Answer:
    name = found["name"]
    kind: type[Option | Setting] = Setting if name in set(Setting) else Option
    return Answer(kind(name), tuple(found["candidates"]))
