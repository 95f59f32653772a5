"""Which sheets of cells a workbook has, and how its styles show numbers."""

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from posixpath import join, normpath

from monitr_pipelines.files.reading.xml import XmlReader, local
from monitr_pipelines.files.xlsx.archive import WORKBOOK, Archive, refuse_damaged

RELATIONS = "xl/_rels/workbook.xml.rels"
STYLES = "xl/styles.xml"
BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
# Quoted text, escaped letters and [colours], [currencies], [conditions], but not [hours] that add up.
BESIDE_THE_POINT = re.compile(r'"[^"]*"|[\\_*].|\[(?!(?:hh?|mm?|ss?)\])[^\]]*\]', re.IGNORECASE)
DATE_LETTERS = re.compile(r"[dmhys]", re.IGNORECASE)
# 0000 shows 400 as 0400, as the codes of accounts are.
ZEROS = re.compile(r"0{2,15}", re.ASCII)
YES = frozenset({"1", "true"})
MOST_SHEETS = 1_000
MOST_FORMATS = 10_000
LONGEST_NAME = 100
MOST_LISTED = 1_000_000

Attributes = dict[str, str]


# What a style makes of a number; any other is how many digits it shows at least.
PLAIN, DATE = 0, 1


@dataclass(frozen=True)
class SheetPart:
    """A sheet of cells: its name, the part that holds it, and whether it is hidden."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True)
class WorkbookParts:
    """The sheets of cells in their order, how days count, and a byte for each style: what it shows.

    `to_compute`: the program that wrote it computed no formula, and asks whoever opens it to do so.
    """

    sheets: tuple[SheetPart, ...]
    from_1904: bool
    styles: bytes
    to_compute: bool


def find_parts(archive: Archive) -> WorkbookParts:
    """What the list of sheets and the styles say; a workbook without a sheet of cells is refused."""
    from_1904 = to_compute = False
    sheets: dict[str, tuple[str, bool]] = {}
    for name, attributes in _starts(archive, WORKBOOK):
        if name == "workbookPr":
            from_1904 = attributes.get("date1904", "") in YES
        elif name == "calcPr":
            to_compute = attributes.get("fullCalcOnLoad", "") in YES
        elif name == "sheet":
            if len(sheets) == MOST_SHEETS:
                refuse_damaged(f"it has more than {MOST_SHEETS:,} sheets")
            hidden = attributes.get("state", "visible") != "visible"
            shown_name = attributes.get("name", "")[:LONGEST_NAME]
            sheets |= {
                value: (shown_name, hidden) for key, value in attributes.items() if local(key) == "id" != key
            }
    return WorkbookParts(_worksheets(archive, sheets), from_1904, _styles(archive), to_compute)


def _worksheets(archive: Archive, sheets: Mapping[str, tuple[str, bool]]) -> tuple[SheetPart, ...]:
    """The sheets that have cells: a chart may fill a sheet too."""
    targets = {
        attributes["Id"]: attributes.get("Target", "")
        for name, attributes in _starts(archive, RELATIONS)
        if name == "Relationship"
        and attributes.get("Id") in sheets
        and attributes.get("Type", "").endswith("/worksheet")
    }
    found = tuple(
        SheetPart(name, normpath(join("/xl", targets[key])).lstrip("/"), hidden)
        for key, (name, hidden) in sheets.items()
        if key in targets
    )
    if not found:
        refuse_damaged("it has no sheet of cells")
    if len({sheet.part for sheet in found}) < len(found):
        refuse_damaged("two of its sheets are the same part")
    return found


def _styles(archive: Archive) -> bytes:
    """A byte for each style: what it shows a number as."""
    styles = bytearray()
    formats = dict.fromkeys(BUILT_IN_DATES, DATE)
    in_cells = False
    for name, attributes in _starts(archive, STYLES) if archive.has(STYLES) else ():
        if name == "numFmt" and len(formats) < MOST_FORMATS:
            formats[_number(attributes, "numFmtId")] = _shows(attributes.get("formatCode", ""))
        elif name in {"cellXfs", "cellStyleXfs", "cellStyles"}:
            in_cells = name == "cellXfs"
        elif name == "xf" and in_cells:
            styles.append(formats.get(_number(attributes, "numFmtId"), PLAIN))
    return bytes(styles)


def _shows(code: str) -> int:
    """What a format makes of a number: a date, so many digits at least, or nothing special."""
    if is_date_format(code):
        return DATE
    plain = code.partition(";")[0].replace('"', "").replace("\\", "")
    return len(plain) if ZEROS.fullmatch(plain) else PLAIN


def is_date_format(code: str) -> bool:
    """Whether a format shows a number as a date or a time.

    >>> is_date_format("dd/mm/yyyy"), is_date_format('#,##0.00 "days"'), is_date_format("[Red]0.00")
    (True, False, False)
    """
    return DATE_LETTERS.search(BESIDE_THE_POINT.sub("", code.partition(";")[0])) is not None


def _number(attributes: Attributes, name: str) -> int:
    text = attributes.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _starts(archive: Archive, part: str) -> Generator[tuple[str, Attributes]]:
    for count, start in enumerate(archive.read(part, _Starts())):
        if count > MOST_LISTED:
            refuse_damaged(f"{part} has more than {MOST_LISTED:,} elements")
        yield start


class _Starts(XmlReader[tuple[str, Attributes]]):
    def start(self, name: str, attributes: Attributes) -> None:
        super().start(name, attributes)
        self.found.append((local(name), attributes))
