"""`monitr` as a program of its own: exit codes, a clean stdout, and processes that end."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from cli_kit import sale, write
from process_kit import alive, descendants, free_ports, start_up, taken_port, wait_for

SECONDS = 120


@pytest.fixture
def program(command: list[str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            timeout=SECONDS,
        )

    return run


def test_from_an_organisation_to_a_report(program: Callable, tmp_path: Path) -> None:
    assert program("org", "add", "Programs").returncode == 0
    added = program("entity", "add", "--org", "Programs", "--name", "Bakery", "--provider", "file")
    assert (added.returncode, added.stderr) == (0, "")
    key = added.stdout.removesuffix("\n")
    assert "\n" not in key

    file = write(tmp_path / "books.csv", *sale("2026-01-05", 100))
    imported = program("import", key, "--file", file, "--json")
    assert (imported.returncode, imported.stderr) == (0, ""), imported.stdout
    assert json.loads(imported.stdout)["counts"]["new"] == 2

    write(file, *sale("2026-01-05", 100), ("2026-01-06", "550000", 3))
    failed = program("import", key, "--file", file)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "Debit and credit are not equal" in failed.stderr
    assert "Traceback" not in failed.stderr

    refused = program("import", key, "--file", tmp_path / "nowhere.csv", "--json")
    assert (refused.returncode, refused.stderr) == (2, "")
    assert json.loads(refused.stdout)["error"]["code"] == "no_file"

    report = program("report", "trial-balance", key, "--format", "json")
    assert (report.returncode, report.stderr) == (0, "")
    assert [row["closing"] for row in json.loads(report.stdout)] == ["100.00", "-100.00"]


def test_migrations_again_change_nothing(program: Callable) -> None:
    said = program("migrate")
    assert (said.returncode, said.stdout) == (0, "")
    assert "the database is up to date" in said.stderr


@pytest.fixture
def port() -> Iterator[int]:
    """A port that is taken as long as the test runs."""
    with taken_port() as taken:
        yield taken


@pytest.mark.parametrize("variable", ["MONITR_DAGSTER_PORT", "MONITR_HOOK_PORT"])
def test_a_port_that_is_taken(program: Callable, port: int, variable: str) -> None:
    dagster, hook = map(str, free_ports(2))
    ports = {"MONITR_DAGSTER_PORT": dagster, "MONITR_HOOK_PORT": hook}
    said = program("up", **ports | {variable: str(port)})
    assert (said.returncode, said.stdout) == (1, "")
    assert f"port {port} is taken" in said.stderr
    assert variable in said.stderr
    assert "Traceback" not in said.stderr


def test_ctrl_c_ends_every_process(home: Path, tmp_path: Path) -> None:
    dagster, hook = ports = free_ports(2)
    log = tmp_path / "log"
    process = start_up(ports, log)
    started: list[int] = []

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            addresses = (f"http://127.0.0.1:{dagster}/server_info", f"http://127.0.0.1:{hook}/")
            return all(requests.get(address, timeout=5).ok for address in addresses)
        except requests.ConnectionError:
            return False

    try:
        wait_for(answers, "both addresses")
        started = descendants(process.pid)
        assert len(started) >= 4
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
        wait_for(lambda: not any(map(alive, started)), "the end of its processes")
        assert "Traceback" not in log.read_text()
    finally:
        for pid in filter(alive, [process.pid, *started]):
            os.kill(pid, signal.SIGKILL)
        process.wait()
