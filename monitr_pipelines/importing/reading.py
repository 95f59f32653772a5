"""How a file of an entity is read: by the import, the command line that asks for it and the preview alike."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, BinaryIO

from monitr_pipelines.files import LedgerFile, Mode, ReadSettings, WrittenFile, open_ledger_file
from monitr_pipelines.files.reading.contract import SavedSheet
from monitr_pipelines.ledger.beforehand.plausible import other_year
from monitr_pipelines.ledger.changes import lines_of
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.warehouse.books.doubts import other_fiscal_year
from monitr_pipelines.warehouse.registry.entities import Entity

SAVED_SHEET = "saved_sheet"
OPTIONS = (
    "date_format",
    "decimal",
    "thousands",
    "delimiter",
    "encoding",
    "sheet",
    "date_cells",
    "code_digits",
)


def chosen(entity: Entity, given: Mapping[str, Any]) -> dict[str, Any]:
    """How a file is to be read: what was said of it, or else what its entity keeps now.

    It is stored with the file, which is read in the same way whenever it is replayed.
    """
    kept = {name: entity.settings[name] for name in OPTIONS if name in entity.settings}
    saved = {} if "columns" in given else entity.settings.get("columns")
    sheet = entity.settings.get(SAVED_SHEET)
    return {**kept, "saved_columns": saved or {}, **({SAVED_SHEET: sheet} if sheet else {}), **given}


def kept_for_others(reading: Mapping[str, Any], headers: Sequence[str]) -> dict[str, Any]:
    """What was said of a file of these headers and holds for later files of its kind, as entities keep it."""
    kept: dict[str, Any] = {}
    if reading.get("columns"):
        kept["columns"] = reading["columns"]
    if reading.get("sheet") and headers:
        kept[SAVED_SHEET] = {"said": reading["sheet"], "headers": list(headers)}
    return kept


def read_settings(
    calendar: FiscalCalendar,
    chosen: Mapping[str, Any],
    *,
    mode: str,
    content_hash: str,
    read_before: bool = False,
) -> ReadSettings:
    """The settings that one file is read with; `read_before` where it is in the books."""
    return ReadSettings(
        content_hash=content_hash,
        mode=Mode(mode),
        calendar=calendar,
        columns=chosen.get("columns") or {},
        saved_columns=chosen.get("saved_columns") or {},
        saved_sheet=_saved_sheet(chosen.get(SAVED_SHEET)),
        read_before=read_before,
        **{name: chosen.get(name) for name in OPTIONS},
    )


def _saved_sheet(kept: Mapping[str, Any] | None) -> SavedSheet | None:
    return SavedSheet(kept["said"], tuple(kept["headers"])) if kept else None


def read_through(stream: BinaryIO, settings: ReadSettings) -> None:
    """Read a seekable stream to its end and keep nothing; InconsistentData with all that is wrong with it."""
    file = open_ledger_file(stream, settings)
    if isinstance(file, WrittenFile):
        parts: Iterable[object] = chain.from_iterable(change.blocks for change in file.written())
    else:
        parts = lines_of(file.changes())
    for _ in parts:
        pass


def refuse_stated_year(file: LedgerFile, calendar: FiscalCalendar) -> None:
    """Ask where a file is of another fiscal year than the calendar has; nothing is stored until then."""
    stated = file.fiscal_year
    if stated is not None and other_year(stated, (), stated.last, calendar) is not None:
        raise other_fiscal_year(stated, calendar)
