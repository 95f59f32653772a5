"""Three nights: an outage of six hours, the change to winter time, a deploy while imports run."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import clock_kit
import pytest
from process_kit import LONGEST_WAIT

from monitr_pipelines.shipped import ROOT

STORY = [sys.executable, "-m", "monitr_pipelines_tests.nights.story", "--nights", "3", "--companies", "1"]
REQUIRED = "MONITR_REQUIRE_CLOCK"
LONGEST_STORY = 3 * LONGEST_WAIT


def test_three_nights_keep_every_promise(tmp_path: Path) -> None:
    lacking = clock_kit.missing()
    if lacking and os.environ.get(REQUIRED) != "1":
        pytest.skip(f"the clock cannot be moved without {lacking}")
    log = tmp_path / "story.log"
    with clock_kit.environment() as moved, log.open("wb") as output:
        story = subprocess.Popen(STORY, cwd=ROOT, env=moved, stdout=output, stderr=subprocess.STDOUT)
        try:
            story.wait(LONGEST_STORY)
        finally:
            # A test that is ended ends all that the story has started.
            story.send_signal(signal.SIGINT)
            story.wait(LONGEST_WAIT)
    told = log.read_text()
    assert story.returncode == 0, told
    assert "3 nights of seed 1 kept every promise" in told
