"""The spool of one fetch: records are appended as pages come in, and streamed back once the last one did."""

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Any, BinaryIO, Self, TypeAlias

from monitr_pipelines import settings
from monitr_pipelines.importing.spool import folder
from monitr_pipelines.importing.spool.codec import (
    Between,
    Booked,
    Deleted,
    Ended,
    Header,
    Reached,
    Record,
    Upserted,
    Whole,
    scope_of,
)
from monitr_pipelines.importing.spool.frames import pack, whole_frames
from monitr_pipelines.ledger.blocks import AxisNumbers, AxisSet
from monitr_pipelines.ledger.changes import Cursor, Delete, Scope, Written
from monitr_pipelines.lifecycle.errors import SpoolFull

# What a record holds: a block of lines of a scope (None: upserted), or keys of lines that are gone.
Part: TypeAlias = tuple[tuple[str, Scope | None], Sequence[Any]]

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Spool:
    """A file of records.

    `resume_at`: where its fetch goes on; `end`: its End's cursor, once it has one; `numbers`: those of the
    sets of axis values in it, counted from its start.
    """

    def __init__(self, path: Path, file: BinaryIO, identity: Mapping[str, str]) -> None:
        self._path = path
        self._file = file
        self.resume_at: Cursor | None = None
        self.end: Cursor | None = None
        self.numbers = AxisNumbers()
        self._limit = settings.spool_limit()
        if not self._go_on(Header(dict(identity))):
            self._begin(Header(dict(identity)))

    @classmethod
    def of_whole_ledger(cls, entity_id: int, import_id: int, identity: Mapping[str, str]) -> Self:
        """The spool of a full fetch, with the pages that an interrupted one left behind."""
        place = folder.prepare()
        folder.sweep(place)
        path = place / f"{entity_id}{folder.RESUMABLE}"
        if path.exists():
            file = folder.take(path)
            if file is None:  # a worker that lost its lease still writes: leave its file alone
                return cls.of_increment(entity_id, import_id)
        else:
            file = folder.create(path)
        return cls(path, file, identity)

    @classmethod
    def of_increment(cls, entity_id: int, import_id: int) -> Self:
        """The spool of what changed since the last import: small, and begun anew every time."""
        place = folder.prepare()
        folder.sweep(place)
        path = place / f"{entity_id}-{import_id}{folder.SUFFIX}"
        return cls(path, folder.create(path), {})

    def write(self, record: Record) -> None:
        """Append a record; SpoolFull where the folder or the disk has no room for it."""
        frame = pack(record)
        if folder.size(self._path.parent) + len(frame) > self._limit:
            raise _full(f"the spools would take more than {self._limit} bytes")
        try:
            self._file.write(frame)
            # What is written must be seen by the next page's look at the folder, and outlive this process.
            self._file.flush()
        except OSError as error:
            if error.errno in NO_SPACE:
                raise _full(os.strerror(error.errno)) from None
            raise
        if isinstance(record, Ended):
            self.end = record.cursor

    def changes(self) -> Iterator[Delete | Written]:
        """Everything that was written, streamed; parts of one scope are joined."""
        for (kind, scope), parts in groupby(self._parts(), key=lambda part: part[0]):
            contents = chain.from_iterable(part[1] for part in parts)
            if kind == "keys":
                yield Delete(contents)
            else:
                yield Written(scope, contents)

    def discard(self) -> None:
        """Remove the file: its import has ended."""
        self._path.unlink(missing_ok=True)
        self._file.close()

    def leave(self) -> None:
        """Let go of the file: an import of the same whole ledger goes on with it."""
        self._file.close()

    def _parts(self) -> Iterator[Part]:
        self._file.seek(0)
        for record in whole_frames(self._file):
            match record:
                case Deleted(keys):
                    yield ("keys", None), keys
                case Reached() | Ended() | Header():
                    pass
                case _:
                    yield ("lines", scope_of(record)), (record.block,)

    def _begin(self, header: Header) -> None:
        self.resume_at = self.end = None
        self.numbers = AxisNumbers()
        self._file.seek(0)
        self._file.truncate()
        self.write(header)

    def _go_on(self, header: Header) -> bool:
        """Whether the file holds whole pages of the same fetch; what stands behind them is cut off."""
        whole = known = 0
        self._file.seek(0)
        records = whole_frames(self._file)
        if next(records, None) != header:
            return False
        named: list[tuple[AxisSet, str]] = []
        for record in records:
            match record:
                case Upserted() | Whole() | Between() | Booked():
                    named += record.block.axes
                case Reached(cursor):
                    self.resume_at, whole, known = cursor, self._file.tell(), len(named)
                case Ended(cursor):
                    self.end, whole, known = cursor, self._file.tell(), len(named)
                    break
        for axes, number in named[:known]:
            self.numbers.learn(axes, number)
        self._file.seek(whole)
        self._file.truncate()
        return bool(whole)


def _full(detail: str) -> SpoolFull:
    return SpoolFull(
        "There is no room to fetch the books into. Nothing was changed, and we are looking into it.",
        detail=detail,
    )
