"""CSV files: delimited text in the standard layout, the older one, or one that the user describes."""

from typing import BinaryIO

from monitr_pipelines.files.csv.delimiters import (
    CANDIDATES,
    Found,
    below_titles,
    find_delimiter,
    given_delimiter,
    stated_delimiter,
)
from monitr_pipelines.files.reading.contract import ReadSettings
from monitr_pipelines.files.reading.encoding import TextEncoding
from monitr_pipelines.files.reading.headers import listed
from monitr_pipelines.files.reading.records import DelimitedText
from monitr_pipelines.files.tables.file import TableFile


def open_csv(stream: BinaryIO, encoding: TextEncoding, settings: ReadSettings) -> TableFile:
    """A CSV file, its settings known."""
    stated = stated_delimiter(stream, encoding.name)
    skip = 1 if stated else 0
    if settings.delimiter:
        found = Found(given_delimiter(settings.delimiter), "given", skip)
        found = below_titles(stream, encoding.name, settings, found)
    elif stated:
        found = Found(stated, "the first line of the file says so", skip)
        found = below_titles(stream, encoding.name, settings, found)
    else:
        found = find_delimiter(stream, encoding.name, settings)
    known = {
        "encoding": f"{encoding.name} ({encoding.how})",
        "delimiter": f"{CANDIDATES.get(found.delimiter, found.delimiter)} ({found.how})",
    }
    if found.above:
        known["above the header"] = listed(found.above)
    source = DelimitedText(stream, encoding.name, found.delimiter, skip=found.skip)
    return TableFile("CSV", source, settings, known, controls=encoding.controls, above=found.above)
