"""Excel spreadsheets (.xlsx) with the same columns as CSV files: the first sheet is read."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from monitr_pipelines.files.reading.contract import ReadSettings
from monitr_pipelines.files.reading.problems import BadValueError, Problems, refuse_file
from monitr_pipelines.files.reading.records import Record
from monitr_pipelines.files.tables.file import TableFile
from monitr_pipelines.files.xlsx.archive import check_archive
from monitr_pipelines.files.xlsx.cells import cell_text
from monitr_pipelines.files.xlsx.look import first_rows
from monitr_pipelines.files.xlsx.rows import Rows, read_rows


def open_xlsx(stream: BinaryIO, settings: ReadSettings) -> TableFile:
    """The first sheet of a workbook; unlike the other formats it is read into memory."""
    check_archive(stream, to_look_at=settings.most_rows is not None)
    rows = Sheet(_rows(stream, settings.most_rows))
    return TableFile("Excel", rows, settings, {"sheet": "the first"}, typed=True)


@dataclass(frozen=True)
class Sheet:
    """The rows of a sheet as records; the line of a record is its row."""

    rows: Sequence[Sequence[object]]

    def records(self, problems: Problems) -> Generator[Record]:
        """The rows that are not empty, from the first on."""
        for number, row in enumerate(self.rows, start=1):
            record: list[str] = []
            for place, value in enumerate(row):
                try:
                    record.append(cell_text(value))
                except BadValueError as error:
                    problems.add(error.code, error.message, line=number, column=str(place + 1))
                    record.append("")
            if any(record):
                yield number, record


def _rows(stream: BinaryIO, most_rows: int | None) -> Rows:
    told = read_rows(stream, None) if most_rows is None else first_rows(stream, most_rows)
    if isinstance(told, str):
        refuse_file(
            "workbook_damaged", f"the Excel file is damaged or has no sheet that can be read ({told})"
        )
    return told
