"""Workbooks as different programs write them: several sheets by openpyxl, and the XML of others by hand."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime

import openpyxl

HEADER = ["date", "account_code", "account_name", "description", "debit", "credit"]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def sale(day: object, amount: object) -> list[list[object]]:
    """A booking of two lines."""
    return [
        [day, "550000", "Bank", "Sale", amount, None],
        [day, "700000", "Sales", "Sale", None, amount],
    ]


def day(text: str) -> datetime:
    """A day as a date cell holds it."""
    return datetime.fromisoformat(text)


def book(sheets: Mapping[str, Sequence[Sequence[object]]], **states: str) -> bytes:
    """A workbook by openpyxl; `states` are hidden or veryHidden by the name of a sheet."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        sheet.sheet_state = states.get(name, "visible")
        for row in rows:
            sheet.append(list(row))
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def by_hand(
    sheets: Mapping[str, str],
    *,
    formats: Sequence[str] = (),
    texts: Sequence[str] = (),
    workbook: str = "",
    states: Mapping[str, str] | None = None,
) -> bytes:
    """A workbook of sheets whose rows are XML; style 0 is plain, the next ones have the `formats`.

    `texts` are shared strings, as XML; `workbook` goes into the list of sheets, around the sheets.
    """
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="s{number}"'
        + (f' state="{states[name]}"' if states and name in states else "")
        + "/>"
        for number, name in enumerate(sheets, start=1)
    )
    related = "".join(
        f'<Relationship Id="s{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    codes = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{code}"/>' for number, code in enumerate(formats, start=164)
    )
    styles = '<xf numFmtId="0"/>' + "".join(
        f'<xf numFmtId="{number}" applyNumberFormat="1"/>' for number in range(164, 164 + len(formats))
    )
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{workbook}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts>'
        f'<cellXfs>{styles}</cellXfs><cellStyles><cellStyle name="Normal"/></cellStyles></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(f"<si>{text}</si>" for text in texts)}</sst>',
    }
    for number, rows in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def inline(*texts: str) -> str:
    """Cells of text as programs write them that share none."""
    return "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)


def row(cells: str, attributes: str = "") -> str:
    return f"<row{attributes}>{cells}</row>"


HEADER_ROW = row(inline(*HEADER))
