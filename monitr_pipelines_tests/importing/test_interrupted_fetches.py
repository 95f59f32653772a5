"""A fetch that is cut off, by a failure, a kill or another worker: what is whole is gone on with."""

import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from source_kit import Played, connect, cursor_of, every, keys, pages, run, session, spooled

from monitr_pipelines.ledger.changes import Cursor, Delete, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.records import Account
from monitr_pipelines.lifecycle.errors import (
    CursorExpired,
    LeaseLost,
    ProviderDown,
)
from monitr_pipelines.providers.contract import Checkpoint, End, Item
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import (
    BANK,
    SALES,
    booking,
)

NEW = booking("N1", "2025-01", (BANK, 3), (SALES, -3))


def down_after(played: Played, count: int) -> Callable[[Cursor | None], Iterator[Item]]:
    def stream(cursor: Cursor | None) -> Iterator[Item]:
        for number, item in enumerate(played.whole(cursor)):
            if number == count * 2:
                raise ProviderDown("It does not answer.")
            yield item

    return stream


def test_an_interrupted_first_import_goes_on_behind_its_finished_pages(
    connection: Connection, entity: str, played: Played, spools: Path
) -> None:
    played.stream = down_after(played, 2)
    assert isinstance(run(entity).problem, ProviderDown)
    assert keys(connection, entity) == set()
    assert len(spooled(spools)) == 1

    played.stream = None
    assert run(entity).problem is None
    assert played.cursors == [None, {"page": 2}, {"page": 3}]
    assert keys(connection, entity) == every(played)
    assert spooled(spools) == []


@pytest.mark.parametrize("what", ["reset", "reconnected"])
def test_after_a_reset_or_with_other_credentials_it_starts_afresh(
    connection: Connection, entity: str, played: Played, what: str
) -> None:
    played.stream = down_after(played, 2)
    run(entity)
    if what == "reset":
        entities.reset(connection, entity, "test")
    else:
        connect(connection, entity, "another secret")
    played.stream = None
    assert run(entity).problem is None
    assert played.cursors == [None, None]


def test_a_checkpoint_that_the_software_forgot_starts_afresh(
    connection: Connection, entity: str, played: Played
) -> None:
    played.stream = down_after(played, 2)
    run(entity)

    def stream(cursor: Cursor | None) -> Iterator[Item]:
        if cursor is not None:
            raise CursorExpired("It no longer knows.")
        yield from played.whole(cursor)

    played.stream = stream
    assert run(entity).problem is None
    assert played.cursors == [None, {"page": 2}, None]
    assert keys(connection, entity) == every(played)


@pytest.mark.parametrize("times", [1, 2])
def test_what_changed_since_a_fetch_that_came_to_its_end_is_not_missed(
    connection: Connection, entity: str, played: Played, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    gone = played.pages[0][0].booking

    def stream(cursor: Cursor | None) -> Iterator[Item]:
        if cursor is None:
            yield from played.whole(cursor)
        else:
            yield Upsert(NEW)
            yield Delete(line.external_id for line in played.pages[0] if line.booking == gone)
            yield End({"page": 4})

    def away() -> list[Account]:
        raise ProviderDown("It does not answer.")

    played.stream = stream
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(played, "accounts", away)
        for _ in range(times):
            assert isinstance(run(entity).problem, ProviderDown)
    assert keys(connection, entity) == set()

    assert run(entity).problem is None
    assert played.cursors == [None, *[{"page": 3}] * times]
    lost = {line.external_id for line in played.pages[0] if line.booking == gone}
    assert keys(connection, entity) == every(played) - lost | {line.external_id for line in NEW}
    assert cursor_of(connection, entity) == {"page": 4}


def test_what_changed_since_in_the_pages_of_a_fetch_that_goes_on_is_not_missed(
    connection: Connection, entity: str, played: Played
) -> None:
    played.stream = down_after(played, 2)
    assert isinstance(run(entity).problem, ProviderDown)

    def stream(cursor: Cursor | None) -> Iterator[Item]:
        if cursor == {"page": 3}:
            yield Upsert(NEW)
            yield End({"page": 4})
        else:
            yield from played.whole(cursor)

    played.stream = stream
    assert run(entity).problem is None
    assert played.cursors == [None, {"page": 2}, {"page": 3}]
    assert keys(connection, entity) == every(played) | {line.external_id for line in NEW}
    assert cursor_of(connection, entity) == {"page": 4}


def killed(entity: str, played: Played, after: int) -> None:
    """A process that fetches and is killed while it does."""
    child = os.fork()
    if child == 0:
        try:

            def stream(cursor: Cursor | None) -> Iterator[Item]:
                for number, item in enumerate(played.whole(cursor)):
                    if number == after * 2 + 1:
                        os.kill(os.getpid(), signal.SIGKILL)
                    yield item

            played.stream = stream
            session(entity).fetch()
            os._exit(1)
        except BaseException:  # noqa: BLE001 - the child must never return into pytest
            traceback.print_exc()
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_a_process_that_was_killed_while_fetching_left_whole_pages(
    connection: Connection, entity: str, played: Played, spools: Path
) -> None:
    played.pages = pages(6)
    killed(entity, played, 5)
    assert keys(connection, entity) == set()
    assert len(spooled(spools)) == 1
    expire(connection, entity)

    assert run(entity).problem is None
    resumed, since = played.cursors
    assert resumed is not None
    assert 1 <= resumed["page"] <= 5, "what was written before the last whole page is gone on with"
    assert since == {"page": 6}
    assert keys(connection, entity) == every(played)
    assert spooled(spools) == []


def test_an_increment_that_was_killed_is_swept_by_the_next_import(
    connection: Connection, entity: str, played: Played, spools: Path
) -> None:
    run(entity)
    killed_increment(entity, played)
    assert len(spooled(spools)) == 1
    expire(connection, entity)
    played.stream = lambda _: iter([Upsert(NEW), End({"page": 4})])
    assert run(entity).problem is None
    assert spooled(spools) == []


def killed_increment(entity: str, played: Played) -> None:
    child = os.fork()
    if child == 0:
        try:

            def stream(_: Cursor | None) -> Iterator[Item]:
                yield Upsert(NEW)
                yield Checkpoint({})
                os.kill(os.getpid(), signal.SIGKILL)

            played.stream = stream
            session(entity).fetch()
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def expire(connection: Connection, entity: str) -> None:
    connection.execute(
        """
        update app.import set lease_until = clock_timestamp() - interval '1 second'
        where entity_id = (select id from app.entity where key = %s) and finished_at is null
        """,
        [entity],
    )


def test_who_lost_the_lease_stops_fetching(
    connection: Connection, entity: str, played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitr_pipelines.warehouse.queue.lease.HEARTBEAT_SECONDS", 0.02)
    lost = threading.Event()
    given_up = 0

    def stream(_: Cursor | None) -> Iterator[Item]:
        nonlocal given_up
        yield Replace(WholeLedger(), pages(1)[0])
        expire(connection, entity)
        for number in range(100_000):
            lost.wait(0.01)
            given_up = number
            yield Replace(WholeLedger(), booking(f"L{number}", "2025-01", (BANK, 1), (SALES, -1)))
        yield End({})

    played.stream = stream
    assert isinstance(run(entity).problem, LeaseLost)
    assert given_up < 5000
    assert keys(connection, entity) == set()
