"""Up to where the books were read: what the cursors of Exact Online hold.

Row versions count on over all changes, but a row gets its version when it is changed, and is visible when
that is committed: one of a lower version can come up after one of a higher version was read. A change is
taken to be committed within an hour. A cursor therefore stands at the highest version that was more than
an hour old when reading began, and what is younger is read again by the next import, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitr_pipelines.lifecycle.errors import CursorExpired
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.exact.sign_in import TITLE
from monitr_pipelines.providers.exact.values import EPOCH

LATEST_COMMIT = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)
# The log of deletions goes back two months.
LOG_REACHES_BACK = timedelta(days=55)


@dataclass(frozen=True)
class Place:
    """Where a stream stands.

    Args:
        began_at: When reading began, by the server's clock.
        stamps: When the division was moved, and linked to another for HR: its versions are new ones then.
        codes: With which accounts and axis values lines were read, see `chart.Chart`.
        lines: Row version of lines up to which everything was committed and read.
        deleted: The same of the log of deletions.
        after: Row version behind which the whole ledger is still to be read; None for an increment.
    """

    began_at: datetime
    stamps: tuple[str | None, str | None]
    codes: Mapping[str, str] = field(default_factory=dict)
    lines: int = 0
    deleted: int = 0
    after: int | None = None

    def begun_again(
        self, now: datetime, stamps: tuple[str | None, str | None], codes: Mapping[str, str]
    ) -> "Place":
        """The same place for a stream that goes on from it now.

        Raises:
            CursorExpired: The division's versions are others now, the log of deletions may have forgotten
                some since, or lines were read with a code that is another one now.
        """
        if stamps != self.stamps:
            raise _expired("the division was moved or linked")
        if now - self.began_at > LOG_REACHES_BACK:
            raise _expired("deletions are told for two months")
        if any(codes.get(found, called) != called for found, called in self.codes.items()):
            raise _expired("an account or a value of an axis has another code")
        known = {**codes, **self.codes}
        return replace(self, codes=known, began_at=now if self.after is None else self.began_at)

    @property
    def settled_before(self) -> int:
        """All that was changed before a row was written before this moment is committed; ms since 1970.

        Rows are written in local time as if it were UTC: an hour or two ahead, so on the safe side.
        """
        return (self.began_at - LATEST_COMMIT - EPOCH) // MILLISECOND

    def as_json(self) -> dict[str, Any]:
        """As cursors and checkpoints hold it."""
        return {
            "began_at": self.began_at.isoformat(),
            "stamps": list(self.stamps),
            "codes": dict(self.codes),
            "lines": self.lines,
            "deleted": self.deleted,
            "after": self.after,
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Place":
        """From a cursor or a checkpoint."""
        moved, linked = stored["stamps"]
        return cls(
            began_at=datetime.fromisoformat(stored["began_at"]).astimezone(UTC),
            stamps=(moved, linked),
            codes=stored.get("codes", {}),
            lines=stored["lines"],
            deleted=stored["deleted"],
            after=stored["after"],
        )


def _expired(detail: str) -> CursorExpired:
    return CursorExpired(Message("cursor_expired", {"title": TITLE}), detail=detail)
