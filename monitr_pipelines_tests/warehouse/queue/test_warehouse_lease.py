"""A worker that lost its import changes nothing; one that lives keeps its import."""

import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from process_kit import LONGEST_WAIT, wait_for
from warehouse_kit import (
    BANK,
    SALE,
    SALES,
    TABLES,
    Given,
    booking,
    id_of,
    last_import,
    load,
    snapshot,
    start,
    upsert,
    whole,
)

from monitr_pipelines.ledger.changes import Change, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import LeaseLost, Refused
from monitr_pipelines.warehouse.books import loader
from monitr_pipelines.warehouse.queue import heartbeat, lease, outcome
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.warehouse.server.database import Connection

OTHER = booking("O1", "2025-03", (BANK, 9), (SALES, -9))


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity()


def expire(connection: Connection, claimed: Claim) -> None:
    connection.execute(
        "update app.import set lease_until = clock_timestamp() - interval '1 s' where id = %s",
        [claimed.import_id],
    )


def lease_of(connection: Connection, claimed: Claim) -> Any:  # noqa: ANN401
    row = connection.execute(
        "select lease_until from app.import where id = %s", [claimed.import_id]
    ).fetchone()
    return row and row["lease_until"]


def renewed(connection: Connection, claimed: Claim, seen: datetime) -> bool:
    return bool(lease_of(connection, claimed) > seen)


class Interrupted(Given):
    """A delivery during which something happens after its first line."""

    what: Callable[[], object]

    def __init__(self, lines: list[LedgerLine], what: Callable[[], object]) -> None:
        super().__init__([], cursor={"page": "old"})
        object.__setattr__(self, "lines", lines)
        object.__setattr__(self, "what", what)

    def changes(self) -> Iterator[Change]:
        yield Replace(WholeLedger(), self._lines())

    def _lines(self) -> Iterator[LedgerLine]:
        yield self.lines[0]  # type: ignore[attr-defined]
        self.what()
        yield from self.lines[1:]  # type: ignore[attr-defined]


def stream(
    connection: Connection, claimed: Claim, lines: list[LedgerLine], what: Callable[[], object]
) -> None:
    loader.load_transactions(connection, claimed, [Interrupted(lines, what)], Allowances(allow_shrink=True))


def test_a_lost_worker_is_failed_by_the_next_claim_and_its_stream_commits_nothing(
    connection: Connection, entity: str
) -> None:
    load(connection, entity, whole(SALE), cursor={"page": "first"})
    old = start(connection, entity, "full")

    def meanwhile() -> None:
        expire(connection, old)
        load(connection, entity, upsert(OTHER), cursor={"page": "new"})

    with database.connect(autocommit=True) as own, pytest.raises(LeaseLost):
        stream(own, old, booking("Z", "2025-01", (BANK, 1), (SALES, -1)) + SALE, meanwhile)
    row = connection.execute("select * from app.import where id = %s", [old.import_id]).fetchone()
    assert row is not None
    assert (row["outcome"], row["error_code"]) == ("failed", "worker_lost")
    assert old.run_id in row["error_detail"]
    assert (row["raw_committed_at"], row["counts"]) == (None, {})
    fresh = entity_with(connection, entity, SALE + OTHER)
    assert snapshot(connection, entity) == fresh
    assert cursor_of(connection, entity) == {"page": "new"}
    assert not outcome.finish(connection, old, None)
    assert not heartbeat.renew(connection, old)
    assert last_import(connection, entity)["outcome"] == "succeeded"


def entity_with(connection: Connection, like: str, lines: list[LedgerLine]) -> dict[str, list[str]]:
    """What an entity with these lines looks like."""
    key = f"{like}-fresh"
    connection.execute(
        """
        insert into app.entity (key, organisation_id, integration_id, name)
        select %s, organisation_id, integration_id, name from app.entity where key = %s
        """,
        [key, like],
    )
    load(connection, key, whole(lines))
    return snapshot(connection, key)


def cursor_of(connection: Connection, entity: str) -> object:
    row = connection.execute(
        "select cursor from app.cursor where entity_id = %s", [id_of(connection, entity)]
    ).fetchone()
    return row and row["cursor"]


def test_a_lease_that_ran_out_is_lost_even_if_nobody_took_over(connection: Connection, entity: str) -> None:
    claimed = start(connection, entity)
    with database.connect(autocommit=True) as own, pytest.raises(LeaseLost):
        stream(own, claimed, SALE, lambda: expire(connection, claimed))
    assert not any(snapshot(connection, entity, TABLES).values())
    assert cursor_of(connection, entity) is None


def test_a_lost_worker_publishes_no_marts(connection: Connection, entity: str) -> None:
    load(connection, entity, whole(SALE))
    old = start(connection, entity)
    loader.load_transactions(connection, old, [upsert(OTHER)], Allowances())
    expire(connection, old)
    before = snapshot(connection, entity)
    new = start(connection, entity)
    with pytest.raises(LeaseLost):
        marts.regenerate(connection, old, FiscalCalendar())
    assert snapshot(connection, entity) == before
    marts.regenerate(connection, new, FiscalCalendar())
    assert snapshot(connection, entity) == entity_with(connection, entity, SALE + OTHER)


def test_the_locks_of_a_lost_worker_do_not_keep_the_next_from_importing(
    connection: Connection, entity: str
) -> None:
    """It got stuck in its second delivery, when the first was written but not committed."""
    with database.connect(autocommit=True) as own:
        old = start(own, entity)

        def meanwhile() -> None:
            expire(connection, old)
            connection.execute(f"set lock_timeout = '{LONGEST_WAIT}s'")
            load(connection, entity, upsert(OTHER))

        with pytest.raises(LeaseLost):
            loader.load_transactions(
                own, old, [whole(SALE), Interrupted(SALE, meanwhile)], Allowances(allow_shrink=True)
            )
    assert snapshot(connection, entity) == entity_with(connection, entity, OTHER)


