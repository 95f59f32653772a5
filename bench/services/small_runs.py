"""What an import of a small entity costs, with all that runs: `python -m bench.services.small_runs`.

CPU seconds of `monitr up`, PostgreSQL and every run, from the first request to the last outcome, of the
present build and the earlier one in turn; `--profile` tells whose they are.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import earlier
from bench.results import AT_MOST, Row, against, merge, say
from bench.services import cpu, small_entities, web
from monitr_pipelines.shipped import ROOT

ENTITIES = 100
ROUNDS = 1
GOAL = 0.5
LONGEST_SECONDS = 1800
IDLE_SECONDS = 20
END_SECONDS = 120
UP = "import sys; from monitr_pipelines.cli import main; sys.argv[0] = 'monitr'; sys.exit(main())"
OPEN = "select count(*) from app.import where finished_at is null"
DONE = "select count(*) from app.import where outcome = 'succeeded'"


@dataclass(frozen=True)
class Cost:
    """CPU seconds of all processes an import, and a second without imports; seconds of the clock."""

    an_import: float
    idle: float
    seconds: float

    def __str__(self) -> str:
        idle = f"idle {self.idle:.3f} CPU s a second"
        return f"{self.an_import:.2f} CPU s an import, {self.seconds:.0f} s; {idle}"


@dataclass(frozen=True)
class Made:
    """How to reach the database of a home, and the first process of its server."""

    url: str
    server: int


def main() -> None:
    """Measure and print; exit code 1 where the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.services.small_runs", description=__doc__)
    parser.add_argument("--entities", type=int, default=ENTITIES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--profile", action="store_true", help="the present build alone, process by process")
    parser.add_argument("--write", action="store_true", help="put the row into bench/results.json")
    chosen = parser.parse_args()
    if chosen.profile:
        say(str(_measure(ROOT, chosen.entities, profile=True)))
        return
    row = measure(chosen.entities, chosen.rounds)
    if chosen.write:
        merge([row])
    sys.exit(0 if row.holds else 1)


def measure(count: int = ENTITIES, rounds: int = ROUNDS) -> Row:
    """The cost of an import beside that of the earlier build, in rounds of both."""
    ours: list[float] = []
    theirs: list[float] = []
    with earlier.checkout() as build:
        for _ in range(rounds):
            for name, place, found in (("the earlier build", build, theirs), ("this build", ROOT, ours)):
                cost = _measure(place, count)
                found.append(cost.an_import)
                say(f"{count} small imports, {name}: {cost}")
    name = f"{count} small imports, CPU of all processes an import, of the earlier build's"
    row = against(name, "s", ours, theirs, goal=GOAL, sense=AT_MOST)
    say(f"{row.name}: {row.ours:.2f} s of {row.peer:.2f} s, {row.ratio:.2f}")
    return row


def _measure(build: Path, count: int, *, profile: bool = False) -> Cost:
    with _home(build, count + 1) as (environment, made), _up(build, environment) as up:
        roots = (up.pid, made.server)
        with psycopg.connect(made.url, autocommit=True) as connection:
            _import(build, connection, up, (0, 1))  # everything has started then
            used = cpu.used(*roots)
            time.sleep(IDLE_SECONDS)
            idle = (cpu.used(*roots) - used) / IDLE_SECONDS
            before, used, started = cpu.by_command(*roots), cpu.used(*roots), time.perf_counter()
            _import(build, connection, up, (1, count + 1))
            seconds = time.perf_counter() - started
            spent = cpu.used(*roots) - used
            if connection.execute(DONE).fetchone() != (count + 1,):
                raise RuntimeError("not every import succeeded")
        if profile:
            _tell(before, cpu.by_command(*roots), count)
    return Cost(spent / count, idle, seconds)


def _import(
    build: Path, connection: psycopg.Connection, up: subprocess.Popen[bytes], which: tuple[int, int]
) -> None:
    """Ask for imports and wait for the last of them; asking is no part of what is measured."""
    _entities(build, "request", *which)
    deadline = time.monotonic() + LONGEST_SECONDS
    while connection.execute(OPEN).fetchone() != (0,):
        if up.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the imports did not end; see up.log of the home")
        time.sleep(0.5)


def _tell(before: dict[int, tuple[str, float]], after: dict[int, tuple[str, float]], count: int) -> None:
    for pid, (command, used) in sorted(after.items(), key=lambda each: -each[1][1]):
        spent = used - before.get(pid, ("", 0.0))[1]
        if spent > count / 1000:
            say(f"{spent / count * 1000:7.0f} ms an import: {pid} {command[:110]}")


@contextmanager
def _home(build: Path, count: int) -> Iterator[tuple[dict[str, str], Made]]:
    folder = Path(tempfile.mkdtemp(prefix="monitr-bench-"))
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(web.OURS)]:
        del os.environ[name]
    ports = {"MONITR_DAGSTER_PORT": str(web.free_port()), "MONITR_HOOK_PORT": str(web.free_port())}
    os.environ |= {"MONITR_HOME": str(folder), "PYTHONPATH": str(build), **ports}
    try:
        yield dict(os.environ), Made(**json.loads(_entities(build, "prepare", count)))
    finally:
        _entities(build, "stop")
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.clear()
        os.environ.update(kept)


def _entities(build: Path, verb: str, *numbers: int) -> str:
    command = [sys.executable, small_entities.__file__, verb, *map(str, numbers)]
    done = subprocess.run(  # noqa: S603 - our own program
        command, cwd=build, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


@contextmanager
def _up(build: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with Path(environment["MONITR_HOME"], "up.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-c", UP, "up"],
            cwd=build,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(END_SECONDS)


if __name__ == "__main__":
    main()
