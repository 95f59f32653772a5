"""What a run prints is in its file at once, and goes on to where it always went."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from monitr_pipelines.dagster_logs import FilesOfRuns

PRINTS = """
import os, subprocess, sys
from monitr_pipelines.dagster_logs import FilesOfRuns
logs = FilesOfRuns(sys.argv[1])
print("before", flush=True)
with logs.capture_logs(["a run", "compute_logs", "step"]):
    print("said by Python")
    os.write(1, b"said below it\\n")
    subprocess.run(["echo", "said by a child"], check=True)
    print("said to standard error", file=sys.stderr)
    print("x" * 100_000)
    exec(sys.argv[2])
print("after")
"""
KILLED = "sys.stdout.flush(); os.kill(os.getpid(), 9)"
KEY = ["a run", "compute_logs", "step"]


def run(folder: Path, last: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PRINTS, str(folder), last]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_all_that_is_printed_is_in_the_file_and_shown_in_order(tmp_path: Path) -> None:
    ended = run(tmp_path)
    assert ended.returncode == 0
    logs = FilesOfRuns(str(tmp_path))
    data = logs.get_log_data(KEY)
    assert data.stdout is not None
    assert data.stderr == b"said to standard error\n"
    assert set(data.stdout.decode().split("\n")) == {
        "said by Python",
        "said below it",
        "said by a child",
        "x" * 100_000,
        "",
    }
    assert ended.stdout == f"before\n{data.stdout.decode()}after\n"
    assert "said to standard error\n" in ended.stderr
    assert logs.is_capture_complete(KEY)


def test_what_a_killed_run_printed_is_in_its_file(tmp_path: Path) -> None:
    assert run(tmp_path, KILLED).returncode == -signal.SIGKILL
    logs = FilesOfRuns(str(tmp_path))
    data = logs.get_log_data(KEY)
    assert data.stdout is not None
    assert b"said by a child\n" in data.stdout
    assert not logs.is_capture_complete(KEY)


def test_a_capture_starts_no_process(tmp_path: Path) -> None:
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    before = children.read_text()
    with FilesOfRuns(str(tmp_path)).capture_logs(KEY):
        assert children.read_text() == before
