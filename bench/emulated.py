"""An emulated accounting software in a process of its own, for measurements of who reads it.

Its pages are made beforehand: a client reads everything once, unmeasured, and from then on each answer is one
that is remembered, so that neither the emulator's work nor its share of this process's time is measured.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

END_SECONDS = 60
PROGRAM = (sys.executable, "-c", "from monitr_pipelines.cli import main; main()")


@dataclass(frozen=True)
class Emulated:
    """What the first line of `monitr emulator` tells: see `monitr emulator --help`."""

    provider: str
    settings: Mapping[str, str]
    administrations: Sequence[Mapping[str, str]]


@contextmanager
def emulated(
    provider: str,
    lines: int,
    *,
    companies: int = 1,
    seed: int = 1,
    latency: timedelta = timedelta(),
    options: Mapping[str, str] | None = None,
) -> Iterator[Emulated]:
    """An emulator with so many ledger lines, which waits so long before each answer, until the block ends."""
    command = [*PROGRAM, "emulator", provider, "--remember"]
    command += ["--lines", str(lines), "--companies", str(companies), "--seed", str(seed)]
    command += ["--latency", str(latency // timedelta(milliseconds=1))]
    for name, value in (options or {}).items():
        command += ["--option", f"{name}={value}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        try:
            if process.stdout is None or not (first := process.stdout.readline()):
                raise RuntimeError(f"the emulator of {provider} did not start")
            yield Emulated(**json.loads(first))
        finally:
            process.terminate()
            process.wait(END_SECONDS)
