"""Excel spreadsheets (.xlsx) with the same columns as CSV files, in one sheet or in several of one header."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import BinaryIO

from monitr_pipelines.files.reading.contract import ReadSettings
from monitr_pipelines.files.reading.headers import listed
from monitr_pipelines.files.reading.problems import BadValueError, NeedsAnswer, Problems
from monitr_pipelines.files.reading.records import Record
from monitr_pipelines.files.tables.file import TableFile
from monitr_pipelines.files.xlsx.archive import Archive
from monitr_pipelines.files.xlsx.choose import choose
from monitr_pipelines.files.xlsx.parts import SheetPart, WorkbookParts, find_parts
from monitr_pipelines.files.xlsx.sheet import Row, SheetReader, column_letters
from monitr_pipelines.files.xlsx.strings import SharedStrings
from monitr_pipelines.ledger.sentences import sentence

SAMPLE_ROWS = 100


class WorkbookFile(TableFile):
    """The ledger file of a workbook; `sheets` are the names of its sheets, `sheet` what was read of them."""

    sheets: tuple[str, ...] = ()


def open_xlsx(stream: BinaryIO, settings: ReadSettings) -> WorkbookFile:
    """The sheets of a workbook that hold its ledger, their rows streamed.

    Raises:
        NeedsAnswer: More than one sheet may be meant, with the names of all of them.
    """
    archive = Archive(stream)
    workbook = Workbook(archive, find_parts(archive))
    names = tuple(sheet.name for sheet in workbook.parts.sheets)
    try:
        chosen = choose(workbook.samples(), settings)
        told = {"sheet": listed(sheet.label for sheet in chosen.sheets)}
        if chosen.left:
            told["sheets not read"] = listed(sheet.label for sheet in chosen.left)
        above = chosen.sheets[0].above
        if above:
            told["above the header"] = listed(above)
        workbook.read = [(sheet.part, sheet.skip) for sheet in chosen.sheets]
        file = WorkbookFile("Excel", workbook, settings, told, typed=True, above=above)
    except NeedsAnswer as question:
        question.sheets = names
        raise
    file.sheets = names
    return file


class Workbook:
    """The rows of the chosen sheets as records, one sheet after another; the line of a record is its row.

    A table begins in column A and goes to the last column of the header, or further where the first rows
    fill the columns right behind it. A cell outside stands for itself: a note, or one that is far away.
    `read` are the sheets to read, each with the number of rows up to its header. What stands above it is left
    out, and so is the header of a sheet that follows another, for it says what the first has said.
    """

    def __init__(self, archive: Archive, parts: WorkbookParts) -> None:
        self.parts = parts
        self.read: Sequence[tuple[SheetPart, int]] = ()
        self._archive = archive
        self._strings = SharedStrings(archive)
        self._widths: dict[str, int] = {}

    def samples(self) -> Generator[tuple[SheetPart, Iterator[Record]]]:
        """Each sheet with its first rows that are not empty, to be looked at before the next sheet."""
        for sheet in self.parts.sheets:
            with closing(self._rows(sheet)) as rows:
                columns = _Columns(islice(rows, SAMPLE_ROWS))
                yield sheet, columns.records()
                self._widths[sheet.part] = columns.width()

    def records(self, problems: Problems) -> Generator[Record]:
        """The rows that are not empty, from the header on."""
        width = max(self._widths[sheet.part] for sheet, _ in self.read)
        for place, (sheet, skip) in enumerate(self.read):
            if len(self.parts.sheets) > 1:
                problems.sheet = sheet.name
            yield from self._records(sheet, width, skip if place else skip - 1, problems)

    def _records(self, sheet: SheetPart, width: int, skip: int, problems: Problems) -> Generator[Record]:
        outside: tuple[int, int] | None = None
        hidden, first_hidden = 0, 0
        with closing(self._rows(sheet)) as rows:
            for row in rows:
                if row.number <= skip:
                    continue
                if row.hidden:
                    hidden += 1
                    first_hidden = first_hidden or row.number
                record = [""] * width
                for column, text in row.cells:
                    if column >= width:
                        outside = outside or (row.number, column)
                    elif isinstance(text, BadValueError):
                        problems.add(text.code, text.message, line=row.number, column=column_letters(column))
                    else:
                        record[column] = text
                if any(record):
                    yield row.number, record
        if outside is not None:
            number, column = outside
            last = column_letters(width - 1)
            problems.warn(
                "outside_table",
                sentence("outside_table", cell=f"{column_letters(column)}{number}", last=last),
            )
        if hidden:
            told = sentence("hidden_rows", count=hidden, first=str(first_hidden))
            problems.warn("hidden_rows", told)

    def _rows(self, sheet: SheetPart) -> Generator[Row]:
        return self._archive.read(sheet.part, SheetReader(sheet, self.parts, self._strings))


class _Columns:
    """The first rows of a sheet, none of which is kept, and how wide its table is by them."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._first = 0
        self._filled: set[int] = set()

    def records(self) -> Iterator[Record]:
        """Each row up to the last of its cells."""
        for row in self._rows:
            last = row.cells[-1].column + 1
            self._first = self._first or last
            self._filled.update(cell.column for cell in row.cells)
            record = [""] * last
            for column, text in row.cells:
                record[column] = "" if isinstance(text, BadValueError) else text
            yield row.number, record

    def width(self) -> int:
        """The columns of the first row, and those right behind that any row fills."""
        for _ in self.records():
            pass
        width = self._first
        while width in self._filled:
            width += 1
        return width
