"""Up to where the books were read: what the cursors of QuickBooks hold.

Changes are told since a moment, for thirty days. One that is committed late may carry an earlier stamp than
others that were told: each increment reaches back an hour before the beginning of the import before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from monitr_pipelines.lifecycle.errors import CursorExpired
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.quickbooks.report import Window
from monitr_pipelines.providers.quickbooks.sign_in import TITLE

LATEST_COMMIT = timedelta(hours=1)
# Of the thirty days; the rest is for clocks, and for an import that takes long.
TOLD_FOR = timedelta(days=29)


@dataclass(frozen=True)
class Place:
    """Where a stream stands.

    Args:
        began_at: When reading began, by the server's clock.
        asked: The columns that lines were read with.
        codes: The codes of accounts by id that they were read with.
        untold: Whether there are transactions of whose changes nobody tells.
        read: The earliest day that was read of the whole ledger, whose newest days come first; None for
            an increment.
        months: How many months to read next.
        older: Whether accounts had a balance before that day.
    """

    began_at: datetime
    asked: Sequence[str]
    codes: Mapping[str, str]
    untold: bool = False
    read: date | None = None
    months: int = 1
    older: bool = True

    @property
    def since(self) -> datetime:
        """From when on changes may not have been read."""
        return self.began_at - LATEST_COMMIT

    def begun_again(self, now: "Place") -> "Place":
        """The same place for a stream that goes on from it, of which `now` tells what is true now.

        Raises:
            CursorExpired: Changes since then are no longer told, or never were; or lines were read with
                other columns, or with a code that is another one now.
        """
        if not timedelta() <= now.began_at - self.since <= TOLD_FOR:
            raise expired("changes are told for thirty days")
        if list(now.asked) != list(self.asked):
            raise expired("currencies, classes or locations are used otherwise")
        if any(now.codes.get(id_, code) != code for id_, code in self.codes.items()):
            raise expired("an account has another code")
        if self.read is None and self.untold:
            raise expired("there are transactions of whose changes nobody tells")
        codes = {**now.codes, **self.codes}
        return replace(self, codes=codes, began_at=now.began_at if self.read is None else self.began_at)

    def behind(self, window: Window, months: int, *, older: bool) -> "Place":
        """The place behind a window of the whole ledger."""
        return replace(self, read=window.start, months=months, older=older)

    def ended(self) -> "Place":
        """The place where the next increment begins."""
        return replace(self, read=None, months=1, older=True)

    def as_json(self) -> dict[str, Any]:
        """As cursors and checkpoints hold it."""
        return {
            "began_at": self.began_at.isoformat(),
            "asked": list(self.asked),
            "codes": dict(self.codes),
            "untold": self.untold,
            "read": self.read.isoformat() if self.read else None,
            "months": self.months,
            "older": self.older,
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Place":
        """From a cursor or a checkpoint."""
        return cls(
            datetime.fromisoformat(stored["began_at"]).astimezone(UTC),
            stored["asked"],
            stored["codes"],
            stored["untold"],
            date.fromisoformat(stored["read"]) if stored["read"] else None,
            stored["months"],
            stored["older"],
        )


def expired(detail: str) -> CursorExpired:
    """That everything has to be read again, and why."""
    return CursorExpired(Message("cursor_expired", {"title": TITLE}), detail=detail)
