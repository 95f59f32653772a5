"""Up to where the books were read: what the cursors of Moneybird hold.

Of each month a digest of what Moneybird said that moved on each account when its lines were read, and of each
year one of its months together: where a year differs, its months are asked for, and those that differ are
read anew. What leaves all sums as they are, such as another project or description, shows in the versions of
documents: seconds since 1970 at which one was changed last. Documents of which the version is later than the
latest one that was read are asked for, and the months that they are booked in are read anew.

A version is of the moment of a change, and is visible when that is committed, within an hour: so documents
that are up to an hour older than the latest one are looked at again, until the clock of the server shows that
all was committed; an hour is granted to the clocks of server and database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitr_pipelines.lifecycle.errors import CursorExpired
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.moneybird.sign_in import TITLE

LATEST_COMMIT = timedelta(hours=1)
CLOCKS_APART = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@dataclass
class Place:
    """Where a stream stands.

    Args:
        since: The version from which on documents may read otherwise, by family.
        codes: With which account codes lines were read, see `chart.Chart`.
        sign: What amounts are multiplied by in order to be debit positive; None while no month has told.
        years: A digest of what moved within a year, by its number; only of years that were read to their end.
        months: The same of months, by `YYYY-MM`; those in which nothing moved are left out.
        whole: Whether the whole ledger is being read; only checkpoints say so.
    """

    since: Mapping[str, int]
    codes: Mapping[str, str]
    sign: int | None = None
    years: dict[str, str] = field(default_factory=dict)
    months: dict[str, str] = field(default_factory=dict)
    whole: bool = False

    def follow(self, codes: Mapping[str, str]) -> None:
        """Go on with the chart as it is now.

        Raises:
            CursorExpired: Lines were read with a code that is another one now.
        """
        if any(codes.get(found, called) != called for found, called in self.codes.items()):
            raise expired("an account has another code")
        self.codes = {**codes, **self.codes}

    def as_json(self) -> dict[str, Any]:
        """As cursors and checkpoints hold it."""
        return {
            "since": dict(self.since),
            "codes": dict(self.codes),
            "sign": self.sign,
            "years": dict(self.years),
            "months": dict(self.months),
            "whole": self.whole,
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Place":
        """From a cursor or a checkpoint."""
        return cls(
            stored["since"],
            stored["codes"],
            stored["sign"],
            dict(stored["years"]),
            dict(stored["months"]),
            stored["whole"],
        )


def expired(detail: str) -> CursorExpired:
    """That increments can no longer go on from a cursor."""
    return CursorExpired(Message("cursor_expired", {"title": TITLE}), detail=detail)


def look_again_from(versions: Sequence[int], now: datetime) -> int:
    """The version from which on documents may still come up that were not read."""
    newest = max(versions, default=0)
    if int(now.timestamp()) - newest >= (LATEST_COMMIT + CLOCKS_APART) // SECOND:
        return newest + 1
    return newest - LATEST_COMMIT // SECOND
