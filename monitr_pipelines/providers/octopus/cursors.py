"""Up to where the books were read: what the cursors of Octopus hold.

Rows tell nothing of when they changed, and Octopus does not say in which time zone it takes moments. A
fetch therefore asks for what changed since the one before began, by the server's clock in UTC, and four
hours more: Belgium is one or two ahead of that, whoever books may take an hour to be done, and one is to
spare. Bookings come whole, so that to read one twice changes nothing. Where nothing changed, the moment
stays: an answer that wrongly tells of nothing loses nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from monitr_pipelines.providers.octopus.signs import Sums, as_json, of_json
from monitr_pipelines.providers.octopus.values import stamp

OVERLAP = timedelta(hours=4)


@dataclass
class Fetch:
    """A fetch of the whole ledger.

    Args:
        before: What accounts stood at by Octopus's own word when it began.
        sums: What the lines so far add up to, debit positive.
        done: Bookyears and types of journals that were read.
    """

    before: Sums
    sums: Sums
    done: list[tuple[int, int]]

    def as_json(self) -> dict[str, Any]:
        """As checkpoints hold it."""
        return {
            "before": as_json(self.before),
            "sums": as_json(self.sums),
            "done": list(map(list, self.done)),
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Fetch":
        """From a checkpoint."""
        done = [(bookyear, kind) for bookyear, kind in stored["done"]]
        return cls(of_json(stored["before"]), of_json(stored["sums"]), done)


@dataclass(frozen=True)
class Place:
    """Where a stream stands.

    Args:
        since: When the fetch began that read all that had changed by then.
        sign: What makes the amounts of lines debit positive; None as long as there was no line.
        balance_sign: The same of balances.
        cost_centres: Names of cost centres, by number.
        fetch: The fetch of the whole ledger that goes on; None for an increment.
    """

    since: datetime
    sign: int | None = None
    balance_sign: int | None = None
    cost_centres: Mapping[str, str] = field(default_factory=dict)
    fetch: Fetch | None = None

    @property
    def window(self) -> str:
        """From when on the next increment reads, as Octopus takes it."""
        return stamp(self.since - OVERLAP)

    def as_json(self) -> dict[str, Any]:
        """As cursors and checkpoints hold it."""
        return {
            "since": self.since.isoformat(),
            "sign": self.sign,
            "balance_sign": self.balance_sign,
            "cost_centres": dict(self.cost_centres),
            "fetch": self.fetch.as_json() if self.fetch else None,
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Place":
        """From a cursor or a checkpoint."""
        return cls(
            datetime.fromisoformat(stored["since"]).astimezone(UTC),
            stored["sign"],
            stored["balance_sign"],
            stored["cost_centres"],
            Fetch.of(stored["fetch"]) if stored["fetch"] else None,
        )
