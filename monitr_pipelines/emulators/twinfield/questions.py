"""A question for browse rows: which columns are shown, and which rows are asked for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lxml import etree

from monitr_pipelines.emulators.twinfield.columns import (
    BROWSE_CODES,
    MODIFIED,
    REGIME,
    STATUS,
    YEARPERIOD,
    Column,
    Kind,
)
from monitr_pipelines.emulators.twinfield.transactions import DRAFT, FINAL, PROVISIONAL

STATUSES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "normal": frozenset({FINAL, PROVISIONAL}),
        FINAL: frozenset({FINAL}),
        PROVISIONAL: frozenset({PROVISIONAL}),
        DRAFT: frozenset({DRAFT}),
    }
)
REGIMES = frozenset({"generic", "fiscal", "commercial", "economic"})
PARTS = frozenset({"field", "label", "visible", "ask", "operator", "from", "to", "finderparam"})
FORMS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {YEARPERIOD: re.compile(r"\d{4}/\d{2}"), MODIFIED: re.compile(r"\d{14}")}
)
MOMENT = re.compile(r"\d{8}(\d{6})?")
BOOLEANS = {"true": True, "false": False, "": False}


class Rejected(Exception):
    """A functional error: what is wrong is told at an element of the request, with status 200."""

    def __init__(self, element: etree._Element, message: str) -> None:
        super().__init__(message)
        self.element, self.message = element, message


@dataclass(frozen=True)
class Question:
    """A question of a browse code: its visible columns in their order, and ranges by field ("": open)."""

    code: str
    shown: tuple[Column, ...]
    ranges: Mapping[str, tuple[str, str]]

    def range(self, field: str) -> tuple[str, str]:
        """The range of a field, open where it is not asked for."""
        return self.ranges.get(field, ("", ""))

    @property
    def statuses(self) -> frozenset[str]:
        """The statuses that are asked for: all where none is."""
        asked, _ = self.range(STATUS)
        return STATUSES[asked.lower()] if asked else frozenset({FINAL, PROVISIONAL, DRAFT})

    def holds(self, field: str) -> Callable[[str], bool] | None:
        """Whether a cell lies within what is asked of its field; None where nothing is."""
        low, high = self.range(field)
        if not (low or high):
            return None
        return lambda text: (not low or text >= low) and (not high or text <= high)


def question_of(root: etree._Element) -> Question:
    """What a `columns` element asks.

    Raises:
        Rejected: The browse code, a column, an operator or a value is not known.
    """
    code = root.get("code", "")
    columns = BROWSE_CODES.get(code)
    if columns is None:
        raise Rejected(root, f"Browse code {code} does not exist.")
    shown: list[Column] = []
    ranges: dict[str, tuple[str, str]] = {}
    for element in root:
        column, texts = _column(columns, element)
        if _flag(element, texts, "visible"):
            shown.append(column)
        asked = _range(element, column, texts)
        if asked and _flag(element, texts, "ask"):
            ranges[column.field] = asked
    if not shown:
        raise Rejected(root, "At least one column must be visible.")
    return Question(code, tuple(shown), ranges)


def _column(columns: Mapping[str, Column], element: etree._Element) -> tuple[Column, Mapping[str, str]]:
    texts = {etree.QName(child).localname: (child.text or "").strip() for child in element}
    if etree.QName(element).localname != "column" or not set(texts) <= PARTS:
        raise Rejected(element, "The element is not known.")
    column = columns.get(texts.get("field", ""))
    if column is None:
        raise Rejected(element, f"Column {texts.get('field', '')} does not exist in this browse code.")
    return column, texts


def _flag(element: etree._Element, texts: Mapping[str, str], name: str) -> bool:
    if texts.get(name, "") not in BOOLEANS:
        raise Rejected(element, f"The value of {name} is not a boolean.")
    return BOOLEANS[texts.get(name, "")]


def _range(element: etree._Element, column: Column, texts: Mapping[str, str]) -> tuple[str, str] | None:
    operator, low, high = texts.get("operator", "none"), texts.get("from", ""), texts.get("to", "")
    if operator == "none" or not (low or high):
        if operator not in ("none", "", column.operator):
            raise Rejected(element, f"Operator {operator} is not allowed for this column.")
        return None
    if operator != column.operator:
        raise Rejected(element, f"Operator {operator} is not allowed for this column.")
    for value in filter(None, (low, high)):
        _check(element, column, value)
    return (low, high) if operator == "between" else (low, low)


def _check(element: etree._Element, column: Column, value: str) -> None:
    form = FORMS.get(column.field, MOMENT if column.kind in (Kind.DAY, Kind.MOMENT) else None)
    known = {STATUS: STATUSES.keys(), REGIME: REGIMES}.get(column.field)
    if (form and not form.fullmatch(value)) or (known and value.lower() not in known):
        raise Rejected(element, f"The value {value} is not valid.")
