"""What is measured of every connector, and the rows that say whether it is fast enough."""

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median

from bench.connectors import spooled
from bench.connectors.contest import Contest, Figures, Loaded, prepare, refuse_unequal
from bench.connectors.softwares import SOFTWARES
from bench.emulated import emulated
from bench.results import AT_MOST, Row, against, say, single
from bench.server import DATABASE_URL, Server

LATENCIES = tuple(timedelta(milliseconds=each) for each in (20, 200))
TIMES_DLT, CPU_OF_DLT, OF_ANSWERS, UNCHANGED_CPU = 8, 0.1, 1.10, 0.3
MILLISECOND = timedelta(milliseconds=1)
ENVIRONMENT = {"MONITR_PROVIDER_NETWORKS": "127.0.0.0/8"}


@dataclass
class Measured:
    """What the rounds of one software gave. `answers`: ours and the bare client's seconds by latency."""

    contest: Contest
    ours: list[Loaded] = field(default_factory=list)
    theirs: list[Loaded] = field(default_factory=list)
    answers: dict[timedelta, tuple[list[float], list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: ([], []))
    )
    unchanged: list[float] = field(default_factory=list)
    requests: Figures = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The software's."""
        return self.contest.software.title


def measure(server: Server, lines: int, rounds: int) -> tuple[list[Row], dict[str, object]]:
    """Rows of all connectors, and what else is worth knowing of them."""
    with ExitStack() as stack:
        folder = stack.enter_context(_environment())
        prepare(server)
        every = [
            Measured(
                Contest(
                    software,
                    stack.enter_context(emulated(software.provider, lines, options=software.options)),
                    server,
                    folder,
                )
            )
            for software in SOFTWARES
        ]
        for measured in every:
            _against_dlt(measured, lines, rounds)
        for latency in LATENCIES:
            _at_latency(every, latency, rounds)
        spool = spooled.measure(server, folder, lines, rounds)
    rows = [row for measured in every for row in _rows(measured, lines)]
    return [*rows, spool], {name: text for measured in every for name, text in _told(measured)}


def _against_dlt(measured: Measured, lines: int, rounds: int) -> None:
    """Loads in turn, after one of each that makes the pages; then imports of what did not change."""
    contest = measured.contest
    for number in range(rounds + 1):
        ours, theirs = contest.ours(), contest.peer()
        refuse_unequal(ours, theirs, lines)
        if not number:
            continue
        measured.ours.append(ours)
        measured.theirs.append(theirs)
        say(
            f"{measured.title}, round {number} of {rounds}: ours {ours.speed:,.0f} lines/s and "
            f"{ours.cpu_seconds:.2f} CPU s, dlt {theirs.speed:,.0f} and {theirs.cpu_seconds:.2f}"
        )
    for number in range(rounds + 1):
        again = contest.act("again")
        if again["changed"]:
            raise RuntimeError(f"{measured.title}: {again['changed']} lines changed though nothing did")
        if number:
            measured.unchanged.append(again["cpu_seconds"])
    measured.requests = contest.act("requests")


def _at_latency(every: Sequence[Measured], latency: timedelta, rounds: int) -> None:
    """Ours and a bare client in turn; all software at once, as whoever waits for answers needs little else.

    One after the other where answers come fast.
    """
    workers = len(every) if latency >= LATENCIES[-1] else 1
    for number in range(1, rounds + 1):
        with ThreadPoolExecutor(workers) as pool:
            for measured in pool.map(lambda each: _fetched(each, latency), every):
                ours, bare = (times[-1] for times in measured.answers[latency])
                say(
                    f"{measured.title}, {latency // MILLISECOND} ms, round {number} of {rounds}: "
                    f"{ours:.2f} s, answers alone {bare:.2f} s"
                )


def _fetched(measured: Measured, latency: timedelta) -> Measured:
    contest = measured.contest
    contest.emulator.wait_before_answers(latency)
    ours, bare = measured.answers[latency]
    ours.append(contest.act("fetch")["seconds"])
    bare.append(contest.bare(measured.requests)["seconds"])
    return measured


def _rows(measured: Measured, lines: int) -> Iterator[Row]:
    title, ours, theirs = measured.title, measured.ours, measured.theirs
    yield against(
        f"{title}: first import of {lines:,} lines, times dlt's rest_api",
        "lines/s",
        [each.speed for each in ours],
        [each.speed for each in theirs],
        goal=TIMES_DLT,
    )
    yield against(
        f"{title}: CPU of the importing process, of dlt's",
        "s",
        [each.cpu_seconds for each in ours],
        [each.cpu_seconds for each in theirs],
        goal=CPU_OF_DLT,
        sense=AT_MOST,
    )
    for latency, (fetched, answered) in measured.answers.items():
        name = f"{title}: fetched at {latency // MILLISECOND} ms an answer, of the time of the answers"
        yield against(name, "s", fetched, answered, goal=OF_ANSWERS, sense=AT_MOST)
    yield single(f"{title}: an unchanged entity, CPU", "s", measured.unchanged, goal=UNCHANGED_CPU)


def _told(measured: Measured) -> Iterator[tuple[str, str]]:
    """With the server's CPU, requests, and the best rounds: what no row says."""
    ours, theirs = (
        median(each.cpu_seconds + each.server_cpu_seconds for each in side)
        for side in (measured.ours, measured.theirs)
    )
    yield (
        f"{measured.title}, CPU of process and PostgreSQL together",
        f"{ours:.2f} s, dlt {theirs:.2f} s ({ours / theirs:.2f})",
    )
    yield f"{measured.title}, requests for all lines", str(len(measured.requests["requests"]))
    best, their_best = (min(each.seconds for each in side) for side in (measured.ours, measured.theirs))
    yield f"{measured.title}, best rounds", f"{best:.2f} s, dlt {their_best:.2f} s"


@contextmanager
def _environment() -> Iterator[Path]:
    """A folder for everything local, and settings that lead there, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="monitr-bench-connectors-"))
    settings = {**ENVIRONMENT, "MONITR_HOME": str(folder / "home")}
    before = {name: os.environ.get(name) for name in (*settings, DATABASE_URL)}
    os.environ.update(settings)
    try:
        yield folder
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(folder, ignore_errors=True)
