"""Programs that tests start many times at once: each uses the stored credentials of one connection."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitr_pipelines.lifecycle.errors import ProviderDown, ReconnectNeeded
from monitr_pipelines.providers.contract import RateLimit
from monitr_pipelines.warehouse.registry import connections, tokens
from monitr_pipelines.warehouse.registry.rate_limits import StoredRateLimits
from monitr_pipelines.warehouse.registry.tokens import StoredTokens
from monitr_pipelines.warehouse.server import database

# Of programs that are hasty: shorter than some answers take.
TIME_OUT = 0.4
LONGEST_RENEWAL = timedelta(seconds=1.5)
# Of the others, in seconds.
PATIENCE = 300


class NothingSent(Exception):
    """The server could not be reached."""


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
                connections.store(opened, connection, post(url, "/sign-in", time_out))
        print(ending, flush=True)  # noqa: T201 - its answer


def exchange(url: str, values: Mapping[str, str], time_out: float) -> dict[str, str]:
    """New tokens for a refresh token, as a connector asks for them."""
    try:
        return post(url, "/token", time_out, refresh=values["refresh"])
    except NothingSent:
        raise ProviderDown("The software does not answer.") from None


def post(url: str, path: str, time_out: float, **form: str) -> dict[str, str]:
    """What the server answers; NothingSent where it says that it took nothing in."""
    body = urllib.parse.urlencode(form).encode()
    try:
        with urllib.request.urlopen(url + path, body, timeout=time_out) as answer:  # noqa: S310 - loopback
            answered: dict[str, str] = json.load(answer)
            return answered
    except urllib.error.HTTPError as refused:
        if refused.code == 503:
            raise NothingSent from None
        raise ReconnectNeeded("The software refuses the token.") from None


PROGRAMS: dict[str, Any] = {"call_often": call_often, "renew_often": renew_often}

if __name__ == "__main__":
    PROGRAMS[Path(sys.argv[1]).name](**json.loads(sys.argv[2]))
