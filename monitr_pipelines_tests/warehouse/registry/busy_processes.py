"""Programs that tests start many times at once: each uses the stored credentials of one connection."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitr_pipelines.lifecycle.errors import ProviderDown, ReconnectNeeded
from monitr_pipelines.providers.contract import Application, Credentials, RateLimit
from monitr_pipelines.providers.oauth import IN_A_MINUTE, OAuth
from monitr_pipelines.warehouse.registry import connections, tokens
from monitr_pipelines.warehouse.registry.rate_limits import StoredRateLimits
from monitr_pipelines.warehouse.registry.tokens import StoredTokens
from monitr_pipelines.warehouse.server import database

# Of programs that are hasty: shorter than some answers take.
TIME_OUT = 0.4
LONGEST_RENEWAL = timedelta(seconds=1.5)
# Of the others, in seconds.
PATIENCE = 300


def start(program: str, **settings: object) -> subprocess.Popen[str]:
    """A process of its own that runs one of the programs."""
    return subprocess.Popen(
        [sys.executable, __file__, program, json.dumps(settings)], stdout=subprocess.PIPE, text=True
    )


@contextmanager
def started(count: int, program: str, **settings: object) -> Iterator[list[subprocess.Popen[str]]]:
    """Several of them; those that still run when the block ends are killed."""
    running = [start(program, **settings) for _ in range(count)]
    try:
        yield running
    finally:
        for each in running:
            each.kill()
            each.wait()
            if each.stdout:
                each.stdout.close()


def call_often(connection: int, calls: int, limits: list[tuple[str, int, int]]) -> None:
    """Acquire and print when each call could go out, by the clock that all processes share."""
    declared = [RateLimit(name, number, timedelta(seconds=seconds)) for name, number, seconds in limits]
    stored = StoredRateLimits(connection)
    for _ in range(calls):
        stored.acquire(declared)
        print(time.monotonic_ns(), flush=True)  # noqa: T201 - its answer


def renew_often(connection: int, renewals: int, url: str, *, hasty: bool) -> None:
    """Renew again and again; where a person is needed, be that person. Prints how each renewal ended."""
    time_out = TIME_OUT if hasty else PATIENCE
    tokens.LONGEST_RENEWAL = LONGEST_RENEWAL if hasty else timedelta(seconds=2 * PATIENCE)
    tokens.LOOK_AGAIN_SECONDS = 0.05
    stored = StoredTokens(connection)
    for _ in range(renewals):
        try:
            stored.renew(stored.read(), lambda values: exchange(url, values, time_out))
            ending = "renewed"
        except ProviderDown:
            ending = "down"
        except ReconnectNeeded:
            ending = "reconnected"
            with database.connect(autocommit=True) as opened:
                connections.store(opened, connection, signed_in(url))
        print(ending, flush=True)  # noqa: T201 - its answer


def exchange(url: str, values: Mapping[str, str], time_out: float) -> Mapping[str, str]:
    """New tokens for a refresh token, as connectors ask for them."""
    longest = timedelta(seconds=time_out)
    sign_in = OAuth(
        "Books",
        authorize=lambda _: f"{url}/allow",
        token=lambda _: f"{url}/token",
        patience=replace(IN_A_MINUTE, silence=longest, whole_answer=longest),
    )
    return sign_in.renewed(Application("busy", "secret"), Credentials(values))


def signed_in(url: str) -> dict[str, str]:
    """A new pair, as a person who connects gets one."""
    with urllib.request.urlopen(f"{url}/sign-in", b"", timeout=PATIENCE) as answer:  # noqa: S310 - loopback
        pair: dict[str, str] = json.load(answer)
    return pair


PROGRAMS: dict[str, Any] = {"call_often": call_often, "renew_often": renew_often}

if __name__ == "__main__":
    PROGRAMS[Path(sys.argv[1]).name](**json.loads(sys.argv[2]))
