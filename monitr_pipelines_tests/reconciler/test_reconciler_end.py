"""Ctrl-C on `monitr up`: nothing of it goes on, and an import that ran tells what became of it."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dagster_kit import held, only_import, sale, upload, waits
from process_kit import LONGEST_WAIT, alive, descendants, server_of, wait_for
from up_kit import Up

from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server import database, embedded
from monitr_pipelines.warehouse.server.database import Connection


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own, whose PostgreSQL is started by what is ended."""
    monkeypatch.setenv("MONITR_HOME", str(tmp_path))
    yield tmp_path
    embedded.remove(tmp_path)


@pytest.fixture
def up(home: Path) -> Iterator[Up]:
    started = Up(home)
    wait_for(started.serves, "both addresses")
    yield started
    started.end()


@pytest.fixture
def connection(up: Up) -> Iterator[Connection]:
    with database.connect(autocommit=True) as opened:
        yield opened


def test_nothing_goes_on_and_the_import_tells_that_it_was_stopped(
    up: Up, connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity()
    upload(connection, entity, sale(100))
    with held(connection, entity):
        requests.request(connection, entity, trigger="first", requested_by="jan")
        wait_for(lambda: waits(connection, entity), "the import")
        started = descendants(up.process.pid)
        assert len(started) >= 4
        up.process.send_signal(signal.SIGINT)
        wait_for(lambda: not any(map(alive, started)), "the end of its processes")
    server = server_of(up.home)
    connection.close()
    assert up.process.wait(LONGEST_WAIT) == 0, up.log.read_text()
    assert not alive(server)
    assert "Traceback" not in up.log.read_text()

    database.start_server()
    with database.connect(autocommit=True) as again:
        stopped = only_import(again, entity)
    assert (stopped["outcome"], stopped["error_code"]) == ("failed", "stopped")
