"""A small night on two workers in networks of their own: one is killed, the other is cut off."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import network_kit
import pytest
from common_kit import entity_id
from dagster_kit import figures, held, import_rows, waits
from network_kit import Network
from process_kit import LONGEST_WAIT, MONITR, descendants, free_ports, wait_for
from worker_kit import Cluster

from monitr_pipelines.importing import connecting
from monitr_pipelines.warehouse.registry import administrations
from monitr_pipelines.warehouse.registry.administrations import Choice
from monitr_pipelines.warehouse.server.database import Connection

COMPANIES = 12
LATENCY = "200"


@contextmanager
def started(command: list[str], log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process with all of its own, which are killed when the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    for pid in (*descendants(process.pid), process.pid):
        if Path(f"/proc/{pid}").exists():
            os.kill(pid, signal.SIGKILL)
    process.wait(LONGEST_WAIT)


def software(port: int) -> list[str]:
    """The same books wherever it runs: each network has a loopback, and an emulator, of its own."""
    options = ["--port", str(port), "--companies", str(COMPANIES), "--latency", LATENCY]
    return [str(MONITR), "emulator", "odoo", *options]


def companies(connection: Connection, log: Path) -> list[str]:
    """A connection to the software, with all of its companies as entities: each has its first import."""
    wait_for(lambda: b"\n" in log.read_bytes(), "the emulator")
    told = json.loads(log.read_text().splitlines()[0])
    row = connection.execute(
        "insert into app.organisation (name, subscription) values (%s, 'active') returning id",
        [f"networks {os.getpid()}"],
    ).fetchone()
    assert row is not None
    name = f"networks {os.getpid()}"
    number = connecting.connect(connection, name, "odoo", told["settings"], "test")
    chosen = {shown["id"]: Choice.NORMAL for shown in told["administrations"]}
    administrations.choose(connection, number, chosen, "test")
    return [str(each["entity_key"]) for each in administrations.listed(connection, number)]


def settled(connection: Connection, entities: list[str]) -> bool:
    return all(import_rows(connection, entity)[-1]["outcome"] == "succeeded" for entity in entities)


def is_lost(connection: Connection, entity: str) -> bool:
    return import_rows(connection, entity)[0]["error_code"] == "worker_lost"


def test_a_night_loses_nothing_and_publishes_nothing_twice(
    cluster: Cluster, connection: Connection, tmp_path: Path
) -> None:
    if not network_kit.possible():
        pytest.skip("only root may make networks")
    (port,) = free_ports(1)
    with ExitStack() as running:
        running.enter_context(started(software(port), tmp_path / "here.log"))
        networks = [running.enter_context(network_kit.network(number)) for number in (1, 2)]
        with cluster.resting():
            entities = companies(connection, tmp_path / "here.log")
            workers = [_work(cluster, each, port, tmp_path, running) for each in networks]
            # The last one starts on whichever worker is left.
            with held(connection, entities[-1]):
                with held(connection, entities[0]):
                    wait_for(lambda: waits(connection, entities[0]), "an import that is held")
                    run = import_rows(connection, entities[0])[-1]["run_id"]
                    killed = next(worker for worker in workers if worker.pid == cluster.worker_of(run))
                    kill(killed)
                wait_for(lambda: waits(connection, entities[-1]), "an import of the other worker")
                cut = networks[1 - workers.index(killed)]
                cut.cut()
                wait_for(lambda: is_lost(connection, entities[-1]), "the loss of what it had")
        cut.mend()
        wait_for(lambda: settled(connection, entities), "the end of the night")
    for entity in entities:
        rows = import_rows(connection, entity)
        assert [row["outcome"] for row in rows].count("succeeded") == 1, rows
        assert {row["error_code"] for row in rows} <= {None, "worker_lost"}
        assert [row["trigger"] for row in rows][1:] in ([], ["again"])
        assert figures(connection, entity)[1] == rows[-1]["id"]
        published = connection.execute(
            "select distinct import_id from marts.trial_balance where entity_id = %s",
            [entity_id(connection, entity)],
        ).fetchall()
        assert [row["import_id"] for row in published] == [rows[-1]["id"]]
    assert is_lost(connection, entities[0])
    assert is_lost(connection, entities[-1])


def _work(
    cluster: Cluster, within: Network, port: int, folder: Path, running: ExitStack
) -> subprocess.Popen[bytes]:
    """A worker in a network, where the software is too."""
    running.enter_context(started(within.command(*software(port)), folder / f"{within.name}-software.log"))
    return running.enter_context(
        started(
            within.command(str(MONITR), "worker", "--slots", "2"),
            folder / f"{within.name}.log",
            **cluster.environment,
            MONITR_SECRET_KEYS=(cluster.home / "secret.key").read_text().strip(),
            MONITR_HOME=str(folder / within.name),
        )
    )
