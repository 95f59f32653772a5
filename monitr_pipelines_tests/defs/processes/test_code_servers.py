"""Code servers stay for as long as they serve, are replaced where they end, and fork what runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin
from dagster._core.remote_representation.grpc_server_registry import GrpcServerRegistry
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._grpc.server import GrpcServerCommand, GrpcServerProcess
from dagster_kit import Dagster, sale, upload
from process_kit import LONGEST_WAIT, command_of, descendants, wait_for

from monitr_pipelines.dagster_process import _forget_the_lost
from monitr_pipelines.warehouse.server.database import Connection

WORKS, BREAKS = "import dagster\ndefs = dagster.Definitions()\n", "raise RuntimeError('made of cheese')\n"
# As a code server starts runs.
STARTS = """
import multiprocessing, sys
from monitr_pipelines.definitions import defs
defs()
for _ in range(2):
    run = multiprocessing.get_context("spawn").Process(target=exec, args=[sys.argv[1], {}])
    run.start()
    run.join()
"""
# What a run finds when it begins.
FINDS = """
import gc, os, random, signal, sys, threading
from contextlib import suppress
from monitr_pipelines.definitions import all_definitions
opened = []
for number in os.listdir("/proc/self/fd"):
    with suppress(OSError):
        opened.append(os.readlink(f"/proc/self/fd/{number}"))
print(
    "monitr_pipelines.defs.jobs" in sys.modules,
    all_definitions.cache_info().currsize,
    gc.get_freeze_count() > 0,
    threading.active_count(),
    any(name.startswith("socket:") for name in opened),
    signal.getsignal(signal.SIGTERM) is signal.getsignal(signal.SIGINT),  # as Dagster has it meanwhile
    signal.getsignal(signal.SIGINT).__name__,
    random.random(),
    flush=True,
)
"""
UNREADY = """
import dagster
dagster.materialize = None
import monitr_pipelines.warm_runs
"""


@pytest.fixture
def registry() -> Iterator[GrpcServerRegistry]:
    with GrpcServerRegistry(
        instance_ref=None,
        server_command=GrpcServerCommand.API_GRPC,
        heartbeat_ttl=LONGEST_WAIT,
        startup_timeout=LONGEST_WAIT,
        log_level="CRITICAL",
        inject_env_vars_from_instance=False,
        wait_for_processes_on_shutdown=True,
    ) as opened:
        yield opened


def origin_of(folder: Path, code: str) -> ManagedGrpcPythonEnvCodeLocationOrigin:
    file = folder / "location.py"
    file.write_text(code)
    target = LoadableTargetOrigin(executable_path=sys.executable, python_file=str(file))
    return ManagedGrpcPythonEnvCodeLocationOrigin(target, location_name="tried")


def started(
    registry: GrpcServerRegistry, origin: ManagedGrpcPythonEnvCodeLocationOrigin
) -> GrpcServerProcess:
    """The process of a code server, once that answers."""
    registry.get_grpc_endpoint(origin)
    server = registry._all_processes[-1]

    def answers() -> bool:
        with suppress(DagsterUserCodeUnreachableError):
            return bool(server.create_client().get_server_id())
        return False

    wait_for(answers, "the code server")
    return server


def test_one_that_serves_is_kept_and_one_that_died_is_not(
    registry: GrpcServerRegistry, tmp_path: Path
) -> None:
    origin = origin_of(tmp_path, WORKS)
    server = started(registry, origin)
    _forget_the_lost(registry)
    assert registry.get_grpc_endpoint(origin).socket == server.socket
    server.server_process.kill()
    server.server_process.wait()
    _forget_the_lost(registry)
    assert registry._active_entries == {}


def test_one_that_could_not_load_the_code_is_not_kept(registry: GrpcServerRegistry, tmp_path: Path) -> None:
    started(registry, origin_of(tmp_path, BREAKS))
    _forget_the_lost(registry)
    assert registry._active_entries == {}


def code_servers(dagster: Dagster, program: str) -> set[int]:
    """The code servers that a program of `monitr up` has started."""
    owners = [pid for pid in descendants(dagster.pid) if f"dagster_process {program}" in command_of(pid)]
    return {pid for owner in owners for pid in descendants(owner) if "-m dagster api grpc" in command_of(pid)}


def test_where_that_of_the_pages_is_killed_another_one_serves(
    dagster: Dagster, entity: str, connection: Connection
) -> None:
    upload(connection, entity, sale(100))
    (killed,) = code_servers(dagster, "dagster_webserver")
    os.kill(killed, signal.SIGKILL)

    def launched() -> str | None:
        with suppress(AssertionError):
            return dagster.launch(entity)
        return None

    dagster.succeeds(wait_for(launched, "a code server for the pages"))


def test_a_run_begins_with_all_built_and_shares_nothing_that_lives(home: Path) -> None:
    command = [sys.executable, "-c", STARTS, FINDS]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    first, second = (line.rsplit(" ", 1) for line in ended.stdout.splitlines())
    assert first[0] == second[0] == "True 1 True 1 False False default_int_handler"
    assert first[1] != second[1], "both runs draw the same numbers"


def test_where_nothing_can_be_made_ready_runs_begin_all_the_same(home: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", UNREADY], check=True, capture_output=True, text=True)
    assert "runs start without what is made ready for them" in ended.stderr
    assert "TypeError" in ended.stderr
