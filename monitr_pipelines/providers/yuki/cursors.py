"""Up to where the books were read: what the cursors of Yuki hold.

Stamps of changes have no zone, and a change may be seen later than it was stamped: an increment asks for the
changes since a day before the last import began. A line knows its account and its project by code alone, and
another code of these stamps no line: cursors hold a digest of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from monitr_pipelines.lifecycle.errors import CursorExpired
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.yuki.datasets import TITLE

OVERLAP = timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """Where a stream stands.

    Args:
        began_at: When reading began, by the server's clock.
        names: With which accounts and projects lines were read, see `chart.Chart`.
        years: Of each calendar year since the administration started, and of others that have lines, when
            Yuki says that something changed in the financial year of that number; empty where it does not.
        first: The first day that the whole ledger is asked for by the month; None behind its end.
        after: The first day of what is asked for next of it; None where nothing was yet.
    """

    began_at: datetime
    names: frozenset[str]
    years: Mapping[str, str] = field(default_factory=dict)
    first: date | None = None
    after: date | None = None

    def begun_again(self, now: datetime, names: frozenset[str]) -> "Place":
        """The same place for a stream that goes on from it.

        Raises:
            CursorExpired: An account or a project has another code or is gone, or the server's clock was put
                back.
        """
        if not self.names <= names:
            raise expired("an account or a project has another code, or is gone")
        if self.began_at - now > OVERLAP:
            raise expired("the last import began later than now")
        return replace(self, names=names)

    def as_json(self) -> dict[str, Any]:
        """As cursors and checkpoints hold it."""
        return {
            "began_at": self.began_at.isoformat(),
            "names": sorted(self.names),
            "years": dict(sorted(self.years.items())),
            "first": _text(self.first),
            "after": _text(self.after),
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Place":
        """From a cursor or a checkpoint."""
        return cls(
            began_at=datetime.fromisoformat(stored["began_at"]).astimezone(UTC),
            names=frozenset(stored["names"]),
            years=stored["years"],
            first=_day(stored["first"]),
            after=_day(stored["after"]),
        )


def expired(detail: str) -> CursorExpired:
    """The whole ledger is to be read."""
    return CursorExpired(Message("cursor_expired", {"title": TITLE}), detail=detail)


def moved() -> CursorExpired:
    """What was read is partly of before a change and partly of behind it."""
    return CursorExpired(Message("books_moved"))


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
