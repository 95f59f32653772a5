"""CSV files: delimited text in the standard layout, the older one, or one that the user describes."""

from typing import BinaryIO

from monitr_pipelines.files.csv.delimiters import (
    CANDIDATES,
    find_delimiter,
    given_delimiter,
    stated_delimiter,
)
from monitr_pipelines.files.reading.contract import ReadSettings
from monitr_pipelines.files.reading.encoding import TextEncoding
from monitr_pipelines.files.reading.records import DelimitedText
from monitr_pipelines.files.tables.file import TableFile


def open_csv(stream: BinaryIO, encoding: TextEncoding, settings: ReadSettings) -> TableFile:
    """A CSV file, its settings known."""
    stated = stated_delimiter(stream, encoding.name)
    if settings.delimiter:
        delimiter, how = given_delimiter(settings.delimiter), "given"
    elif stated:
        delimiter, how = stated, "the first line of the file says so"
    else:
        delimiter, how = find_delimiter(stream, encoding.name, settings)
    known = {
        "encoding": f"{encoding.name} ({encoding.how})",
        "delimiter": f"{CANDIDATES.get(delimiter, delimiter)} ({how})",
    }
    source = DelimitedText(stream, encoding.name, delimiter, skip=1 if stated else 0)
    return TableFile("CSV", source, settings, known, controls=encoding.controls)
