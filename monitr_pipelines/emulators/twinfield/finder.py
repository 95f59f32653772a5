"""The finder: dimensions and offices by their codes and names, from one row to another."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from xml.sax.saxutils import escape

from lxml import etree

from monitr_pipelines.emulators.shared.records import Company
from monitr_pipelines.emulators.twinfield.dimensions import LEVELS, Dimension, Dimensions
from monitr_pipelines.emulators.twinfield.envelope import TWINFIELD, Faulty
from monitr_pipelines.emulators.twinfield.offices import Offices, code_of, stamp

DIMENSIONS, OFFICES = "DIM", "OFF"
OPTIONS = {
    DIMENSIONS: frozenset({"dimtype", "office", "level", "section", "modifiedsince", "includehidden"}),
    OFFICES: frozenset({"consolidate"}),
}
# What the pattern is looked for in: code or name, code alone, name alone.
FIELDS = {"0": (0, 1), "1": (0,), "2": (1,)}
NUMBER, MOMENT, SWITCH = re.compile(r"\d{1,9}"), re.compile(r"\d{14}"), re.compile(r"[01]")
FORMS = {"modifiedsince": ("InvalidDateTimeOptionValue", MOMENT)} | {
    name: ("InvalidIntegerOptionValue", form) for name, form in (("level", NUMBER), ("includehidden", SWITCH))
}


class Refused(Exception):
    """The finder answers no rows but a message, by its code."""

    def __init__(self, code: str, *parameters: str) -> None:
        super().__init__(code)
        self.code, self.parameters = code, parameters


@dataclass(frozen=True)
class Finder:
    """Searches an office."""

    offices: Offices

    def answer(self, operation: etree._Element, company: Company) -> str:
        """The result of a `Search`."""
        try:
            total, rows = self._search(operation, company)
        except Refused as refused:
            return _message(refused)
        items = "".join(f"<ArrayOfString>{_strings(row)}</ArrayOfString>" for row in rows)
        return (
            f"<SearchResult /><data><TotalRows>{total}</TotalRows>"
            f"<Columns>{_strings(('Code', 'Name'))}</Columns><Items>{items}</Items></data>"
        )

    def _search(self, operation: etree._Element, company: Company) -> tuple[int, list[tuple[str, str]]]:
        kind = _given(operation, "type")
        if kind not in OPTIONS:
            raise Refused("InvalidFinderType", kind)
        options = _options(operation, OPTIONS[kind])
        first, most = _number(operation, "firstRow"), _number(operation, "maxRows")
        fields = FIELDS.get(_given(operation, "field"))
        if first < 1:
            raise Refused("ParameterTooSmall", "firstRow")
        if fields is None:
            raise Refused("ParameterOutOfRange", "field")
        pattern = (_given(operation, "pattern") or "*").lower()
        found = [
            row
            for row in self._rows(kind, options, company)
            if any(fnmatchcase(row[place].lower(), pattern) for place in fields)
        ]
        return len(found), found[first - 1 : first - 1 + most if most else None]

    def _rows(self, kind: str, options: Mapping[str, str], company: Company) -> Iterable[tuple[str, str]]:
        if kind == OFFICES:
            return ((code_of(each.id), each.name) for each in self.offices.reachable())
        office = self.offices.company(options["office"]) if "office" in options else company
        if office is None:
            raise Refused("NoAccessToOffice", options["office"])
        dimensions = Dimensions(self.offices.books)
        level = int(options.get("level", "0"))
        types = [options["dimtype"]] if "dimtype" in options else [*LEVELS]
        if not set(types) <= LEVELS.keys():
            raise Refused("InvalidEnumerationOptionValue", "dimtype")
        return (
            (each.code, each.name)
            for type_ in types
            if level in (0, LEVELS[type_])
            for each in dimensions.of_type(office, type_)
            if _shown(each, options)
        )


def _shown(dimension: Dimension, options: Mapping[str, str]) -> bool:
    if dimension.hidden and options.get("includehidden") != "1":
        return False
    return stamp(dimension.modified) >= options.get("modifiedsince", "")


def _given(operation: etree._Element, name: str) -> str:
    return (operation.findtext(f"{{{TWINFIELD}}}{name}") or "").strip()


def _number(operation: etree._Element, name: str) -> int:
    text = _given(operation, name)
    if not NUMBER.fullmatch(text):
        raise Faulty(text=f"Server was unable to read request: {name} is not a number.")
    return int(text)


def _options(operation: etree._Element, known: frozenset[str]) -> Mapping[str, str]:
    options: dict[str, str] = {}
    for pair in operation.iterfind(f"{{{TWINFIELD}}}options/{{{TWINFIELD}}}ArrayOfString"):
        name, value = ((each.text or "").strip() for each in pair) if len(pair) == 2 else ("", "")
        if name not in known:
            raise Refused("OptionNotAllowed", name)
        code, form = FORMS.get(name, ("", None))
        if form and not form.fullmatch(value):
            raise Refused(code, name)
        options[name] = value
    return options


def _strings(texts: Iterable[str]) -> str:
    return "".join(f"<string>{escape(text)}</string>" for text in texts)


def _message(refused: Refused) -> str:
    parameters = _strings(refused.parameters)
    return (
        "<SearchResult><MessageOfErrorCodes><Type>Error</Type>"
        f"<Text>{refused.code}</Text><Code>{refused.code}</Code><Parameters>{parameters}</Parameters>"
        "</MessageOfErrorCodes></SearchResult>"
        "<data><TotalRows>0</TotalRows></data>"
    )
