"""CPU seconds of processes, of those that they started, and of all that ended among these."""

import os
from contextlib import suppress
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def used(*roots: int) -> float:
    """What processes and their descendants have used so far, with those that were waited for."""
    return sum(map(_used_by, {each for root in roots for each in descendants(root)})) / TICKS_A_SECOND


def by_command(*roots: int) -> dict[int, tuple[str, float]]:
    """The same of each process, with its command: its own time and that of children that ended."""
    pids = {each for root in roots for each in descendants(root)}
    return {pid: (_command(pid), _used_by(pid) / TICKS_A_SECOND) for pid in pids}


def descendants(pid: int) -> list[int]:
    """A process, those that it started, whichever of its threads did, and theirs."""
    return [pid, *(each for child in _children(pid) for each in descendants(child))]


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it ended meanwhile
            found += map(int, listed.read_text().split())
    return found


def _used_by(pid: int) -> int:
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0  # it ended meanwhile: whoever started it has its time
    return sum(map(int, told[11:15]))


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    except OSError:
        return ""
