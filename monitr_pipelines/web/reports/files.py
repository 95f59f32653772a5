"""Tables as files that spreadsheets open: numbers are numbers, dates are dates, and no text is a formula."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from xlsxwriter import Workbook

from monitr_pipelines.ledger.formulas import quoted
from monitr_pipelines.ledger.money import plain

AMOUNT_FORMAT = "#,##0.00"
MOMENT_FORMAT = "yyyy-mm-dd hh:mm"
WIDE, NARROW = 44, 16
HEAD_ROW = 2


@dataclass(frozen=True)
class Table:
    """A heading, when the figures were made, the names of the columns, and rows of texts and amounts."""

    title: str
    at: datetime | None
    heads: Sequence[str]
    rows: Sequence[Sequence[object]]


def as_csv(table: Table) -> bytes:
    """Rows alone, so that programs read them too; UTF-8 with the mark that spreadsheets look for."""
    file = io.StringIO()
    writer = csv.writer(file)
    for row in (table.heads, *table.rows):
        writer.writerow([_harmless(value) for value in row])
    return file.getvalue().encode("utf-8-sig")


def as_workbook(table: Table) -> bytes:
    """A workbook of one sheet, its heading and its names of columns in sight."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        amounts = book.add_format({"num_format": AMOUNT_FORMAT})
        moments = book.add_format({"num_format": MOMENT_FORMAT, "align": "left"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(HEAD_ROW + 1, 2)
        sheet.set_column(1, 1, WIDE)
        sheet.set_column(2, len(table.heads), NARROW)
        sheet.write_string(0, 0, table.title, bold)
        if table.at is not None:
            sheet.write_datetime(1, 0, table.at.astimezone(UTC).replace(tzinfo=None), moments)
        for across, head in enumerate(table.heads):
            sheet.write_string(HEAD_ROW, across, head, bold)
        for down, row in enumerate(table.rows, HEAD_ROW + 1):
            for across, value in enumerate(row):
                # Each by its kind: the library's own choice takes a text that begins with = for a formula.
                if isinstance(value, Decimal):
                    sheet.write_number(down, across, value, amounts)
                elif value is not None:
                    sheet.write_string(down, across, str(value))
    return file.getvalue()


def _harmless(value: object) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return plain(value)
    return quoted(str(value))
