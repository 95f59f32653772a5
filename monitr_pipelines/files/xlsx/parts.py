"""Where the first sheet of a workbook is, and which of its styles show numbers as dates."""

import re
from collections.abc import Generator, Sequence
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
MOST_SHEETS = 1_000
MOST_FORMATS = 10_000
MOST_LISTED = 1_000_000

Attributes = dict[str, str]


@dataclass(frozen=True)
class WorkbookParts:
    """The part that holds the first sheet, how its days count, and for each style whether it is a date."""

    sheet: str
    from_1904: bool
    date_styles: bytes


def find_parts(archive: Archive) -> WorkbookParts:
    """What the list of sheets and the styles say; a workbook without a sheet of cells is refused."""
    from_1904 = False
    sheets: list[str] = []
    for name, attributes in _starts(archive, WORKBOOK):
        if name == "workbookPr":
            from_1904 = attributes.get("date1904", "") in {"1", "true"}
        elif name == "sheet" and len(sheets) < MOST_SHEETS:
            sheets += [value for key, value in attributes.items() if local(key) == "id" != key]
    return WorkbookParts(_first_worksheet(archive, sheets), from_1904, _date_styles(archive))


def _first_worksheet(archive: Archive, sheets: Sequence[str]) -> str:
    """The part of the first sheet that has cells: a chart may fill a sheet too."""
    wanted = frozenset(sheets)
    targets = {
        attributes["Id"]: attributes.get("Target", "")
        for name, attributes in _starts(archive, RELATIONS)
        if name == "Relationship"
        and attributes.get("Id") in wanted
        and attributes.get("Type", "").endswith("/worksheet")
    }
    first = next((targets[sheet] for sheet in sheets if sheet in targets), None)
    if first is None:
        refuse_damaged("it has no sheet of cells")
    return normpath(join("/xl", first)).lstrip("/")


def _date_styles(archive: Archive) -> bytes:
    """A byte for each style: 1 where it shows a number as a date."""
    styles = bytearray()
    dates = set(BUILT_IN_DATES)
    in_cells = False
    for name, attributes in _starts(archive, STYLES) if archive.has(STYLES) else ():
        if (
            name == "numFmt"
            and len(dates) < MOST_FORMATS
            and is_date_format(attributes.get("formatCode", ""))
        ):
            dates.add(_number(attributes, "numFmtId"))
        elif name in {"cellXfs", "cellStyleXfs", "cellStyles"}:
            in_cells = name == "cellXfs"
        elif name == "xf" and in_cells:
            styles.append(_number(attributes, "numFmtId") in dates)
    return bytes(styles)


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
