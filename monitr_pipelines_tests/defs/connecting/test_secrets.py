"""No credential is in anything that a run leaves behind: its records, its logs, its files, its pages."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from dagster_kit import Dagster
from psycopg.rows import dict_row

from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.registry.tokens import StoredTokens
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.providers.exact.exact_kit import CANARY, DIVISION, Exact, running

TABLES = """
select oid::regclass::text as name from pg_class
where relkind in ('r', 'p') and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
"""
HOLDING = """
with said as materialized (select t::text as line from {table} as t)
select text from unnest(%s::text[]) as text where exists (select from said where strpos(line, text) > 0)
"""
# Cut into lines for base64, or as PostgreSQL writes bytes, it would not be found by its letters alone.
SPELLINGS = (CANARY, CANARY.encode().hex())


@pytest.fixture
def exact() -> Iterator[Exact]:
    with running() as started:
        yield started


def rows_with(address: str, *texts: str) -> list[str]:
    """The tables of a database that hold one of some texts anywhere, and which; each is read once."""
    with psycopg.connect(address, row_factory=dict_row) as opened:
        tables = [row["name"] for row in opened.execute(TABLES).fetchall()]
        return [
            f"{table}: {row['text']}"
            for table in tables
            for row in opened.execute(HOLDING.format(table=table), [list(texts)]).fetchall()
        ]


def files_with(folder: Path, *texts: str) -> list[str]:
    """The files below a folder that hold one of some texts; those of PostgreSQL are asked as tables."""
    written = [path for path in folder.rglob("*") if path.is_file() and "postgres" not in path.parts]
    found = []
    for path in written:
        content = path.read_bytes()
        found += [f"{path}: {text}" for text in texts if text.encode() in content]
    return found


def test_nothing_that_runs_leave_behind_tells_a_credential(
    dagster: Dagster, make_known: Callable[..., str], connection: Connection, exact: Exact, home: Path
) -> None:
    entity = make_known(provider="exact")
    row = connection.execute(
        """
        update app.entity set administration = %s where key = %s
        returning integration_id, organisation_id
        """,
        [str(DIVISION), entity],
    ).fetchone()
    assert row is not None
    connections.store(connection, row["integration_id"], dict(exact.held().credentials))
    exact.book("12.34")
    ending = iter([True])
    exact.before = lambda _: exact.tokens.update(access="ended") if next(ending, False) else None
    good = dagster.launch(entity)
    dagster.succeeds(good)
    assert exact.used.total() == 1, "the run renewed tokens"
    assert CANARY in StoredTokens(row["integration_id"]).read()["refresh_token"]

    exact.tokens = {}
    bad = dagster.launch(entity)
    assert dagster.ended(bad) == "FAILURE"

    said = json.dumps([dagster.run(run) | {"events": dagster.events(run)} for run in (good, bad)])
    assert entity in said
    assert [spelling for spelling in SPELLINGS if spelling in said] == []
    for address in (database.dagster_url(), database.owner_url()):
        assert rows_with(address, entity), "the search finds what is there"
        assert rows_with(address, *SPELLINGS) == []
    assert files_with(home, entity), "the search finds what is there"
    assert files_with(home, *SPELLINGS) == []
