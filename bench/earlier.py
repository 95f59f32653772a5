"""An earlier build of this project, to measure beside the present one."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.server import DATABASE_URL
from monitr_pipelines.shipped import ROOT

COMMIT = "00b490a"  # the build of 2026-11-23, which the goals were set against
MIGRATE = """
try:
    from monitr_pipelines.warehouse.upkeep import migrations
except ModuleNotFoundError:
    from monitr_pipelines.warehouse import migrations
migrations.migrate()
"""
LONGEST_SECONDS = 3600


@contextmanager
def checkout(commit: str = COMMIT) -> Iterator[Path]:
    """The files of a commit in a folder of their own, gone at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="monitr-earlier-") as folder:
        archive = Path(folder) / "files.tar"
        files = Path(folder) / "files"
        files.mkdir()
        _run(["git", "-C", str(ROOT), "archive", "--output", str(archive), commit])
        _run(["tar", "--extract", "--file", str(archive), "--directory", str(files)])
        yield files


def migrate(build: Path, address: str) -> None:
    """Bring a database to what a build needs."""
    python(build, ["-c", MIGRATE], address)


def python(build: Path, arguments: Sequence[str], address: str) -> str:
    """What a Python of this environment prints that finds the project in the folder of a build."""
    environment = os.environ | {DATABASE_URL: address, "PYTHONPATH": str(build)}
    return _run([sys.executable, *arguments], environment, build)


def _run(
    command: Sequence[str], environment: dict[str, str] | None = None, folder: Path | None = None
) -> str:
    done = subprocess.run(  # noqa: S603 - our own programs
        command,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-2000:]}")
    return done.stdout
