"""The books of a running Tryton through the whole product: imported, edited there, imported again."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from test_tryton_live import MONTHS
from tryton_changes_kit import CHANGES
from tryton_kit import Tryton

from monitr_pipelines.importing import connecting
from monitr_pipelines.importing.session import begin
from monitr_pipelines.providers.tryton.source import TrytonSource
from monitr_pipelines.warehouse.registry import entities, organisations
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import last_import, snapshot

FIRST_YEAR = MONTHS[0][0]


@pytest.fixture(autouse=True)
def spools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "spools"
    monkeypatch.setenv("MONITR_SPOOL_DIR", str(folder))
    yield folder
    assert list(folder.glob("*.spool")) == []


@pytest.fixture
def north_and_south(tryton: Tryton, connection: Connection, tmp_path: Path) -> tuple[str, str]:
    """Both companies as entities of one connection, as the command line makes them."""
    name = f"Tryton of {tmp_path.name}"
    organisations.add(connection, name, "active")
    connection_id = connecting.connect(connection, name, "tryton", tryton.credentials, "test")
    listed = {one.name: one for one in connecting.administrations("tryton", connection_id)}
    assert listed.keys() == {"North", "South"}
    north, south = (
        entities.add_entity(
            connection,
            name,
            "tryton",
            {"name": one.name, "administration": one.id, "country": "BE"},
            connection_id=connection_id,
        )
        for one in (listed["North"], listed["South"])
    )
    return north, south


def run_import(connection: Connection, entity: str) -> None:
    newest = connection.execute("select coalesce(max(id), 0) as id from app.import").fetchone()
    assert newest
    session = begin(entity, run_id=f"run {newest['id']} of {entity}", import_id=None, trigger="cli")
    try:
        session.fetch()
        session.publish()
    except Exception as error:
        session.failed(error)
        raise
    finally:
        session.end()


def closing_balances(connection: Connection, entity: str, month: date) -> dict[str, Decimal]:
    """Our trial balance of a month, accounts at zero left out."""
    rows = connection.execute(
        """
        select account_code, closing from marts.trial_balance
        where entity_id = (select id from app.entity where key = %s) and month = %s and closing <> 0
        """,
        [entity, month.replace(day=1)],
    )
    return {row["account_code"]: row["closing"] for row in rows}


def month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def assert_every_month_is_trytons(connection: Connection, entity: str, source: TrytonSource) -> None:
    """Account by account; the result of the year before stands on a line that is ours alone.

    Our ledger ends with its last lines; after them balances stay as they are.
    """
    span = connection.execute(
        """
        select max(month) as last from marts.trial_balance
        where entity_id = (select id from app.entity where key = %s)
        """,
        [entity],
    ).fetchone()
    assert span
    for year, month in MONTHS:
        own = closing_balances(connection, entity, min(month_end(year, month).replace(day=1), span["last"]))
        theirs = {code: sum_ for code, sum_ in source.trial_balance(month_end(year, month)).items() if sum_}
        assert theirs
        carried = {code: own.pop(code) for code in own.keys() - theirs.keys()}
        assert own == theirs, (year, month)
        assert sum(carried.values()) == -sum(theirs.values()), (year, month)
        assert len(carried) == (year != FIRST_YEAR)


@pytest.mark.parametrize("company", ["North", "South"])
def test_each_month_of_a_company_equals_trytons_own_trial_balance(
    tryton: Tryton, connection: Connection, north_and_south: tuple[str, str], company: str
) -> None:
    entity = north_and_south[company == "South"]
    run_import(connection, entity)
    with closing(tryton.source(company)) as source:
        assert_every_month_is_trytons(connection, entity, source)


def test_increments_through_every_edit_end_where_a_full_import_does(
    tryton: Tryton, connection: Connection, north_and_south: tuple[str, str]
) -> None:
    north, south = north_and_south
    run_import(connection, north)
    run_import(connection, south)
    of_north = snapshot(connection, north)
    half = len(CHANGES) // 2  # `test_tryton_live` has an increment behind each
    for edits in (CHANGES[:half], CHANGES[half:]):
        before = snapshot(connection, south)
        for edit in edits:
            edit(tryton)
        run_import(connection, south)
        assert snapshot(connection, south) != before
    with closing(tryton.source("South")) as source:
        assert_every_month_is_trytons(connection, south, source)
    run_import(connection, north)
    assert snapshot(connection, north) == of_north, "what changed was the other company's"
    after_increments = snapshot(connection, south)
    entities.reset(connection, south, "test")
    run_import(connection, south)
    assert last_import(connection, south)["mode"] == "full"
    assert snapshot(connection, south) == after_increments
