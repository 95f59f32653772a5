"""Imports of an emulated company into the books, beside its own trial balance."""

import json
import os
from collections.abc import Callable, Iterator

import pytest

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.quickbooks import build
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import MORNING, Size, invented_books
from monitr_pipelines.importing.session import begin
from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.server.database import Connection

APPLICATIONS = {"quickbooks": {"id": CLIENT_ID, "secret": CLIENT_SECRET}}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("MONITR_OAUTH_APPLICATIONS", json.dumps(APPLICATIONS))
    clock = Clock(MORNING)
    with serve(build(invented_books(Size(entries_per_month=2), clock), {}), clock) as running:
        yield running


@pytest.fixture
def entity(connection: Connection, make_entity: Callable[..., str], server: Server) -> Iterator[str]:
    key = make_entity(provider="quickbooks")
    settings = dict(server.emulator.settings(server.address))
    row = connection.execute(
        "update app.entity set administration = %s where key = %s returning integration_id",
        [settings["realm_id"], key],
    ).fetchone()
    assert row is not None
    connections.store(connection, row["integration_id"], settings)
    yield key
    connection.execute("update app.integration set credentials = null where id = %s", [row["integration_id"]])


def imported(connection: Connection, key: str, nth: int) -> dict[str, int]:
    """What an import found of the accounts beside their balances."""
    session = begin(key, run_id=f"quickbooks-{os.getpid()}-{nth}", import_id=None, trigger="cli")
    try:
        session.fetch()
        session.publish()
    finally:
        session.end()
    row = connection.execute(
        """
        select compared, differing from raw.tie_out
        where entity_id = (select id from app.entity where key = %s) order by import_id desc limit 1
        """,
        [key],
    ).fetchone()
    assert row is not None
    return dict(row)


def test_every_account_ties_out_after_everything_and_after_a_change(
    connection: Connection, entity: str, server: Server
) -> None:
    """Years have turned: the results of earlier ones are in the retained earnings of QuickBooks alone."""
    found = imported(connection, entity, 1)
    assert found["compared"] > 2
    assert found["differing"] == 0
    books = server.emulator.books
    with books.lock:
        deleted, changed, *_ = books.company_entries(next(iter(books.companies)))
        keeper = Bookkeeper(books)
        keeper.delete(deleted.id)
        keeper.redate(changed.id, changed.day.replace(day=28, month=11))
    assert imported(connection, entity, 2)["differing"] == 0
    modes = connection.execute(
        "select mode from app.import inner join app.entity on entity.id = entity_id where key = %s "
        "order by import.id",
        [entity],
    )
    assert [row["mode"] for row in modes] == ["full", "incremental"]
