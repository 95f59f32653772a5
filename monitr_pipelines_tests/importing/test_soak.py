"""Fifty random histories of ledger files, the same ones each time; `make soak` runs ten thousand."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SEQUENCES = 50


def test_books_are_those_of_the_applied_files_whatever_happened(home: Path) -> None:
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "monitr_pipelines_tests.importing.soak", "--here"),
            *("--sequences", str(SEQUENCES), "--seed", "20261128"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    for happened in ("applied", "refused", "discarded"):
        assert f"files {happened}" in ended.stdout
    for happened in ("worker_lost", "our_fault", "file_set_aside", "file_refused", "sum_too_large"):
        assert f"imports {happened}" in ended.stdout
