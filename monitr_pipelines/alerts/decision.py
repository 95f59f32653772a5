"""Whether someone must be told about an entity: pure, from what is recorded about it.

It looks at the present, not at a stream of events: looking twice changes nothing, and a look that was
missed is made good by the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitr_pipelines.lifecycle.codes import LATE, REMEDIES, UNEXPECTED, Alert

IN_A_ROW = 3
# Shorter than from the first import of a night to the second: what both of them met is told.
LASTS = timedelta(hours=4)


@dataclass(frozen=True)
class Ended:
    """How an import ended, and when; `code` is None for a success."""

    import_id: int
    at: datetime
    code: str | None = None
    message: str = ""

    @property
    def alert(self) -> Alert:
        """When its cause is told; a code that nobody foresaw is told as an unexpected one."""
        remedy = REMEDIES.get(self.code or "")
        return remedy.alert if remedy else Alert.AFTER_THREE


@dataclass(frozen=True)
class Freshness:
    """The age of the figures: `late` is to be told, `fresh` is young; old ones nobody watches are neither.

    `awaited`: old ones that an import was just asked for. Nobody is told of them, and who was told waits on.
    """

    late: bool = False
    fresh: bool = True
    awaited: bool = False


@dataclass(frozen=True)
class Trouble:
    """A cause worth a message; `since` and `import_id` are those of the import that made it one."""

    cause: str
    message: str
    since: datetime | None = None
    import_id: int | None = None


@dataclass(frozen=True)
class Decision:
    """What changes: whether the open alert ends, whether that is a recovery, and the alert that begins."""

    closes: bool = False
    recovered: bool = False
    opens: Trouble | None = None


def decide(
    ended: Sequence[Ended], freshness: Freshness, told: Trouble | None, *, deleted: bool = False
) -> Decision:
    """What to do about an entity: its last imports, oldest first, and the trouble that its open alert told.

    One alert is open at a time. A success closes it with a message, another cause without one. Old
    figures are told only where nothing else is: whoever knows the cause knows that they grow old.
    """
    if deleted:
        return Decision(closes=told is not None)
    trouble = trouble_of(ended)
    if trouble is None and freshness.late:
        trouble = Trouble(LATE, "No import has brought figures for more than a day.")
    if told is None:
        return Decision(opens=trouble)
    if _recovered(ended, freshness, told):
        return Decision(closes=True, recovered=True, opens=trouble)
    if trouble is None:
        return Decision(closes=told.cause == LATE and not freshness.awaited)
    if trouble.cause in (told.cause, LATE):
        return Decision()
    return Decision(closes=True, opens=trouble)


def trouble_of(ended: Sequence[Ended]) -> Trouble | None:
    """The last cause worth a message since the last success; oldest import first."""
    trouble: Trouble | None = None
    row: list[Ended] = []
    for last in ended:
        if last.code is None:
            trouble, row = None, []
        elif last.alert is not Alert.NEVER:
            row = [*row, last] if row and row[-1].alert is last.alert else [last]
            trouble = _named(row) if _worth_telling(row) else trouble
    return trouble


def _worth_telling(row: Sequence[Ended]) -> bool:
    """Of failures of one kind in a row, oldest first: whether the last one makes it a message."""
    match row[-1].alert:
        case Alert.AT_ONCE:
            return True
        case Alert.AFTER_THREE:
            return len(row) >= IN_A_ROW
        case _:
            return row[-1].at - row[0].at >= LASTS


def _named(row: Sequence[Ended]) -> Trouble:
    """Unforeseen failures are one cause, whichever they are: a change among them is no news."""
    last = row[-1]
    cause = UNEXPECTED if last.alert is Alert.AFTER_THREE else str(last.code)
    return Trouble(cause, last.message, last.at, last.import_id)


def _recovered(ended: Sequence[Ended], freshness: Freshness, told: Trouble) -> bool:
    if told.cause == LATE:
        return freshness.fresh
    return any(last.code is None and (told.since is None or last.at > told.since) for last in ended)
