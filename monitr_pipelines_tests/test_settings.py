"""Numbers in variables: empty is the default, and what cannot be is told by the variable's name."""

import os
import subprocess
import sys

import pytest

from monitr_pipelines import settings
from monitr_pipelines.settings import BadSetting, whole_number


@pytest.mark.parametrize(("given", "number"), [("", 30), ("7", 7), (" 7 ", 7)])
def test_a_number_or_the_default(monkeypatch: pytest.MonkeyPatch, given: str, number: int) -> None:
    monkeypatch.setenv("MONITR_SCHEDULE_MINUTES", given)
    assert whole_number("MONITR_SCHEDULE_MINUTES", 30) == number


@pytest.mark.parametrize("given", ["abc", "0", "-5", "1.5", "65536", " "])
def test_what_is_no_port_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("MONITR_HOOK_PORT", given)
    with pytest.raises(BadSetting, match="MONITR_HOOK_PORT must be a number from 1 to 65535"):
        settings.hook_port()


def test_an_empty_port_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITR_HOOK_PORT", "")
    monkeypatch.setenv("MONITR_DAGSTER_PORT", "")
    assert (settings.hook_port(), settings.dagster_port()) == (8000, 3000)


def test_a_file_on_the_page_may_have_200_mb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONITR_UPLOAD_LIMIT_MB", raising=False)
    assert settings.upload_limit() == 200 * 1024 * 1024


def test_the_reconciler_tells_at_its_start_what_cannot_be() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "monitr_pipelines.reconciler"],
        env={**os.environ, "MONITR_SCHEDULE_MINUTES": "soon"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    told = "Error: MONITR_SCHEDULE_MINUTES must be a number from 1 to 1000000, not 'soon'.\n"
    assert (ended.returncode, ended.stderr) == (1, told)
