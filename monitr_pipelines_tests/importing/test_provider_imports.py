"""An import from an accounting software, from its pages to the books: whole or not at all."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from source_kit import Played, connect, cursor_of, every, keys, pages, run, spooled

from monitr_pipelines import settings
from monitr_pipelines.ledger.changes import Bookings, Cursor, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.records import Account
from monitr_pipelines.lifecycle.errors import (
    CursorExpired,
    EntityGone,
    InconsistentData,
    ReconnectNeeded,
    SpoolFull,
)
from monitr_pipelines.providers.contract import End, Item
from monitr_pipelines.warehouse.registry import connections, entities
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import (
    BANK,
    SALES,
    booking,
    last_import,
    snapshot,
)

NEW = booking("N1", "2025-01", (BANK, 3), (SALES, -3))


def test_a_first_import_fetches_everything_and_the_next_what_changed(
    connection: Connection, entity: str, played: Played, spools: Path
) -> None:
    assert run(entity).problem is None
    assert keys(connection, entity) == every(played)
    assert cursor_of(connection, entity) == {"page": 3}

    played.stream = lambda _: iter([Upsert(NEW), End({"page": 4})])
    assert run(entity).problem is None
    assert keys(connection, entity) == every(played) | {line.external_id for line in NEW}
    assert cursor_of(connection, entity) == {"page": 4}
    assert played.cursors == [None, {"page": 3}]
    assert spooled(spools) == []


def test_accounts_and_axes_are_asked_once_the_stream_has_ended_and_then_it_is_closed(
    entity: str, played: Played
) -> None:
    run(entity)
    assert played.asked == [("connect", "A1"), None, "accounts", "axes", "close"]


def accounts_of(connection: Connection, entity: str) -> dict[str, str]:
    rows = connection.execute(
        "select code, name from raw.account where entity_id = (select id from app.entity where key = %s)",
        [entity],
    )
    return {row["code"]: row["name"] for row in rows}


def test_an_increment_forgets_accounts_that_the_chart_no_longer_has(
    connection: Connection, entity: str, played: Played
) -> None:
    played.chart = [*played.chart, Account("999", "Closed one day")]
    run(entity)
    assert "999" in accounts_of(connection, entity)
    played.chart.pop()
    played.stream = lambda _: iter([End({"page": 4})])
    assert run(entity).problem is None
    assert "999" not in accounts_of(connection, entity)


def test_an_empty_chart_forgets_nothing(connection: Connection, entity: str, played: Played) -> None:
    run(entity)
    before = accounts_of(connection, entity)
    played.chart.clear()
    played.stream = lambda _: iter([End({"page": 4})])
    assert run(entity).problem is None
    assert accounts_of(connection, entity) == before


def test_importing_twice_changes_nothing(connection: Connection, entity: str, played: Played) -> None:
    run(entity)
    before = snapshot(connection, entity)
    played.stream = lambda _: played.whole(None)
    assert run(entity).problem is None
    assert snapshot(connection, entity) == before


def test_while_the_software_answers_only_the_heartbeat_is_connected_and_nothing_is_open(
    connection: Connection, entity: str, played: Played
) -> None:
    sessions: list[list[dict[str, Any]]] = []

    def stream(cursor: Cursor | None) -> Iterator[Item]:
        yield from played.whole(cursor)
        sessions.append(
            connection.execute(
                """
                select application_name, state, xact_start from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()
                    and (application_name = 'monitr' or application_name like 'monitr played-%')
                """
            ).fetchall()
        )

    played.stream = stream
    assert run(entity).problem is None
    ((*found,),) = sessions
    assert len(found) <= 1, "the heartbeat's own connection, once it has beaten"
    assert all(row["state"] == "idle" and row["xact_start"] is None for row in found)


def test_a_cursor_that_the_software_forgot_fetches_the_whole_ledger(
    connection: Connection, entity: str, played: Played
) -> None:
    run(entity)
    stale = {played.pages[2].pop().external_id, played.pages[2].pop().external_id}

    def stream(cursor: Cursor | None) -> Iterator[Item]:
        if cursor is not None:
            raise CursorExpired("It no longer knows.")
        yield from played.whole(cursor)

    played.stream = stream
    assert run(entity).problem is None
    assert played.cursors == [None, {"page": 3}, None]
    assert keys(connection, entity) == every(played)
    assert not keys(connection, entity) & stale


@pytest.mark.parametrize(
    ("problem", "became"),
    [
        (ReconnectNeeded("Connect again."), {"state": "reconnect needed", "status": "Active"}),
        (EntityGone("It is gone."), {"state": "connected", "status": "Not found"}),
        (RuntimeError("a defect"), {"state": "connected", "status": "Active"}),
    ],
)
def test_what_the_software_refuses_leaves_the_books_and_nothing_on_disk(
    connection: Connection, entity: str, played: Played, problem: Exception, became: dict[str, str]
) -> None:
    run(entity)
    before = snapshot(connection, entity)

    def stream(_: Cursor | None) -> Iterator[Item]:
        yield Upsert(NEW)
        raise problem

    played.stream = stream
    assert run(entity).problem is not None
    assert snapshot(connection, entity) == before
    assert cursor_of(connection, entity) == {"page": 3}
    row = connection.execute(
        """
        select i.state, e.status from app.entity e join app.integration i on i.id = e.integration_id
        where e.key = %s
        """,
        [entity],
    ).fetchone()
    assert row == became
    assert played.asked[-1] == "close"
    assert spooled(settings.spool_folder()) == []


def test_a_stream_that_was_cut_off_stores_nothing(
    connection: Connection, entity: str, played: Played, spools: Path
) -> None:
    run(entity)
    before = snapshot(connection, entity)
    played.stream = lambda _: iter([Upsert(NEW)])
    assert run(entity).problem is not None
    assert last_import(connection, entity)["error_code"] == "stream_cut_off"
    assert snapshot(connection, entity) == before
    assert cursor_of(connection, entity) == {"page": 3}
    assert spooled(spools) == []


def test_a_full_spool_has_a_code_of_its_own_and_stores_nothing(
    connection: Connection, entity: str, spools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitr_pipelines.settings.spool_limit", lambda: 500)
    assert isinstance(run(entity).problem, SpoolFull)
    assert last_import(connection, entity)["error_code"] == "spool_full"
    assert keys(connection, entity) == set()
    assert spooled(spools) == []


def test_lines_outside_their_scope_are_refused(connection: Connection, entity: str, played: Played) -> None:
    played.stream = lambda _: iter([Replace(WholeLedger(), NEW), End({"page": 1})])
    assert run(entity).problem is None
    played.stream = lambda _: iter([Replace(Bookings(frozenset({"other"})), NEW), End({"page": 2})])
    assert run(entity).problem is not None
    assert last_import(connection, entity)["error_code"] == "outside_scope"


def test_a_whole_ledger_that_would_empty_months_is_refused_and_not_kept(
    connection: Connection, entity: str, played: Played, spools: Path
) -> None:
    run(entity)
    played.pages = pages(1, 2)
    entities.reset(connection, entity, "test")
    assert run(entity).problem is not None
    assert last_import(connection, entity)["error_code"] == "shrunken"
    assert spooled(spools) == []


def test_an_entity_whose_provider_has_no_connector_says_so(
    connection: Connection, make_entity: Callable[..., str], played: Played
) -> None:
    entity = make_entity(provider="nobody")
    assert run(entity).problem is not None
    assert last_import(connection, entity)["error_code"] == "no_connector"


def test_credentials_reach_the_connector_and_no_text(
    connection: Connection, entity: str, played: Played
) -> None:
    connection_id = connect(connection, entity, "canary-4711")

    def stream(_: Cursor | None) -> Iterator[Item]:
        assert played.ports.tokens.read()["password"].startswith("canary")
        yield from played.whole(None)

    played.stream = stream
    assert run(entity).problem is None
    assert "canary" not in repr(played.ports.tokens.read())
    stored = connection.execute(
        "select credentials from app.integration where id = %s", [connection_id]
    ).fetchone()
    assert stored is not None
    assert b"canary" not in bytes(stored["credentials"])
    assert connections.unseal(connection_id, stored["credentials"]) == {"password": "canary-4711"}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("account_code", "x" * 6_000, "account code"),
        ("description", "x" * 40_000, "description"),
        ("journal", "x" * 101, "journal"),
        ("axes", (("cost", "x" * 201),), "axis value"),
    ],
)
def test_texts_that_no_ledger_holds_are_refused_while_they_are_fetched(
    *, connection: Connection, entity: str, played: Played, field: str, value: object, told: str
) -> None:
    played.pages[1][3] = played.pages[1][3]._replace(**{field: value})
    problem = run(entity).problem
    assert isinstance(problem, InconsistentData)
    assert problem.code == "unfit_lines"
    assert "line 'P1-1" in str(problem)
    assert told in str(problem)
    assert keys(connection, entity) == set()


def test_a_chart_whose_codes_no_ledger_holds_is_refused(entity: str, played: Played) -> None:
    played.chart.append(Account("x" * 6_000, "Too long"))
    problem = run(entity).problem
    assert problem is not None
    assert problem.code == "text_too_long"
