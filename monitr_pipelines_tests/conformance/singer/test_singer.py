"""singer-sdk's standard tests of taps pass over each provider, in an environment of its own.

singer-sdk needs python-backoff, which writes the same package as backoff, which Dagster's client needs: so
the two are never installed together.
"""

import fcntl
import json
import os
import re
import subprocess
import tomllib
import venv
from pathlib import Path

import pytest
from conformance_kit import Case, Software, cases
from stream_kit import changed_lines, end_of, read

ROOT = Path(__file__).parents[3]
CHECKS = Path(__file__).parent / "singer_checks.py"
FOLDER = ROOT / ".venv-singer"
PYTHON = FOLDER / "bin" / "python"
INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
PINNED = ("--constraint", ROOT / "constraints.txt")
REQUIRED = "MONITR_REQUIRE_LIVE"
# Nothing of the project's own tests, whose needs are not installed there.
OPTIONS = ("-p", "no:cacheprovider", "-c", os.devnull, "--noconftest")
# Of singer-sdk 0.54, over three streams.
FEWEST_TESTS = 30

# What a tap writes is one connector's, whichever variant it reads.
FIRST = [case for case in cases() if case.variant == next(iter(case.conformance.variants))]


@pytest.fixture(params=FIRST, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture(scope="session")
def singer() -> Path:
    """The interpreter of the environment; it is made where it is not there, with the extra `singer`."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][
        "singer"
    ]
    # One of the processes that run tests side by side makes it, and the others wait for that.
    with (ROOT / f"{FOLDER.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = FOLDER / "installed"
        if not stamp.is_file() or stamp.read_text() != repr(wanted):
            if os.environ.get(REQUIRED) != "1":
                pytest.skip(f"{FOLDER.name} is not made; {REQUIRED}=1 makes it")
            venv.create(FOLDER, with_pip=True, clear=True)
            subprocess.run([PYTHON, *INSTALL, *PINNED, *wanted], check=True)
            stamp.write_text(repr(wanted))
    return PYTHON


def test_standard_tap_tests_pass(case: Case, software: Software, singer: Path, tmp_path: Path) -> None:
    items = read(case, software)
    application = case.conformance.application
    asked = {
        "provider": case.name,
        "administration": software.administration,
        "settings": dict(software.settings),
        "application": [application.id, application.secret] if application else None,
        "lines": len(changed_lines(items)),
        "again": len(changed_lines(read(case, software, end_of(items).cursor))),
    }
    ended = subprocess.run(
        [singer, "-m", "pytest", "-q", *OPTIONS, "--rootdir", tmp_path, CHECKS],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "TAP": json.dumps(asked), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-5000:] + ended.stderr[-2000:]
    passed = re.search(r"(\d+) passed", ended.stdout)
    assert passed is not None
    assert int(passed[1]) >= FEWEST_TESTS, ended.stdout
