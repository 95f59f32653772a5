"""`monitr` as a program of its own: exit codes and a clean stdout."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
import typer.main
from cli_kit import sale, write
from process_kit import LONGEST_WAIT, free_ports, taken_port

from monitr_pipelines import cli

HEAVY = {"cryptography", "dagster", "lxml", "pandas", "pendulum", "psycopg", "pydantic", "sqlalchemy"}
HELP = """
import sys
from monitr_pipelines.cli import app
app(["--help"], standalone_mode=False)
sys.stderr.write(" ".join(sys.modules))
"""


@pytest.fixture
def program(command: list[str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            timeout=LONGEST_WAIT,
        )

    return run


def test_the_list_of_commands_loads_none_of_them() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", HELP], capture_output=True, text=True, check=True, timeout=LONGEST_WAIT
    )
    assert "hook-key" in listed.stdout
    assert HEAVY & set(listed.stderr.split()) == set()


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_the_list_tells_of_each_command_what_it_tells_itself(name: str) -> None:
    _, summary = cli.COMMANDS[name]
    assert " ".join(cli.load(name).help.split("\n\n")[0].split()) == summary


def test_no_command_is_missing_in_the_list() -> None:
    modules = {module for module, _ in cli.COMMANDS.values()}
    registered = set()
    for module in modules:
        part = typer.Typer()
        import_module(f"monitr_pipelines.cli.{module}").register(part)
        registered |= typer.main.get_group(part).commands.keys()
    assert registered == cli.COMMANDS.keys()


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


def test_a_dagster_that_others_reach_does_not_start_without_a_sign_in(program: Callable) -> None:
    said = program("up", MONITR_DAGSTER_BIND="0.0.0.0")  # noqa: S104 - as someone may set it
    assert (said.returncode, said.stdout) == (1, "")
    assert "MONITR_DAGSTER_BIND is 0.0.0.0, which other machines reach" in said.stderr
    assert "set MONITR_OPERATOR_TOKENS to tokens of 32 letters" in said.stderr
    assert "Traceback" not in said.stderr
