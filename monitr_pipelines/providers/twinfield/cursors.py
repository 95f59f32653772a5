"""Up to where the books were read: what the cursors of Twinfield hold.

Moments of changes are told by the second and in UTC; those of deletions may be by the clock of a user.
An increment begins a day before the last import did, and believes deletions of the half day before it: so a
number that was deleted and given again is among what was modified, whatever the clocks show.

A transaction that got another number leaves the old one behind, and no answer is sure to tell of that: now
and then the whole ledger is fetched.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitr_pipelines.lifecycle.errors import CursorExpired
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.twinfield.sign_in import TITLE
from monitr_pipelines.providers.twinfield.values import stamp

OVERLAP = timedelta(days=1)
OVERLAP_OF_DELETIONS = timedelta(hours=12)
AHEAD = timedelta(days=1)
WHOLE_AFTER = timedelta(days=28)


@dataclass(frozen=True)
class Place:
    """Where a stream stands.

    Args:
        began_at: When reading began, by the server's clock.
        whole_at: The same of when the whole ledger was read last.
        since: When the last import began; None for the whole ledger.
        after: The period behind which the whole ledger is still to be read; None before the first one.
    """

    began_at: datetime
    whole_at: datetime
    since: datetime | None = None
    after: str | None = None

    @property
    def is_increment(self) -> bool:
        """Whether only changes are read."""
        return self.since is not None

    def modified(self) -> tuple[str, str]:
        """From when to when what an increment reads was modified; clocks may be ahead."""
        return stamp((self.since or self.began_at) - OVERLAP), stamp(self.began_at + AHEAD)

    def deleted_since(self) -> datetime:
        """From when on an increment believes that something was deleted."""
        return (self.since or self.began_at) - OVERLAP_OF_DELETIONS

    def behind(self, period: str) -> "Place":
        """The same place, the whole ledger read up to a period."""
        return replace(self, after=period)

    def end(self) -> dict[str, Any]:
        """The cursor of an end."""
        return {"began_at": self.began_at.isoformat(), "whole_at": self.whole_at.isoformat()}

    def checkpoint(self) -> dict[str, Any]:
        """The cursor of a checkpoint: only these have a period."""
        return {**self.end(), "after": self.after}

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None, now: datetime) -> "Place":
        """Where a stream begins that goes on from a cursor or a checkpoint, or from nothing.

        Raises:
            CursorExpired: It is time to read the whole ledger.
        """
        if stored is None:
            return cls(now, now)
        began_at, whole_at = (
            datetime.fromisoformat(stored[name]).astimezone(UTC) for name in ("began_at", "whole_at")
        )
        if "after" in stored:
            return cls(began_at, whole_at, None, stored["after"])
        if now - whole_at > WHOLE_AFTER:
            raise CursorExpired(Message("cursor_expired", {"title": TITLE}), detail="numbers may be others")
        return cls(now, whole_at, began_at)
