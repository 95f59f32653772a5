"""Measured rows: ours beside a peer's, a ratio or a time against its goal, and every round's values."""

import json
import operator
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

FILE = Path(__file__).with_name("results.json")
AT_LEAST, AT_MOST = ">=", "<="
_HOLDS: dict[str, Callable[[float, float], bool]] = {AT_LEAST: operator.ge, AT_MOST: operator.le}


@dataclass(frozen=True)
class Row:
    """One promise. `ratio` is what the goal is about where there is a peer, else `ours`."""

    name: str
    unit: str
    ours: float
    goal: float
    sense: str
    peer: float | None = None
    ratio: float | None = None
    final_goal: float | None = None
    rounds: Sequence[Sequence[float]] = field(default=())

    @property
    def value(self) -> float:
        """What is compared with the goal."""
        return self.ours if self.ratio is None else self.ratio

    @property
    def holds(self) -> bool:
        """Whether the goal is met."""
        return _HOLDS[self.sense](self.value, self.goal)

    @property
    def holds_final(self) -> bool | None:
        """Whether the design's own bar is met, where it differs from the goal."""
        return None if self.final_goal is None else _HOLDS[self.sense](self.value, self.final_goal)


def single(name: str, unit: str, values: Sequence[float], *, goal: float) -> Row:
    """A row whose median must be at most the goal."""
    return Row(name, unit, median(values), goal, AT_MOST, rounds=[[value] for value in values])


def against(
    name: str,
    unit: str,
    ours: Sequence[float],
    peers: Sequence[float],
    *,
    goal: float,
    sense: str = AT_LEAST,
    upside_down: bool = False,
    final_goal: float | None = None,
) -> Row:
    """A row of ratios, taken within each round; ours over the peer's, or the other way round."""
    rounds = list(zip(ours, peers, strict=True))
    ratios = [theirs / mine if upside_down else mine / theirs for mine, theirs in rounds]
    return Row(name, unit, median(ours), goal, sense, median(peers), median(ratios), final_goal, rounds)


def save(rows: Sequence[Row], about: dict[str, object], file: Path) -> None:
    """Write what was measured, with every round."""
    _write(list(map(_listed, rows)), about, file)


def merge(rows: Sequence[Row], file: Path = FILE, *, about: dict[str, object] | None = None) -> None:
    """Put rows in the place of those of the same names, and leave what else was measured as it is.

    `about`: what is told of the run, besides what is told of others.
    """
    known = json.loads(file.read_text())
    measured = {row.name: _listed(row) for row in rows}
    others = [measured.pop(row["name"], row) for row in known["rows"]]
    _write([*others, *measured.values()], known["about"] | (about or {}), file)


def kept(file: Path = FILE) -> tuple[list[Row], dict[str, object]]:
    """The rows that were written, and what was told of their runs."""
    known = json.loads(file.read_text())
    names = {each.name for each in fields(Row)}
    rows = [Row(**{name: row[name] for name in names & row.keys()}) for row in known["rows"]]
    return rows, known["about"]


def _listed(row: Row) -> dict[str, object]:
    final = {"holds_final": row.holds_final} if row.final_goal else {}
    return asdict(row) | {"holds": row.holds} | final


def _write(rows: Sequence[dict[str, object]], about: dict[str, object], file: Path) -> None:
    file.write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")


def say(text: str) -> None:
    """Progress, with the time of day."""
    sys.stderr.write(f"{datetime.now(tz=UTC):%H:%M:%S} {text}\n")
