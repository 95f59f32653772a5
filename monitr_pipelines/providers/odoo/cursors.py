"""Up to where the books were read: what the cursors of Odoo hold.

An increment compares what Odoo says of each month with what it said when the month was read, and reads
those months anew that differ. Lines that come, go or move show in the number of lines whenever they were
committed, and edits in the newest stamp. One kind of change shows in neither: an edit that is committed
late, with a stamp earlier than one that was read. Stamps are of the beginning of a transaction, which takes
an hour at most: a request ends within minutes, and what a server does on its own within the hour. So months
whose newest stamp may still be overtaken are read once more, until the clock of the web server shows that
everything was committed; an hour is granted to the clocks of server and database, which may differ.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby, islice
from typing import Any

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.providers.odoo import months
from monitr_pipelines.providers.odoo.faults import contradiction
from monitr_pipelines.providers.odoo.months import Total, Totals
from monitr_pipelines.providers.odoo.names import Names

LONGEST_TRANSACTION = timedelta(hours=1)
CLOCKS_APART = timedelta(hours=1)


@dataclass(frozen=True)
class Mark:
    """The books when reading began.

    Args:
        totals: What Odoo said of each month.
        settled: Whether all that carries these stamps or earlier ones was committed by then.
        names: With which lines were read.
    """

    totals: Totals
    settled: bool
    names: Names

    @classmethod
    def at(cls, totals: Totals, said_at: datetime | None, names: Names) -> "Mark":
        """The mark of a moment, by the clock of the web server, None where it does not tell."""
        newest = _newest(totals)
        waited = LONGEST_TRANSACTION + CLOCKS_APART
        settled = newest is None or (said_at is not None and said_at - newest >= waited)
        return cls(totals, settled, names)

    @property
    def since(self) -> str | None:
        """From which stamp on a change may have been overlooked, as Odoo writes it; None for empty books."""
        newest = _newest(self.totals)
        return f"{newest - LONGEST_TRANSACTION:%Y-%m-%d %H:%M:%S}" if newest else None

    def differing(self, now: Totals) -> set[date]:
        """The months that may read otherwise now."""
        every = self.totals.keys() | now.keys()
        differ = {month for month in every if self.totals.get(month) != now.get(month)}
        if self.settled or self.since is None:
            return differ
        return differ | {month for month, total in now.items() if total.newest >= self.since}

    def as_json(self) -> dict[str, Any]:
        """As cursors hold it."""
        # Copies: what a cursor holds is written down while reading goes on.
        names = {kind: dict(found) for kind, found in self.names.items()}
        return {"months": months.as_json(self.totals), "settled": self.settled, "names": names}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Mark":
        """From a cursor."""
        names = {kind: dict(found) for kind, found in stored["names"].items()}
        return cls(months.of_json(stored["months"]), stored["settled"], names)


@dataclass
class Reading:
    """A stream under way.

    Args:
        mark: Of its beginning.
        months: The months that are read, None for the whole ledger.
        after: The id behind which lines were not read yet.
        read: What was read of each month.
        open: By entry, what its lines that were read do not add up to zero by.
    """

    mark: Mark
    months: frozenset[date] | None = None
    after: int = 0
    read: dict[date, Total] = field(default_factory=dict)
    open: dict[int, Decimal] = field(default_factory=dict)

    def note(
        self,
        entries: Sequence[int],
        days: Sequence[date],
        debits: Sequence[Decimal],
        balances: Sequence[Decimal],
    ) -> None:
        """Count lines, by column: their entries, dates, debits and balances."""
        numbers, sums, left = Counter(days), defaultdict[date, Decimal](Decimal), self.open
        rest = iter(debits)
        for day, of_day in groupby(days):  # lines of a day mostly follow one another
            sums[day] += sum(islice(rest, len(list(of_day))), ZERO)
        for entry, balance in zip(entries, balances, strict=True):
            left[entry] = left[entry] + balance if entry in left else balance
        for entry in set(entries):
            if not left[entry]:
                del left[entry]
        for day, debit in sums.items():
            month = months.month_of(day)
            self.read[month] = self.read.get(month, Total()).and_lines(numbers[day], debit)

    def as_json(self) -> dict[str, Any]:
        """As checkpoints hold it."""
        return {
            "mark": self.mark.as_json(),
            "only": None if self.months is None else sorted(f"{month}" for month in self.months),
            "after": self.after,
            "read": months.as_json(self.read),
            "open": {str(entry): f"{rest:f}" for entry, rest in self.open.items()},
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Reading":
        """From a checkpoint."""
        only = stored["only"]
        return cls(
            Mark.of(stored["mark"]),
            None if only is None else frozenset(map(date.fromisoformat, only)),
            stored["after"],
            months.of_json(stored["read"]),
            {int(entry): Decimal(rest) for entry, rest in stored["open"].items()},
        )


def is_reading(stored: Mapping[str, Any]) -> bool:
    """Whether a cursor is a checkpoint's."""
    return "after" in stored


def _newest(totals: Totals) -> datetime | None:
    newest = max((total.newest for total in totals.values()), default="")
    try:
        return datetime.fromisoformat(newest).replace(tzinfo=UTC) if newest else None
    except ValueError:
        raise contradiction("a stamp is none") from None
