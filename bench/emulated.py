"""An emulated accounting software in a process of its own, for measurements of who reads it.

Its pages are made beforehand: a client reads everything once, unmeasured, and from then on each answer is one
that is remembered, so that neither the emulator's work nor its share of this process's time is measured.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import IO

from monitr_pipelines import emulators
from monitr_pipelines.emulators.frame.server import serve
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import invented_books
from monitr_pipelines.shipped import ROOT

END_SECONDS = 60
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Emulated:
    """A running emulator, as the first line of `monitr emulator` tells it."""

    provider: str
    settings: Mapping[str, str]
    administrations: Sequence[Mapping[str, str]]
    orders: IO[str]
    reports: IO[str]

    def wait_before_answers(self, latency: timedelta) -> None:
        """From the next request on, wait so long before each answer."""
        self.orders.write(f"{latency // MILLISECOND}\n")
        self.orders.flush()
        if not self.reports.readline():
            raise RuntimeError(f"the emulator of {self.provider} has ended")


@contextmanager
def emulated(
    provider: str,
    lines: int,
    *,
    seed: int = 1,
    companies: int = 1,
    options: Mapping[str, str] | None = None,
) -> Iterator[Emulated]:
    """An emulator with so many ledger lines over its companies, until the block ends."""
    command = [sys.executable, "-m", "bench.emulated", provider, str(lines), str(seed), str(companies)]
    with subprocess.Popen(  # noqa: S603 - our own program
        [*command, json.dumps(options or {})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        try:
            if not (process.stdin and process.stdout and (first := process.stdout.readline())):
                raise RuntimeError(f"the emulator of {provider} did not start")
            yield Emulated(**json.loads(first), orders=process.stdin, reports=process.stdout)
        finally:
            process.terminate()
            process.wait(END_SECONDS)


def main(provider: str, lines: str, seed: str, companies: str, options: str) -> None:
    """Serve until the standard input ends; each line of it is the milliseconds to wait before answers."""
    kind, clock = emulators.kinds()[provider], Clock()
    size = replace(kind.size, lines=int(lines), companies=int(companies), seed=int(seed))
    made = kind.build(invented_books(size, clock), json.loads(options))
    with serve(made, clock, remember_pages=True) as server:
        _say(
            {
                "provider": provider,
                "settings": dict(made.settings(server.address)),
                "administrations": [shown._asdict() for shown in made.administrations()],
            }
        )
        for order in sys.stdin:
            server.latency = int(order) * MILLISECOND
            _say("so be it")


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
