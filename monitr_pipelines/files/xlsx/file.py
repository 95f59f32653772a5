"""Excel spreadsheets (.xlsx) with the same columns as CSV files: the first sheet is read."""

from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import islice
from typing import BinaryIO

from monitr_pipelines.files.reading.contract import ReadSettings
from monitr_pipelines.files.reading.problems import BadValueError, Problems
from monitr_pipelines.files.reading.records import Record
from monitr_pipelines.files.tables.file import TableFile
from monitr_pipelines.files.xlsx.archive import Archive
from monitr_pipelines.files.xlsx.parts import WorkbookParts, find_parts
from monitr_pipelines.files.xlsx.sheet import Row, SheetReader, column_letters
from monitr_pipelines.files.xlsx.strings import SharedStrings
from monitr_pipelines.ledger.sentences import sentence

SAMPLE_ROWS = 100


def open_xlsx(stream: BinaryIO, settings: ReadSettings) -> TableFile:
    """The first sheet of a workbook, its rows streamed."""
    archive = Archive(stream)
    sheet = Sheet(archive, find_parts(archive))
    return TableFile("Excel", sheet, settings, {"sheet": "the first"}, typed=True)


class Sheet:
    """The rows of a sheet as records; the line of a record is its row.

    Its table begins in column A and goes to the last column of the header, or further where the first rows
    fill the columns right behind it. A cell outside stands for itself: a note, or one that is far away.
    """

    def __init__(self, archive: Archive, parts: WorkbookParts) -> None:
        self._archive = archive
        self._parts = parts
        self._strings = SharedStrings(archive)
        with closing(self._rows()) as rows:
            self._width = _width(islice(rows, SAMPLE_ROWS))

    def records(self, problems: Problems) -> Generator[Record]:
        """The rows that are not empty, from the first on."""
        width = self._width
        outside: tuple[int, int] | None = None
        with closing(self._rows()) as rows:
            for number, cells in rows:
                record = [""] * width
                for column, text in cells:
                    if column >= width:
                        outside = outside or (number, column)
                    elif isinstance(text, BadValueError):
                        problems.add(text.code, text.message, line=number, column=column_letters(column))
                    else:
                        record[column] = text
                if any(record):
                    yield number, record
        if outside is not None:
            row, column = outside
            last = column_letters(width - 1)
            problems.warn(
                "outside_table",
                sentence("outside_table", cell=f"{column_letters(column)}{row}", last=last),
            )

    def _rows(self) -> Generator[Row]:
        return self._archive.read(self._parts.sheet, SheetReader(self._parts, self._strings))


def _width(rows: Iterator[Row]) -> int:
    header = next(rows, None)
    if header is None:
        return 0
    filled = {cell.column for row in rows for cell in row.cells}
    width = header.cells[-1].column + 1
    while width in filled:
        width += 1
    return width
