"""What measurements of pages under load share: a build that serves, signing in, requests at their times."""

import asyncio
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx2

from bench import server
from bench.results import AT_MOST, Row, say
from bench.services.web import OURS, RETRIES, START_SECONDS, free_port

COMMAND = "from monitr_pipelines.cli import main; main()"
WEB = ("monitr_pipelines.web.server", "monitr_pipelines.hook.server")

# Milliseconds or seconds, and the status of the answer.
Timed = tuple[float, int]


@dataclass(frozen=True)
class Build:
    """The files of a build and a database that it migrated; its home holds its key alone."""

    files: Path
    address: str
    home: Path

    def command(self, *arguments: str) -> str:
        """What a command of `monitr` prints."""
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", COMMAND, *arguments],
            env=self.environment(),
            cwd=self.files,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        return done.stdout.strip()

    def environment(self, **others: str) -> dict[str, str]:
        """What a process of this build needs."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        ours = {
            server.DATABASE_URL: self.address,
            "MONITR_HOME": str(self.home),
            "PYTHONPATH": str(self.files),
        }
        return kept | ours | others

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The web process; its address."""
        port = free_port()
        module = next(name for name in WEB if (self.files / f"{name.replace('.', '/')}.py").exists())
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", module],
            env=self.environment(MONITR_HOOK_PORT=str(port)),
            cwd=self.files,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            transport = httpx2.HTTPTransport(retries=RETRIES)
            with httpx2.Client(transport=transport, timeout=START_SECONDS) as client:
                client.get(f"{address}/health/live").raise_for_status()
            yield address
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


def sign_in(client: httpx2.Client, url: str, build: Build, organisation: str) -> str:
    """The cookie of somebody of an organisation."""
    client.cookies.clear()
    token = build.command("token", "create", "--org", organisation, "--person", "Bench")
    page = client.get(f"{url}/sign-in").text
    found = re.findall(r'name="csrf" value="([0-9a-f]+)"', page)
    client.post(f"{url}/sign-in", data={"csrf": found[-1], "token": token})
    cookie = client.cookies["monitr_session"]
    client.cookies.clear()
    return cookie


def percentile_row(name: str, sent: Sequence[Timed], percent: int, goal: int) -> Row:
    """A row of milliseconds: the slowest but few; RuntimeError where a request was not answered well."""
    times = sorted(milliseconds for milliseconds, _ in sent)
    middle, slow = (quantiles(times, n=100, method="inclusive")[each - 1] for each in (50, percent))
    statuses = Counter(status for _, status in sent)
    say(
        f"{name}: {len(times)} in all, answered {dict(statuses)}, "
        f"p50 {middle:.1f} ms, p{percent} {slow:.1f} ms, slowest {times[-1]:.1f} ms"
    )
    if set(statuses) - {200, 202, 409}:
        raise RuntimeError(f"{name}: answered {dict(statuses)}")
    return Row(name, "ms", slow, goal, AT_MOST, rounds=[[middle], [slow]])


def moments(a_second: float, seconds: int) -> Iterator[float]:
    """So many a second, each some time within its turn: who asks does not know of the others."""
    start, chance = time.monotonic(), random.Random()  # noqa: S311 - no secret
    return (start + (nth + chance.random()) / a_second for nth in range(int(a_second * seconds)))


async def at_their_times(
    a_second: float,
    seconds: int,
    send: Callable[[float, int], Coroutine[Any, Any, Timed]],
) -> list[Timed]:
    """What a request came to, of each that is due within so many seconds."""
    tasks = []
    for nth, due in enumerate(moments(a_second, seconds)):
        await asyncio.sleep(max(0, due - time.monotonic()))
        tasks.append(asyncio.create_task(send(due, nth)))
    return await asyncio.gather(*tasks)
