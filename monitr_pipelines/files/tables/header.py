"""Where the header of a table stands: programs print titles above it."""

from collections.abc import Iterable, Sequence

from monitr_pipelines.files.reading.contract import ReadSettings
from monitr_pipelines.files.reading.problems import NeedsAnswer
from monitr_pipelines.files.tables.layout import Layout, columns_for, is_known, recognise

HEADER_ROWS = 20


def header_place(rows: Iterable[Sequence[str]], settings: ReadSettings) -> int | None:
    """The place of the first row that is the header of ledger lines, None where none of twenty is."""
    for place, row in zip(range(HEADER_ROWS), rows, strict=False):
        layout = layout_of(row, settings)
        if layout is not None and layout.has_lines:
            return place
    return None


def layout_of(row: Sequence[str], settings: ReadSettings) -> Layout | None:
    """The layout of a table with this header, None when it is none that is known or said."""
    try:
        return recognise(row, columns_for(row, settings, known=is_known(row)))
    except NeedsAnswer:
        return None
