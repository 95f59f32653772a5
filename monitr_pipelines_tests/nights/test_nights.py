"""Three nights of the story: to winter time, with an outage of six hours and a deploy while imports run."""

import os
import subprocess
import sys

import clock_kit
import pytest

from monitr_pipelines.shipped import ROOT

STORY = [sys.executable, "-m", "monitr_pipelines_tests.nights.story", "--nights", "3", "--companies", "1"]


def test_three_nights_keep_every_promise() -> None:
    lacking = clock_kit.missing()
    if lacking and os.environ.get("MONITR_REQUIRE_LIVE") != "1":
        pytest.skip(f"the clock cannot be moved without {lacking}")
    told = subprocess.run(STORY, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "3 nights of seed 1 kept every promise" in told.stdout
