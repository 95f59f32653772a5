"""The calls of a connection keep within its limits, whoever makes them."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from busy_processes import started
from process_kit import LONGEST_WAIT, wait_for
from provider_kit import connection_of

from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.providers.contract import RateLimit
from monitr_pipelines.warehouse.registry import rate_limits
from monitr_pipelines.warehouse.registry.rate_limits import StoredRateLimits
from monitr_pipelines.warehouse.server.database import Connection

PROCESSES, CALLS = 8, 10
# A call may be on its way for a twentieth of a period: longer than a busy machine pauses a process.
SHORT, LONG = ("four seconds", 40, 4), ("eight seconds", 60, 8)
DAY = RateLimit("day", 3, timedelta(days=1))
NANOSECONDS = 1_000_000_000


@pytest.fixture
def make_connection(connection: Connection, make_entity: Callable[..., str]) -> Callable[[], int]:
    return lambda: connection_of(connection, make_entity())


def counted(connection: Connection, connection_id: int) -> dict[str, int]:
    rows = connection.execute(
        "select limit_name, sum(calls) as calls from app.rate_usage where integration_id = %s group by 1",
        [connection_id],
    )
    return {row["limit_name"]: row["calls"] for row in rows}


def tightest(moments: Sequence[int], calls: int) -> float:
    """In how few seconds one call more than `calls` went out."""
    pairs = zip(moments, moments[calls:], strict=False)
    return min(later - earlier for earlier, later in pairs) / NANOSECONDS


def test_no_window_holds_more_calls_of_all_processes_than_allowed(
    make_connection: Callable[[], int],
) -> None:
    limits = [SHORT, LONG]
    with started(
        PROCESSES, "call_often", connection=make_connection(), calls=CALLS, limits=limits
    ) as callers:
        moments = sorted(
            int(line) for caller in callers for line in caller.communicate(timeout=LONGEST_WAIT)[0].split()
        )
    assert len(moments) == PROCESSES * CALLS
    assert tightest(moments, SHORT[1]) >= SHORT[2]
    assert tightest(moments, LONG[1]) >= LONG[2]


def test_nobody_waits_much_longer_than_a_limit_asks_for(
    connection: Connection, make_connection: Callable[[], int]
) -> None:
    """A slot of the period, and what a call may be on its way for: a tenth at most."""
    mine, minute = make_connection(), RateLimit("minute", 2, timedelta(minutes=1))
    stored = StoredRateLimits(mine)
    for _ in range(minute.calls):
        stored.acquire([minute])
    assert timedelta() < stored._take([minute]) <= 1.1 * minute.period
    connection.execute(
        "update app.rate_usage set slot = slot - 1.1 * %s where integration_id = %s", [minute.period, mine]
    )
    assert stored._take([minute]) == timedelta()


def test_a_wait_is_told_to_whoever_reads_the_log(
    make_connection: Callable[[], int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=rate_limits.__name__)
    stored = StoredRateLimits(mine := make_connection())
    for told_from, told in ((timedelta(minutes=1), 0), (timedelta(), 1)):
        waits = iter([timedelta(milliseconds=1), timedelta()])
        monkeypatch.setattr(stored, "_take", lambda _, waits=waits: next(waits))
        monkeypatch.setattr(rate_limits, "TOLD_FROM", told_from)
        stored._wait_for([DAY])
        assert caplog.messages == [f"connection {mine} has used its calls, and waits 0 s"] * told


def never_waits() -> None:
    pytest.fail("it waits")


def test_a_long_wait_is_an_outage_until_then_and_counts_nothing(
    connection: Connection, make_connection: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    minute, mine = RateLimit("minute", 100, timedelta(minutes=1)), make_connection()
    stored = StoredRateLimits(mine)
    for _ in range(DAY.calls):
        stored.acquire([minute, DAY])
    begun = datetime.now(UTC)
    monkeypatch.setattr(rate_limits, "threading", SimpleNamespace(Event=never_waits, Lock=threading.Lock))
    with pytest.raises(ProviderDown) as refused:
        stored.acquire([minute, DAY])
    assert refused.value.retry_at is not None
    assert timedelta(hours=23) < refused.value.retry_at - begun < timedelta(hours=27)
    assert counted(connection, mine) == {"minute": DAY.calls, "day": DAY.calls}


def test_waits_that_add_up_to_more_than_patience_are_an_outage_too(
    make_connection: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may take what comes free, again and again."""
    monkeypatch.setattr(rate_limits, "PATIENCE", timedelta(milliseconds=300))
    stored = StoredRateLimits(make_connection())
    takes: list[object] = []
    monkeypatch.setattr(stored, "_take", lambda limits: takes.append(limits) or timedelta(milliseconds=100))
    with pytest.raises(ProviderDown):
        stored.acquire([DAY])
    assert len(takes) <= 3, "two waits of a tenth of a second, and the one that would be too much"


def test_connections_do_not_wait_for_one_another(
    make_connection: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "threading", SimpleNamespace(Event=never_waits, Lock=threading.Lock))
    for _ in range(3):
        StoredRateLimits(make_connection()).acquire([replace(DAY, calls=1)])


