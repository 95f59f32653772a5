"""The form that says how a file is to be read: what it offers, and its answers as settings of the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from monitr_pipelines.files import Mode, ReadSettings
from monitr_pipelines.files.reading.controls import CONTROL
from monitr_pipelines.files.reading.printed.codes import untyped
from monitr_pipelines.files.tables.layout import AXIS
from monitr_pipelines.files.tables.typed import STORED, TURNED
from monitr_pipelines.files.xlsx.choose import ALL
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.lifecycle.messages import Answer, Option

# What can be chosen, as the reader knows it; nothing chosen means that the reader finds out.
CHOICES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "delimiter": ("semicolon", "comma", "tab", "pipe"),
        "date_format": (
            "DD/MM/YYYY", "DD-MM-YYYY", "DD.MM.YYYY", "MM/DD/YYYY", "MM-DD-YYYY", "YYYY-MM-DD", "YYYY/MM/DD",
            "YYYYMMDD", "DD/MM/YY", "MM/DD/YY",
        ),
        "decimal": ("comma", "point"),
        "thousands": ("none", "point", "comma", "space", "apostrophe"),
        "code_digits": ("0", "3", "4", "5", "6", "7", "8"),
        "account_type": (AccountType.PROFIT_AND_LOSS, AccountType.BALANCE_SHEET),
        "encoding": ("utf-8", "cp1252", "iso-8859-15", "cp850", "utf-16", "utf-16-le", "mac-roman"),
        # The names of sheets come with the workbook.
        "sheet": (ALL,),
        "date_cells": (TURNED, STORED),
    }
)  # fmt: skip
# What a format has to say itself is not asked; these two it may leave open.
OF_ANY_TEXT = frozenset({"decimal", "encoding"})
WORDS = frozenset({"delimiter", "decimal", "thousands", "sheet", "date_cells", "account_type"})
COLUMNS = (
    "date", "account_code", "account_name", "description", "debit", "credit", "amount", "side", "booking",
    "journal", "document_number", "relation", "period", "line_number", "account_type", "foreign_amount",
    "foreign_currency", "opening",
)  # fmt: skip
AXES = 4
MOST_AXES = 20
MOST_HEADERS = 300
LONGEST_ANSWER = 200
MARKS = MappingProxyType({",": "comma", ".": "point", " ": "space", "'": "apostrophe", "": "none"})
DELIMITERS = MappingProxyType({";": "semicolon", ",": "comma", "\t": "tab", "|": "pipe"})


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen; of columns `found` is the header that was found without a choice."""

    name: str
    value: str
    options: Sequence[str]
    found: str = ""

    def in_words(self, option: str) -> bool:
        """Whether an option is a mark, which has a name in every language."""
        return self.name in WORDS and option in CHOICES[self.name]


@dataclass(frozen=True)
class Axis:
    """An analytical axis: the name the user gives it and the choice of its column."""

    number: int
    name: str
    column: Choice


def settings_of(form: Mapping[str, str]) -> dict[str, Any]:
    """The answers as settings of the file, of what the form asked.

    What was left to the reader is None, whatever the entity keeps.
    """
    settings: dict[str, Any] = {name: _answer(form, name) or None for name in CHOICES if name in form}
    if any(name.startswith("column.") for name in form):
        settings["columns"] = _columns(form)
    return settings


def _columns(form: Mapping[str, str]) -> dict[str, str]:
    columns = {name: header for name in COLUMNS if (header := _answer(form, f"column.{name}"))}
    for number in range(1, MOST_AXES + 1):
        name, header = _answer(form, f"axis.{number}.name"), _answer(form, f"axis.{number}.header")
        if header:
            columns[f"{AXIS}{name or header}"] = header
    return columns


def mode_of(form: Mapping[str, str]) -> Mode:
    """What the file replaces; the fiscal years in it unless another mode was chosen."""
    chosen = form.get("mode")
    return Mode(chosen) if chosen in set(Mode) else Mode.YEARS


def choices(settings: ReadSettings, seen: Preview, said: Mapping[str, Any]) -> list[Choice]:
    """The settings that matter for a file; a value of the entity's own is offered too.

    `said` is what was said of the file, also what the import asks and the reader does not.
    """
    return [
        Choice(name, value, list(dict.fromkeys([*_options(name, seen), *filter(None, [value])])))
        for name in CHOICES
        if _matters(name, seen)
        for value in [_word(name, getattr(settings, name, said.get(name))) or _proposed(name, seen)]
    ]


def _proposed(name: str, seen: Preview) -> str:
    return seen.proposed_sheet if name == Option.SHEET else ""


def _options(name: str, seen: Preview) -> Sequence[str]:
    """What can be chosen; of sheets what the question offers, and each."""
    if name != Option.SHEET:
        return CHOICES[name]
    asked = [str(one) for answer in _answers(seen) if answer.name == name for one in answer.candidates]
    return [*(asked or CHOICES[name]), *seen.sheets]


def _answers(seen: Preview) -> list[Answer]:
    return [answer for question in seen.questions for answer in question.answers]


def _matters(name: str, seen: Preview) -> bool:
    """What the reader tells of a table can be corrected; of a file that it could not open, all of it."""
    if name == Option.SHEET:
        return len(seen.sheets) > 1
    if name == Option.DATE_CELLS:
        return "date cells" in seen.interpretation or any(answer.name == name for answer in _answers(seen))
    if name == "code_digits":
        return bool(seen.headers)
    if name == Option.ACCOUNT_TYPE:
        return bool(untyped(seen.told))
    told = not seen.interpretation or name.replace("_", " ") in seen.interpretation
    return told and (bool(seen.headers) or not seen.interpretation or name in OF_ANY_TEXT)


def column_names(headers: Sequence[str]) -> list[str]:
    """How a map names the columns of a file: by the header, or by the number where that names no other."""
    names = [header.strip() for header in headers[:MOST_HEADERS]]
    return [
        name if name and names.count(name) == 1 else str(number) for number, name in enumerate(names, start=1)
    ]


def column_choices(
    columns: Mapping[str, str], headers: Sequence[str], found: Mapping[str, str]
) -> list[Choice]:
    """For each of our columns the headers of the file, and which of them was found to be it."""
    options = column_names(headers)
    return [
        Choice(f"column.{name}", _one_of(options, columns.get(name)), options, found.get(name, "").strip())
        for name in COLUMNS
    ]


def axes(columns: Mapping[str, str], headers: Sequence[str]) -> list[Axis]:
    """The axes that were chosen, and empty places for more."""
    options = column_names(headers)
    given = [(name[len(AXIS) :], header) for name, header in columns.items() if name.startswith(AXIS)]
    padded = [*given, *[("", "")] * AXES][: max(AXES, len(given) + 1)][:MOST_AXES]
    return [
        Axis(number, name, Choice(f"axis.{number}.header", _one_of(options, header), options))
        for number, (name, header) in enumerate(padded, start=1)
    ]


def _one_of(options: Sequence[str], header: str | None) -> str:
    return header if header and header in options else ""


def _word(name: str, value: object) -> str:
    """A setting as the form offers it; settings of an entity may hold the mark itself."""
    text = "" if value is None else str(value)
    if name == "delimiter":
        return DELIMITERS.get(text, text)
    return MARKS.get(text, text) if name in WORDS and value is not None else text


def _answer(form: Mapping[str, str], name: str) -> str:
    return CONTROL.sub("", form.get(name, ""))[:LONGEST_ANSWER].strip()
