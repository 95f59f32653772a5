"""Reading many lines takes no more memory than reading few; `READ_LINES` of the environment reads as many."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conformance_kit import Case, cases
from process_kit import LONGEST_WAIT, MONITR

HERE = Path(__file__).parent
LINES = int(os.environ.get("READ_LINES", "40000"))
# A page of two thousand lines with all that is made of it takes about as much.
MOST_GROWTH_KIB = 12 * 1024
FIRST = [case for case in cases() if case.emulated and case.variant == next(iter(case.conformance.variants))]


@contextmanager
def emulator(case: Case) -> Iterator[dict[str, Any]]:
    """`monitr emulator` as a process of its own, and what it announced."""
    options = [
        part
        for pair in case.conformance.variants[case.variant].items()
        for part in ("--option", "=".join(pair))
    ]
    command = [MONITR, "emulator", case.name, "--lines", str(LINES), "--companies", "1", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    with process.stdout:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(LONGEST_WAIT)


@pytest.mark.parametrize("case", FIRST, ids=str)
def test_memory_is_flat(case: Case) -> None:
    with emulator(case) as announced:
        application = case.conformance.application
        asked = announced | {"application": [application.id, application.secret] if application else None}
        ended = subprocess.run(
            [sys.executable, HERE / "reader.py"],
            input=json.dumps(asked),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    peaks = [tuple(row) for row in json.loads(ended.stdout)]
    lines, last = peaks[-1]
    assert lines == LINES
    early = next(peak for count, peak in peaks if count >= LINES // 5)
    print(f"{case}: {peaks}")  # noqa: T201 - shown by pytest -s
    assert last - early < MOST_GROWTH_KIB, peaks
