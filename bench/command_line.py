"""What it costs to look something up at the command line: `python -m bench.command_line`."""

import resource
import subprocess
import sys
from pathlib import Path

from bench.results import Row, say, single

RUNS = 10
GOAL_SECONDS = 0.3
HELP = [str(Path(sys.executable).parent / "monitr"), "--help"]


def main() -> None:
    """Measure and print; exit code 1 where the goal is missed."""
    sys.exit(0 if measure().holds else 1)


def measure() -> Row:
    """Seconds of CPU of `monitr --help`, its own and the system's; the first run warms the cache."""
    times = [_cpu_seconds() for _ in range(RUNS + 1)][1:]
    row = single("monitr --help, CPU", "s", times, goal=GOAL_SECONDS)
    say(f"{row.name}: median {row.ours:.3f} s, most {max(times):.3f} s of {RUNS} runs")
    return row


def _cpu_seconds() -> float:
    before = _used()
    subprocess.run(HELP, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own program
    return _used() - before


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
