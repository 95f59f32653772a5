"""Where the header of a table stands: programs print titles above it."""

from collections.abc import Iterable, Sequence
from itertools import chain, islice

from monitr_pipelines.files.reading.contract import ReadSettings
from monitr_pipelines.files.reading.problems import NeedsAnswer
from monitr_pipelines.files.tables.layout import Layout, columns_for, is_known, recognise
from monitr_pipelines.files.tables.proposals import proposed_columns

HEADER_ROWS = 20


def header_place(rows: Iterable[Sequence[str]], settings: ReadSettings) -> int | None:
    """The place of the first row that is the header of ledger lines, None where none of twenty is.

    A header that is known, or said, comes before one whose columns could only be proposed.
    """
    sample = list(islice(rows, HEADER_ROWS))
    known = (place for place, row in enumerate(sample) if is_header(row, settings))
    probable = (place for place, row in enumerate(sample) if is_probable_header(row))
    return next(chain(known, probable), None)


def is_header(row: Sequence[str], settings: ReadSettings) -> bool:
    """Whether a row is the header of ledger lines, by itself or by what was said."""
    try:
        return _has_lines(recognise(row, columns_for(row, settings, known=is_known(row))))
    except NeedsAnswer:
        return False


def is_probable_header(row: Sequence[str]) -> bool:
    """Whether the columns of ledger lines could be proposed for a row."""
    return _has_lines(recognise(row, proposed_columns(row)))


def _has_lines(layout: Layout | None) -> bool:
    return layout is not None and layout.has_lines
