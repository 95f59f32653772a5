"""Variables of the engines: each exists, its value can be, and no process gets more than it needs."""

import importlib.util
import os
from functools import cache
from pathlib import Path
from types import ModuleType

import dagster
import dagster_k8s
import pytest
from deploy_kit import DEPLOY, Process, processes

from monitr_pipelines import settings
from monitr_pipelines.cli.services import PATIENCE

# Variables that a process must have, by the words that its command ends or begins with.
IMPORTERS = {"MONITR_DATABASE_URL", "MONITR_SECRET_KEYS"}
# Written by Dagster's chart around what we say, and read by its own yaml.
OF_THE_CHART = {"DAGSTER_PG_PASSWORD"}
A_TOKEN = "t" * 32


@cache
def text_of_dagster() -> str:
    folders = [Path(str(module.__file__)).parent for module in (dagster, dagster_k8s)]
    return "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))


def new_secrets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("new_secrets", DEPLOY / "compose" / "new_secrets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def secrets() -> dict[str, str]:
    """A value for each secret that an engine names, as new_secrets.py makes them."""
    others = {"MONITR_STRIPE_KEY": "rk_x", "MONITR_ALERT_FROM": "a@example.com"}
    return {**new_secrets().made(), **others, "MONITR_OPERATIONS_EMAIL": "a@example.com"}


def test_every_engine_has_every_process() -> None:
    """Named by what they run; a run of Kubernetes is a pod of its own."""
    for engine, expected in {"compose": 7, "systemd": 7, "kubernetes": 7}.items():
        assert len([each for each in processes() if each.engine == engine]) == expected


@pytest.mark.parametrize("process", processes(), ids=str)
def test_every_variable_is_one_that_someone_reads(process: Process) -> None:
    ours = {name for name, *_ in settings.described()}
    for name in process.named - OF_THE_CHART:
        assert name in ours if name.startswith("MONITR_") else f'"{name}"' in text_of_dagster(), name


@pytest.mark.parametrize("process", processes(), ids=str)
def test_every_value_is_one_that_the_settings_accept(
    process: Process, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("MONITR_")]:
        monkeypatch.delenv(name)
    hidden = {name: secrets[name] for name in process.secrets - OF_THE_CHART}
    for name, value in {**process.variables, **hidden}.items():
        monkeypatch.setenv(name, value)
    if not settings.operator_tokens() and "MONITR_OPERATOR_TOKENS" in process.named:
        monkeypatch.setenv("MONITR_OPERATOR_TOKENS", A_TOKEN)  # left to who installs it
    settings.check()


@pytest.mark.parametrize("process", processes(), ids=str)
def test_dagster_waits_as_long_as_under_monitr_up(process: Process) -> None:
    if "dagster" in " ".join(process.command):
        assert {name: process.variables.get(name) for name in PATIENCE} == PATIENCE


@pytest.mark.parametrize("process", processes(), ids=str)
def test_nobody_but_migrations_and_commands_is_the_owner(process: Process) -> None:
    migrates = process.command == ["monitr", "migrate"] or process.name == "command"
    assert ("MONITR_OWNER_DATABASE_URL" in process.named) == migrates


@pytest.mark.parametrize("process", processes(), ids=str)
def test_a_process_has_the_secrets_of_its_work_and_no_others(process: Process) -> None:
    said = " ".join(process.command)
    if "web.server" in said:
        assert {"MONITR_WEB_DATABASE_URL", "MONITR_SECRET_KEYS"} <= process.named
        assert not {"MONITR_DATABASE_URL", "MONITR_DAGSTER_DATABASE_URL"} & process.named
    elif "execute_run" in said or "definitions" in said or "reconciler" in said or "worker" in said:
        assert process.named >= IMPORTERS
    elif "webserver" in said or "daemon" in said:
        assert not {*IMPORTERS, "MONITR_WEB_DATABASE_URL"} & process.named
    if "webserver" in said or "reconciler" in said:
        assert "MONITR_OPERATOR_TOKENS" in process.named, "the reconciler signs in to the guard"


def test_no_secret_stands_in_a_text() -> None:
    """Where a file shows the form of an address, the word PASSWORD stands for it."""
    for path in DEPLOY.rglob("*"):
        if path.is_file() and not {"secrets", "__pycache__"} & set(path.parts):
            for line in path.read_text(encoding="utf-8").splitlines():
                assert "postgresql://" not in line or "PASSWORD@" in line or "{password}" in line, path
                assert "whsec_" not in line, path


def test_secrets_of_compose_are_made_once_and_for_containers_alone(tmp_path: Path) -> None:
    made = new_secrets()
    folder = tmp_path / "secrets"
    made.write(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    first = {file.name: file.read_text(encoding="ascii") for file in folder.iterdir()}
    assert first.keys() == made.made().keys()
    assert first["MONITR_SECRET_KEYS"] != made.made()["MONITR_SECRET_KEYS"]
    with pytest.raises(FileExistsError):
        made.write(folder)
    assert {file.name: file.read_text(encoding="ascii") for file in folder.iterdir()} == first
