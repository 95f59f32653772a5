"""Up to where the books were read: what the cursors of Tryton hold.

Moments are the server's own. A stamp is the beginning of the transaction that made it, so that one which
is committed later may carry an earlier stamp than what was read already. Transactions are taken to last
an hour at most: a request ends within minutes, and what a server posts on its own within the hour. Windows
therefore begin an hour before the newest stamp, until an import finds it unchanged after an hour: all that
carries earlier stamps is committed by then and was read, and from then on nothing is read twice.

How long a stamp has been the newest is measured with the clock of the web server, as the difference of
two moments: stamps may be in the time zone of the database's machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitr_pipelines.lifecycle.errors import CursorExpired

LONGEST_TRANSACTION = timedelta(hours=1)
SMALLEST_STEP = timedelta(microseconds=1)


@dataclass(frozen=True)
class Mark:
    """The newest stamp when reading began.

    Args:
        newest: The stamp; None for books without a posted move.
        found_at: When it was first found, by the web server's clock.
        settled: Whether everything of that stamp and before was committed and has been read.
    """

    newest: datetime | None
    found_at: datetime | None
    settled: bool = False

    def after(self, earlier: "Mark") -> "Mark":
        """This mark, knowing the one of the import before.

        Raises:
            CursorExpired: The newest stamp is older than it was: the database was restored from a backup.
        """
        if earlier.newest is None:
            return self
        if self.newest is None or self.newest < earlier.newest:
            message = "Tryton's books are older than they were: the whole ledger must be read."
            raise CursorExpired(message)
        if self.newest > earlier.newest or earlier.found_at is None:
            return self
        waited = self.found_at is not None and self.found_at - earlier.found_at >= LONGEST_TRANSACTION
        return replace(earlier, settled=earlier.settled or waited)

    def window(self) -> datetime:
        """From which stamp on the next import reads."""
        if self.newest is None:
            return datetime.min  # noqa: DTZ901 - stamps have no time zone
        return self.newest + SMALLEST_STEP if self.settled else self.newest - LONGEST_TRANSACTION

    def as_json(self) -> dict[str, Any]:
        """As cursors hold it."""
        return {"newest": _text(self.newest), "found_at": _text(self.found_at), "settled": self.settled}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Mark":
        """From a cursor."""
        return cls(_moment(stored["newest"]), _moment(stored["found_at"]), stored["settled"])


@dataclass(frozen=True)
class Place:
    """Where a stream goes on.

    Args:
        mark: Of the stream's beginning.
        window: Moves stamped since then are read; None for the whole ledger.
        after: The id behind which rows were not read yet: of a line in the whole ledger, else of a move.
    """

    mark: Mark
    window: datetime | None = None
    after: int = 0

    def as_json(self) -> dict[str, Any]:
        """As checkpoints hold it."""
        return {"mark": self.mark.as_json(), "window": _text(self.window), "after": self.after}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Place":
        """From a checkpoint."""
        return cls(Mark.of(stored["mark"]), _moment(stored["window"]), stored["after"])


def is_place(stored: Mapping[str, Any]) -> bool:
    """Whether a cursor is a checkpoint's."""
    return "after" in stored


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
