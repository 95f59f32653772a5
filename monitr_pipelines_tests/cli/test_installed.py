"""The wheel, installed without the checkout: commands, the code location, `monitr up` and an import."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from cli_kit import sale, write
from log_kit import lines_of
from process_kit import LONGEST_LOOK, LONGEST_WAIT, alive, descendants, end, free_ports, wait_for

from monitr_pipelines.warehouse.server import embedded

ROOT = Path(__file__).parents[2]
SOURCES = (
    "monitr_pipelines",
    "sql",
    "deploy",
    "dagster.yaml",
    "workspace.yaml",
    "pyproject.toml",
    "setup.py",
)
SDIST = "import setuptools.build_meta as backend; backend.build_sdist('dist')"


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, an empty folder to work in, and what processes find around them."""

    python: Path
    folder: Path
    environment: dict[str, str]

    def run(self, *command: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*map(str, command)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=check,
            timeout=LONGEST_WAIT,
        )

    def monitr(self, *arguments: object) -> str:
        return self.run(self.python.with_name("monitr"), *arguments).stdout

    @property
    def package(self) -> Path:
        script = "import monitr_pipelines; print(monitr_pipelines.__file__)"
        return Path(self.run(self.python, "-c", script).stdout.strip()).parent

    @property
    def home(self) -> Path:
        return Path(self.environment["XDG_DATA_HOME"]) / "monitr"


def build(folder: Path) -> Path:
    """The wheel, made from the source distribution, made from copies: nothing is left in the checkout."""
    for name in (*SOURCES, "MANIFEST.in", "constraints.txt"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, folder / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [sys.executable, "-c", SDIST], cwd=folder, check=True, capture_output=True, timeout=LONGEST_WAIT
    )
    (archive,) = (folder / "dist").glob("*.tar.gz")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder / "wheels"]
    subprocess.run([*pip, "wheel", *options, archive], check=True, capture_output=True, timeout=LONGEST_WAIT)
    (wheel,) = (folder / "wheels").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A fresh environment: it sees the libraries of this one, but neither the checkout nor its settings."""
    folder = tmp_path_factory.mktemp("installed")
    sources, work, venv = folder / "sources", folder / "work", folder / "venv"
    for each in (sources, work):
        each.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True, timeout=LONGEST_WAIT)
    python = venv / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "--quiet"]
    options = ["--no-deps", "--no-index", build(sources)]
    subprocess.run([*pip, "install", *options], check=True, capture_output=True, timeout=LONGEST_WAIT)
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    hidden = ("MONITR_", "DAGSTER_", "PYTHON")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    ready = Installed(python, work, environment | {"XDG_DATA_HOME": str(folder / "data")})
    yield ready
    embedded.remove(ready.home)


@pytest.fixture
def up(installed: Installed) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`monitr up`, once its page answers, and the page's port."""
    dagster, hook = free_ports(2)
    ports = {"MONITR_DAGSTER_PORT": str(dagster), "MONITR_HOOK_PORT": str(hook)}
    with (installed.folder.parent / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [installed.python.with_name("monitr"), "up"],
            cwd=installed.folder,
            env=installed.environment | ports,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, hook
    finally:
        end(process)


def page(port: int) -> str:
    with suppress(requests.RequestException):
        answer = requests.get(f"http://127.0.0.1:{port}/sign-in", timeout=LONGEST_LOOK)
        return answer.text if answer.status_code == 200 else ""
    return ""


def test_it_is_the_installed_package_that_runs(installed: Installed) -> None:
    assert installed.package.is_relative_to(installed.python.parents[1])
    script = "import sys; print(*sys.path, sep='\\n')"
    assert str(ROOT) not in installed.run(installed.python, "-c", script).stdout.splitlines()


def test_the_version_is_that_of_the_wheel(installed: Installed) -> None:
    assert installed.monitr("--version") == "monitr 0.1.0\n"


def test_every_file_of_the_project_is_in_the_wheel(installed: Installed) -> None:
    folders = {ROOT / "monitr_pipelines": ROOT / "monitr_pipelines", ROOT / "sql": ROOT}
    files = {
        path.relative_to(base).as_posix()
        for folder, base in folders.items()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    needed = files | {"dagster.yaml", "workspace.yaml"}
    package = installed.package
    assert {name for name in needed if not (package / name).is_file()} == set()


def test_dagster_finds_the_code_location(installed: Installed) -> None:
    validated = installed.run(
        *(installed.python, "-m", "dagster", "definitions", "validate", "-m", "monitr_pipelines.definitions"),
        check=False,
    )
    assert validated.returncode == 0, validated.stdout + validated.stderr


def test_from_monitr_up_to_an_import(
    installed: Installed, up: tuple[subprocess.Popen[bytes], int], tmp_path: Path
) -> None:
    process, port = up
    text = wait_for(lambda: page(port), "the page")
    assert "<form" in text
    log = installed.folder.parent / "up.log"
    wait_for(lambda: str(installed.home) in log.read_text(), "the place of the data")

    installed.monitr("org", "add", "Installed")
    key = installed.monitr(
        "entity", "add", "--org", "Installed", "--name", "Bakery", "--provider", "file"
    ).strip()
    books = write(tmp_path / "books.csv", *sale("2026-01-05", 100))
    imported = json.loads(installed.monitr("import", key, "--file", books, "--json"))
    assert (imported["status"], imported["counts"]["new"]) == ("Succeeded", 2)
    rows = json.loads(installed.monitr("report", "trial-balance", key, "--format", "json"))
    assert [row["closing"] for row in rows] == ["100.00", "-100.00"]

    started = descendants(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(LONGEST_WAIT) == 0
    assert not [pid for pid in started if alive(pid)]
    for name in ("webserver", "daemon", "reconciler", "hook"):
        assert lines_of(installed.home / f"{name}.log"), name
    assert lines_of(log)
    assert list(installed.folder.iterdir()) == [], "nothing is written where one happens to be"
