"""CSV files: delimited text in the standard layout, the older one, or one that the user describes."""

from typing import BinaryIO

from monitr_pipelines.files.contract import ReadSettings
from monitr_pipelines.files.delimiters import CANDIDATES, find_delimiter, given_delimiter
from monitr_pipelines.files.encoding import TextEncoding
from monitr_pipelines.files.records import DelimitedText
from monitr_pipelines.files.table_file import TableFile


def open_csv(stream: BinaryIO, encoding: TextEncoding, settings: ReadSettings) -> TableFile:
    """A CSV file, its settings known."""
    if settings.delimiter:
        delimiter, how = given_delimiter(settings.delimiter), "given"
    else:
        delimiter, how = find_delimiter(stream, encoding.name, settings.columns)
    known = {
        "encoding": f"{encoding.name} ({encoding.how})",
        "delimiter": f"{CANDIDATES.get(delimiter, delimiter)} ({how})",
    }
    return TableFile("CSV", DelimitedText(stream, encoding.name, delimiter), settings, known)
