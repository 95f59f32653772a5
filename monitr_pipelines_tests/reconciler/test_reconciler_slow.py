"""A machine on which some starts take very long: they are waited for, and nothing is launched twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster_kit import sale, upload
from up_kit import Up, ended, own_home, serving

from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.registry import entities, organisations
from monitr_pipelines.warehouse.server import database

ENTITIES = 8
SLOW = 2
# Longer than Dagster was told to wait for a start: it was killed then, and launched again.
SECONDS = 35
# Python reads it before anything else of a process. The processes of runs are told by what forks them.
AT_START = """
import os, sys, time

def sleep():
    for number in range({slow}):
        try:
            os.close(os.open(os.path.join({folder!r}, str(number)), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        time.sleep({seconds})
        break

if any("multiprocessing.forkserver" in argument for argument in sys.orig_argv):
    os.register_at_fork(after_in_child=sleep)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose first runs start slowly."""
    folder, site = tmp_path_factory.mktemp("slow"), tmp_path_factory.mktemp("site")
    slept = site / "slept"
    slept.mkdir()
    text = AT_START.format(slow=SLOW, folder=str(slept), seconds=SECONDS)
    (site / "sitecustomize.py").write_text(text)
    with own_home(folder, PYTHONPATH=str(site)) as home:
        yield home


@pytest.fixture
def up(home: Path) -> Iterator[Up]:
    with serving(home) as started:
        yield started


def test_slow_starts_are_waited_for_and_none_is_launched_twice(up: Up) -> None:
    with database.connect(autocommit=True) as connection:
        organisation = str(organisations.add(connection, "Slow", "active"))
        keys = [
            entities.add_entity(connection, organisation, "file", {"name": f"Company {number}"})
            for number in range(ENTITIES)
        ]
        for key in keys:
            upload(connection, key, sale(100))
        asked = [
            requests.request(connection, key, trigger="scheduled", requested_by="schedule") for key in keys
        ]
        rows = [ended(connection, each) for each in asked]
    assert {(row["outcome"], row["launches"]) for row in rows} == {("succeeded", 1)}
    slow = [row for row in rows if (row["started_at"] - row["launched_at"]).total_seconds() >= SECONDS]
    assert len(slow) >= SLOW
    assert "imports that may be starting at once: 4" in (up.home / "reconciler.log").read_text()
