"""Up to where the books were read: what the cursors of Xero hold.

Journals have rising numbers and are permanent: what is edited or voided is booked back by a journal of its
own, as Xero says in its community of developers ("Get Journals : Modified After vs. offset"). A journal gets
its number when it is made, and is visible when that is committed, which is taken to be within an hour. A
cursor therefore stands at the last journal before the first that was not more than an hour old when reading
began. The next import begins with that very journal: where it is another one, or none, the organisation was
reset.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from monitr_pipelines.lifecycle.errors import CursorExpired
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.xero.sign_in import TITLE

LATEST_COMMIT = timedelta(hours=1)


class Settled(NamedTuple):
    """The journal up to which all were committed and read; none of number 0."""

    number: int
    id: str


NOTHING = Settled(0, "")


@dataclass(frozen=True)
class Place:
    """Where a stream stands.

    Args:
        began_at: When reading began, by the server's clock.
        names: With which codes of accounts and names of options lines were read, see `Chart.digests`.
        settled: See there.
        behind: The number behind which the whole ledger is still to be read; None for an increment.
    """

    began_at: datetime
    names: Mapping[str, str] = field(default_factory=dict)
    settled: Settled = NOTHING
    behind: int | None = None

    def begun_again(self, now: datetime, names: Mapping[str, str]) -> "Place":
        """The same place for a stream that goes on from it now.

        Raises:
            CursorExpired: Lines were read with a name that is another one now.
        """
        if any(names.get(found, called) != called for found, called in self.names.items()):
            raise expired("an account has another code, or a tracking option another name")
        known = {**names, **self.names}
        return replace(self, names=known, began_at=now if self.behind is None else self.began_at)

    @property
    def settled_before(self) -> datetime:
        """All journals before one that was made before this moment are committed."""
        return self.began_at - LATEST_COMMIT

    def as_json(self) -> dict[str, Any]:
        """As cursors and checkpoints hold it."""
        return {
            "began_at": self.began_at.isoformat(),
            "names": dict(self.names),
            "settled": list(self.settled),
            "behind": self.behind,
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Place":
        """From a cursor or a checkpoint."""
        return cls(
            began_at=datetime.fromisoformat(stored["began_at"]).astimezone(UTC),
            names=stored["names"],
            settled=Settled(*stored["settled"]),
            behind=stored["behind"],
        )


def expired(detail: str) -> CursorExpired:
    """That the whole ledger has to be read."""
    return CursorExpired(Message("cursor_expired", {"title": TITLE}), detail=detail)
