"""The transaction lines of a division and the log of what was deleted, read together."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Generic, TypeVar

from monitr_pipelines.ledger.changes import Delete, Replace, Upsert, WholeLedger
from monitr_pipelines.providers.contract import Checkpoint, Item
from monitr_pipelines.providers.exact.api import Api, contradicts
from monitr_pipelines.providers.exact.columns import page_of, values_of
from monitr_pipelines.providers.exact.cursors import Place
from monitr_pipelines.providers.exact.datasets import (
    AXES,
    DELETED,
    LINES,
    DeletedRow,
    LineRow,
    SyncDataset,
)
from monitr_pipelines.providers.exact.lines import deleted_lines
from monitr_pipelines.providers.exact.values import milliseconds_of, newest_of

DIVISION, VERSION, WRITTEN = map(attrgetter, ("division", "timestamp", "written"))
# Books that are worked on move, but not for that long without a pause.
MOST_ROUNDS = 20

Row = TypeVar("Row", LineRow, DeletedRow)


class Log(Generic[Row]):
    """One endpoint read by row version, in several goes.

    Args:
        place: Where the stream began.
        newest: The row version behind which it is read.
        settled: The version up to which nothing can come up any more (see `cursors`). Versions are given in
            the order of changes: behind the first row that is too young for that, all are.
    """

    def __init__(
        self, api: Api, dataset: SyncDataset[Row], place: Place, *, newest: int, settled: int
    ) -> None:
        self.newest = newest
        self.settled = settled
        self._api = api
        self._dataset: SyncDataset[Row] = dataset
        self._place = place

    def pages(self) -> Iterator[list[Row]]:
        """The pages behind what was read so far; Exact hardly checks the division in a path, so we do."""
        division = int(self._api.division)
        for rows in self._api.pages_since(self._dataset, self.newest):
            if set(map(DIVISION, rows)) != {division}:
                contradicts("rows of another division than was asked for")
            if self.settled == self.newest:
                self._settle(rows)
            self.newest = rows[-1].timestamp
            yield rows

    def _settle(self, rows: list[Row]) -> None:
        settled_before = self._place.settled_before
        newest = newest_of(list(map(WRITTEN, rows)))
        if newest is not None and milliseconds_of(newest, "a moment") < settled_before:
            self.settled = rows[-1].timestamp
            return
        # Many rows are written in one moment, and one follows the other.
        for written, of_moment in groupby(rows, WRITTEN):
            if written is None or milliseconds_of(written, "a moment") >= settled_before:
                return
            self.settled = max(map(VERSION, of_moment))


class Stream:
    """The items of one stream.

    `place` is where the next one goes on; `used` are the codes of accounts and axis values that lines have,
    by their field.
    """

    def __init__(self, api: Api, place: Place, currency: str) -> None:
        self.place = place
        self.used: dict[str, set[str | None]] = {name: set() for name in ("account", *AXES)}
        self._currency = currency
        self._whole = place.after is not None
        read = place.lines if place.after is None else place.after
        self._lines = Log(api, LINES, place, newest=read, settled=place.lines)
        self._deleted = _deletions(api, place)

    def items(self) -> Iterator[Item]:
        """Lines, then deletions, and both again while something was deleted meanwhile.

        What replaces a deleted line was written together with the deletion: read apart, one of them may
        be seen and the other not, and bookings would not add up.
        """
        if self._whole:
            yield Replace(WholeLedger(), ())  # books without a line are a whole ledger too
        for _ in range(MOST_ROUNDS):
            yield from self._changed_lines()
            gone = [key for rows in self._deleted.pages() for key in deleted_lines(rows)]
            if not gone:
                break
            yield Delete(gone)
        self.place = replace(self.place, lines=self._lines.settled, deleted=self._deleted.settled, after=None)

    def _changed_lines(self) -> Iterator[Item]:
        for rows in self._lines.pages():
            values = values_of(rows)
            for name, codes in self.used.items():
                codes.update(values[name])
            lines = page_of(rows, values, self._currency)
            if self._whole:
                yield Replace(WholeLedger(), lines)
                self.place = replace(self.place, lines=self._lines.settled, after=self._lines.newest)
                yield Checkpoint(self.place.as_json())
            else:
                yield Upsert(lines)


def settled_deletions(api: Api, place: Place) -> int:
    """Up to where the log tells of lines that a fetch which begins now does not find anyway."""
    log = _deletions(api, place)
    for _ in log.pages():
        pass
    return log.settled


def _deletions(api: Api, place: Place) -> Log[DeletedRow]:
    return Log(api, DELETED, place, newest=place.deleted, settled=place.deleted)
