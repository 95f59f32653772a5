"""The digest of changes: which lines are new, changed or deleted since a moment.

Whether it goes by the moment of the change, as its name says, and tells of new lines too is documented
nowhere: an increment does not rest on it alone, see `years`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from monitr_pipelines.providers.yuki import datasets
from monitr_pipelines.providers.yuki.api import Api
from monitr_pipelines.providers.yuki.cursors import expired
from monitr_pipelines.providers.yuki.datasets import CHANGES
from monitr_pipelines.providers.yuki.values import (
    Row,
    bare,
    contradicts,
    day,
    moment_of,
    needed,
    truth,
    unknown,
)

# Beyond that the whole ledger takes fewer questions.
MOST_PAGES = 60
# Books that are worked on move, but not for that long without a pause.
MOST_ROUNDS = 5


class Change(NamedTuple):
    """A line that is new, changed or deleted: the day that it is booked on, and its stamps."""

    key: str
    day: date
    deleted: bool
    created: datetime | None
    stamp: datetime


@dataclass(frozen=True)
class Digest:
    """The changes of an administration from one moment to another."""

    api: Api
    administration: str
    since: datetime
    until: datetime

    def changes(self) -> list[Change]:
        """All of them, each once.

        Pages are told by numbers of rows: where there are several, rows may move between two of them. They
        are read again then, until nothing comes up any more.

        Raises:
            CursorExpired: There are too many, or they do not come to rest.
        """
        found = set[Change]()
        for _ in range(MOST_ROUNDS):
            pages = list(self._pages())
            new = {change for page in pages for change in page} - found
            found |= new
            if len(pages) <= 1 or not new:
                return sorted(found)
        raise expired("changes do not come to rest")

    def _pages(self) -> Iterator[Sequence[Change]]:
        """Pages up to an empty one: how many rows a page has at most only the server knows."""
        start, before = 0, 0
        seen = set[Change]()
        for _ in range(MOST_PAGES):
            page = [_change(row) for row in self._page(start)]
            if not page:
                return
            if seen.issuperset(page) and len(page) == before:
                contradicts("a page of changes comes twice")
            yield page
            seen.update(page)
            before = len(page)
            start += before
        raise expired("more was changed than is worth telling one by one")

    def _page(self, start: int) -> list[Row]:
        asked = {
            "administrationID": self.administration,
            "startDate": _written(self.since),
            "endDate": _written(self.until),
            "numberOfRecords": str(datasets.PAGE),
            "startRecord": str(start),
        }
        return self.api.many_rows(CHANGES, asked)


def gone(changes: Sequence[Change]) -> set[str]:
    """The keys of lines of which the last that is told is that they were deleted."""
    last: dict[str, Change] = {}
    for change in sorted(changes, key=lambda each: each.stamp):
        last[change.key] = change
    return {key for key, change in last.items() if change.deleted}


def _change(row: Row) -> Change:
    created, updated = (_moment(row, name) for name in ("created", "updated"))
    stamp = updated or created or unknown("a change without a stamp")
    return Change(needed(row, "id"), day(row, "transactionDate"), truth(row, "deleted"), created, stamp)


def _moment(row: Row, name: str) -> datetime | None:
    found = bare(row.get(name))
    return moment_of(found, name) if found else None


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.00Z"
