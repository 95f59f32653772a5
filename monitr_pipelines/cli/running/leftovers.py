"""What a `monitr up` that was killed left behind: found by its lifeline, named, and ended on request.

Every process of `monitr up`, and every process of theirs, has the path of the lifeline in its environment.
No process ids are kept, so that none can have been given to someone else; psutil signals only the process
that it looked at.
"""

import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import typer

from monitr_pipelines import lifeline, settings
from monitr_pipelines.cli.output import say
from monitr_pipelines.ledger.brussels import in_brussels
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

# They end by themselves, and insist after a while; Dagster's code servers notice within 45 s where they
# have lost the process that they serve, and have not loaded our code yet.
PATIENCE_SECONDS = lifeline.GRACE_SECONDS + 5
END_SECONDS = 20
MOST_LOOKS = 10
SHOWN_CHARACTERS = 90


def clear(home: Path, *, end: bool) -> None:
    """Wait until nothing of an earlier `monitr up` runs on a home, or end it.

    Called by whoever holds the turn of the home. Without `end` a person at the terminal is asked about what
    does not end by itself; ServerNotRunning, with the process ids, where that is not wanted.
    """
    left = find(home)
    if left and not end:
        say(f"An earlier `monitr up` was killed; what it started is ending:\n{told(left)}")
        left = _wait(home, left)
    if left and not (end or _asked(left)):
        pids = " ".join(str(process.pid) for process in left)
        raise ServerNotRunning(
            f"an earlier `monitr up` was killed, and what it started still runs:\n{told(left)}\n"
            f"End it with `monitr up --end-leftovers`, or `kill -9 {pids}`."
        )
    if left:
        _end(home)


def find(home: Path) -> list[psutil.Process]:
    """The processes of any `monitr up` on a home, and theirs, besides those that are not ours to look at."""
    return [process for process in psutil.process_iter() if _is_of(process, home.resolve())]


def told(processes: Sequence[psutil.Process]) -> str:
    """A line for each process: its id, since when it runs, its command."""
    return "\n".join(f"  pid {process.pid}{_about(process)}" for process in processes)


def _is_of(process: psutil.Process, home: Path) -> bool:
    with suppress(psutil.Error, OSError):
        pipe = process.environ().get(settings.LIFELINE)
        return bool(pipe) and Path(str(pipe)).parent.resolve() == home and _runs(process)
    return False


def _runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _about(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        since = in_brussels(datetime.fromtimestamp(process.create_time(), UTC))
        command = shlex.join(process.cmdline())[:SHOWN_CHARACTERS]
        return f", since {since.format('D MMM YYYY HH:mm:ss')}: {command}"
    return ""


def _asked(left: Sequence[psutil.Process]) -> bool:
    if not sys.stdin.isatty():
        return False
    say(f"These processes of an earlier `monitr up` still run:\n{told(left)}")
    return typer.confirm("End them?", err=True)


def _wait(home: Path, left: list[psutil.Process]) -> list[psutil.Process]:
    psutil.wait_procs(left, PATIENCE_SECONDS)
    return find(home)


def _end(home: Path) -> None:
    """Ask, wait, insist; again, for those that one of them started meanwhile."""
    for _ in range(MOST_LOOKS):
        left = find(home)
        if not left:
            return
        _signal(left, "terminate")
        _, alive = psutil.wait_procs(left, END_SECONDS)
        _signal(alive, "kill")
        psutil.wait_procs(alive, END_SECONDS)
    raise ServerNotRunning(f"processes of an earlier `monitr up` cannot be ended:\n{told(find(home))}")


def _signal(processes: Sequence[psutil.Process], name: str) -> None:
    for process in processes:
        with suppress(psutil.Error):
            getattr(process, name)()