def test_a_claim_of_another_entity_or_run_does_not_pass_the_fence(
    connection: Connection, entity: str, make_entity: Callable[..., str]
) -> None:
    claimed = start(connection, entity)
    forged = Claim(claimed.import_id, claimed.entity_id, entity, "another run", "full", {})
    with pytest.raises(LeaseLost):
        stream(connection, forged, SALE, lambda: None)
    assert not heartbeat.renew(connection, forged)
    assert not outcome.finish(connection, forged, None)
    outcome.finish(connection, claimed, None)
    with pytest.raises(LeaseLost):
        stream(connection, claimed, SALE, lambda: None)
    assert not any(snapshot(connection, entity, TABLES).values())


def test_the_heartbeat_renews_and_stops_with_its_block(
    connection: Connection, entity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "HEARTBEAT_SECONDS", 0.02)
    claimed = start(connection, entity)
    with heartbeat.Heartbeat(claimed) as heart:
        for _ in range(3):
            seen = lease_of(connection, claimed)
            wait_for(partial(renewed, connection, claimed, seen), "the next beat")
    assert not heart._thread.is_alive()
    seen = lease_of(connection, claimed)
    wait_for(lambda: not sessions(connection), "the end of its session")
    assert lease_of(connection, claimed) == seen


def sessions(connection: Connection) -> list[Any]:
    """Heartbeats are the only other sessions of the program in this test."""
    return connection.execute(
        "select pid from pg_stat_activity where application_name = 'monitr' and pid <> pg_backend_pid()"
    ).fetchall()


def test_the_heartbeat_survives_the_loss_of_its_connection(
    connection: Connection, entity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "HEARTBEAT_SECONDS", 0.02)
    claimed = start(connection, entity)
    with heartbeat.Heartbeat(claimed):
        wait_for(lambda: sessions(connection), "its session")
        for row in sessions(connection):
            connection.execute("select pg_terminate_backend(%s, 5000)", [row["pid"]])
        seen = lease_of(connection, claimed)
        wait_for(partial(renewed, connection, claimed, seen), "the next beat")


@pytest.mark.parametrize("ended", ["finished", "expired", "taken over"])
def test_the_heartbeat_ends_by_itself_when_the_import_is_no_longer_its_own(
    connection: Connection, entity: str, monkeypatch: pytest.MonkeyPatch, ended: str
) -> None:
    monkeypatch.setattr(lease, "HEARTBEAT_SECONDS", 0.02)
    claimed = start(connection, entity)
    with heartbeat.Heartbeat(claimed) as heart:
        wait_for(lambda: sessions(connection), "its session")
        if ended == "finished":
            outcome.finish(connection, claimed, None)
        else:
            expire(connection, claimed)
        if ended == "taken over":
            start(connection, entity)
        heart._thread.join(LONGEST_WAIT)
        assert not heart._thread.is_alive()
        seen = lease_of(connection, claimed)
    assert lease_of(connection, claimed) == seen


def in_a_child(work: Callable[[], None]) -> int:
    """Fork; the child never returns. No thread runs at this time, those of an earlier test's pool neither."""
    tenancy.close_pool()
    assert [thread.name for thread in threading.enumerate()] == ["MainThread"]
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the child must never return into pytest
        traceback.print_exc()
        os._exit(1)


def test_a_worker_that_slept_past_its_lease_cannot_commit(
    connection: Connection, entity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real process, stopped in the midst of its stream while a second import comes and goes."""
    monkeypatch.setattr(lease, "HEARTBEAT_SECONDS", 0.2)
    load(connection, entity, whole(SALE), cursor={"page": "first"})
    streaming, tell = os.pipe()
    go_on, let = os.pipe()

    def wait() -> None:
        os.write(tell, b"s")
        os.read(go_on, 1)

    def worker() -> None:
        with database.connect(autocommit=True) as own:
            claimed = start(own, entity)
            with heartbeat.Heartbeat(claimed), suppress(LeaseLost):
                stream(own, claimed, OTHER, wait)
                os._exit(2)
            with database.connect(autocommit=True) as fresh:
                assert not outcome.finish(fresh, claimed, None)

    child = in_a_child(worker)
    try:
        assert os.read(streaming, 1) == b"s"
        old = last_import(connection, entity)
        with pytest.raises(Refused):
            start(connection, entity)
        os.kill(child, signal.SIGSTOP)
        os.waitpid(child, os.WUNTRACED)
        connection.execute("update app.import set lease_until = clock_timestamp() where id = %s", [old["id"]])
        new = booking("N1", "2025-04", (BANK, 3), (SALES, -3))
        load(connection, entity, Given([Upsert(new)]), cursor={"page": "second"})
        os.kill(child, signal.SIGCONT)
        os.write(let, b"g")
        _, status = os.waitpid(child, 0)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        for end in (streaming, tell, go_on, let):
            os.close(end)
    assert os.waitstatus_to_exitcode(status) == 0
    row = connection.execute("select * from app.import where id = %s", [old["id"]]).fetchone()
    assert row is not None
    assert (row["outcome"], row["error_code"], row["counts"]) == ("failed", "worker_lost", {})
    assert cursor_of(connection, entity) == {"page": "second"}
    assert snapshot(connection, entity) == entity_with(connection, entity, SALE + new)


def last_lease_ran_out(connection: Connection, entity: str) -> bool:
    row = connection.execute(
        """
        select lease_until < clock_timestamp() as over from app.import
        where entity_id = %s and finished_at is null
        """,
        [id_of(connection, entity)],
    ).fetchone()
    return bool(row and row["over"])