def test_limits_of_another_name_are_counted_apart(
    connection: Connection, make_connection: Callable[[], int]
) -> None:
    mine = make_connection()
    stored = StoredRateLimits(mine)
    stored.acquire([RateLimit("reads", 1, timedelta(days=1))])
    stored.acquire([RateLimit("writes", 1, timedelta(days=1))])
    stored.acquire([])
    assert counted(connection, mine) == {"reads": 1, "writes": 1}


def test_slots_are_forgotten(connection: Connection, make_connection: Callable[[], int]) -> None:
    limit, mine = RateLimit("instant", 2, timedelta(milliseconds=100)), make_connection()
    stored = StoredRateLimits(mine)
    for _ in range(20):
        stored.acquire([limit])
    assert counted(connection, mine)["instant"] <= 3


def test_nothing_is_held_while_it_waits(
    connection: Connection, make_connection: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, go_on = threading.Event(), threading.Event()

    class Waiting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.set()
            return go_on.wait(LONGEST_WAIT)

    limit, mine = RateLimit("two seconds", 1, timedelta(seconds=2)), make_connection()
    stored = StoredRateLimits(mine)
    stored.acquire([limit])
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(rate_limits, "threading", SimpleNamespace(Event=Waiting, Lock=threading.Lock))
        waiting = pool.submit(stored.acquire, [limit])
        try:
            assert waits.wait(LONGEST_WAIT)
            wait_for(lambda: sessions(connection) == [], "the end of its session")
            locks = connection.execute(
                "select from pg_locks where relation = 'app.turn'::regclass"
            ).fetchall()
            assert locks == []
            assert not waiting.done()
        finally:
            monkeypatch.undo()
            go_on.set()
        waiting.result(LONGEST_WAIT)


def sessions(connection: Connection) -> list[object]:
    """Sessions of the program besides the test's own; one that was closed is gone a moment later."""
    return list(
        connection.execute(
            """
            select pid from pg_stat_activity
            where application_name = 'monitr' and pid <> pg_backend_pid() and datname = current_database()
            """
        )
    )


def test_calls_without_a_pause_are_counted_several_at_a_time(
    connection: Connection, make_connection: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    minute, mine = RateLimit("minute", 60, timedelta(minutes=1)), make_connection()
    stored = StoredRateLimits(mine)
    counts: list[int] = []
    take = stored._take
    monkeypatch.setattr(stored, "_take", lambda limits: counts.append(1) or take(limits))
    moment = datetime.now(UTC)

    class Clock(datetime):
        @classmethod
        def now(cls, zone: object = None) -> datetime:
            return moment

    monkeypatch.setattr(rate_limits, "datetime", Clock)
    for _ in range(6):
        stored.acquire([minute])
    assert len(counts) == 3, "one, two, and three: a twentieth of the limit"
    assert counted(connection, mine) == {"minute": 6}

    stored.acquire([minute])
    moment += rate_limits.LONGEST_DELAY / 2
    stored.acquire([minute])
    assert counted(connection, mine) == {"minute": 10}, "what was held for too long is lost"


def test_calls_are_foreseen_where_they_follow_one_another_fast(
    connection: Connection, make_connection: Callable[[], int]
) -> None:
    hour, mine = RateLimit("hour", 100, timedelta(hours=1)), make_connection()
    stored = StoredRateLimits(mine)
    stored.acquire([hour])
    stored.foresee([hour])
    assert counted(connection, mine) == {"hour": 1}, "one call tells nothing of the next"
    stored.acquire([hour])
    stored.foresee([hour])
    assert counted(connection, mine) == {"hour": 3}, "a call is left of two"
    stored.acquire([hour])
    stored.foresee([hour])
    assert counted(connection, mine) == {"hour": 7}, "four more, before they are asked for"
    for _ in range(4):
        stored.acquire([hour])
    assert counted(connection, mine) == {"hour": 7}, "these are they"


def test_nothing_is_foreseen_beyond_a_limit_and_nobody_waits_for_it(
    connection: Connection, make_connection: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    hour, mine = RateLimit("hour", 60, timedelta(hours=1)), make_connection()
    stored, other = StoredRateLimits(mine), StoredRateLimits(mine)
    for _ in range(3):
        stored.acquire([hour])
    while counted(connection, mine)["hour"] < hour.calls:
        other.acquire([hour])
    monkeypatch.setattr(rate_limits, "threading", SimpleNamespace(Event=never_waits, Lock=threading.Lock))
    stored.foresee([hour])
    stored.foresee([])
    assert counted(connection, mine) == {"hour": hour.calls}


def test_what_waits_for_its_turn_holds_nobody_up(make_connection: Callable[[], int]) -> None:
    stored = StoredRateLimits(make_connection())
    with stored._turn, ThreadPoolExecutor(1) as pool:
        pool.submit(stored.foresee, [DAY]).result(LONGEST_WAIT)
