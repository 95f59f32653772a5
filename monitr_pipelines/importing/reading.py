"""How a file of an entity is read: by the import, the command line that asks for it and the preview alike."""

from collections.abc import Generator, Iterable, Mapping
from typing import Any

from monitr_pipelines.files import Mode, ReadSettings
from monitr_pipelines.ledger.changes import Change, Replace, Upsert
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.entities import Entity

OPTIONS = ("date_format", "decimal", "thousands", "delimiter", "encoding")


def read_settings(entity: Entity, given: Mapping[str, Any], *, mode: str, content_hash: str) -> ReadSettings:
    """The settings of one file: what was said of it, or else what its entity keeps."""
    chosen = {**entity.settings, **given}
    return ReadSettings(
        content_hash=content_hash,
        mode=Mode(mode),
        calendar=entity.calendar,
        columns=chosen.get("columns") or {},
        **{name: chosen.get(name) for name in OPTIONS},
    )


def lines_of(changes: Iterable[Change]) -> Generator[LedgerLine]:
    """The lines of all changes, whatever they replace."""
    for change in changes:
        if isinstance(change, (Replace, Upsert)):
            yield from change.lines
