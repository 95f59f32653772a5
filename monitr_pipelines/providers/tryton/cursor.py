"""Where a reading of Tryton ended, as it is stored between imports."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.providers.tryton.lines import code_of


@dataclass(frozen=True)
class Names:
    """The codes of the records that a list had, told apart from any others; new records change nothing."""

    last: int
    digest: str

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]], last: int | None = None) -> Self:
        """Those of the records up to an id, by default of all."""
        last = max((record["id"] for record in records), default=0) if last is None else last
        known = hashlib.sha256()
        for record in records:
            if record["id"] <= last:
                known.update(f"{record['id']}\t{code_of(record)}\n".encode())
        return cls(last, known.hexdigest())

    def are_those_of(self, records: Sequence[Mapping[str, Any]]) -> bool:
        """Whether none of the codes changed since."""
        return Names.of(records, self.last) == self


@dataclass(frozen=True)
class Position:
    """What a cursor holds.

    `since`: the newest stamp of the server when the reading began; None of an empty ledger. `after`: the
    last line of a reading of the whole ledger that has not ended. `accounts` and `axes`: the codes that
    lines carry, as they were: Tryton changes them without touching a line.
    """

    since: datetime | None
    accounts: Names
    axes: Names
    after: int | None = None

    @classmethod
    def of(cls, cursor: Cursor) -> Self:
        """A stored cursor."""
        since = cursor["since"]
        return cls(
            datetime.fromisoformat(since) if since else None,
            Names(**cursor["accounts"]),
            Names(**cursor["axes"]),
            cursor.get("after"),
        )

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        since = self.since.isoformat() if self.since else None
        return {**asdict(self), "since": since}
