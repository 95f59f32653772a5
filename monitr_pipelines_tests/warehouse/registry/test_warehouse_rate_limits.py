"""The calls of a connection keep within its limits, whoever makes them."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from busy_processes import started
from provider_kit import connection_of

from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.providers.contract import RateLimit
from monitr_pipelines.warehouse.registry import rate_limits
from monitr_pipelines.warehouse.registry.rate_limits import StoredRateLimits
from monitr_pipelines.warehouse.server.database import Connection

PROCESSES, CALLS = 8, 10
SHORT, LONG = ("second", 10, 1), ("three seconds", 25, 3)
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


def at_best(calls: int) -> int:
    """In how many seconds both limits allow so many calls."""
    full, rest = divmod(calls - 1, LONG[1])
    return full * LONG[2] + rest // SHORT[1] * SHORT[2]


def test_no_window_holds_more_calls_of_all_processes_than_allowed(
    make_connection: Callable[[], int],
) -> None:
    limits = [SHORT, LONG]
    with started(
        PROCESSES, "call_often", connection=make_connection(), calls=CALLS, limits=limits
    ) as callers:
        moments = sorted(
            int(line) for caller in callers for line in caller.communicate(timeout=60)[0].split()
        )
    assert len(moments) == PROCESSES * CALLS
    assert tightest(moments, SHORT[1]) >= SHORT[2]
    assert tightest(moments, LONG[1]) >= LONG[2]
    seconds = (moments[-1] - moments[0]) / NANOSECONDS
    assert seconds < 1.25 * at_best(len(moments)), f"{at_best(len(moments)) / seconds:.0%} of what is allowed"


def test_a_long_wait_is_an_outage_until_then_and_counts_nothing(
    connection: Connection, make_connection: Callable[[], int]
) -> None:
    minute, mine = RateLimit("minute", 100, timedelta(minutes=1)), make_connection()
    stored = StoredRateLimits(mine)
    for _ in range(DAY.calls):
        stored.acquire([minute, DAY])
    begun = datetime.now(UTC)
    with pytest.raises(ProviderDown) as refused:
        stored.acquire([minute, DAY])
    assert datetime.now(UTC) - begun < timedelta(seconds=5)
    assert refused.value.retry_at is not None
    assert timedelta(hours=23) < refused.value.retry_at - begun < timedelta(hours=27)
    assert counted(connection, mine) == {"minute": DAY.calls, "day": DAY.calls}


def test_waits_that_add_up_to_more_than_patience_are_an_outage_too(
    make_connection: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may take what comes free, again and again."""
    monkeypatch.setattr(rate_limits, "PATIENCE", timedelta(milliseconds=300))
    stored = StoredRateLimits(make_connection())
    monkeypatch.setattr(stored, "_take", lambda limits: timedelta(milliseconds=100))
    begun = time.monotonic()
    with pytest.raises(ProviderDown):
        stored.acquire([DAY])
    assert time.monotonic() - begun < 2


def test_connections_do_not_wait_for_one_another(make_connection: Callable[[], int]) -> None:
    limit = RateLimit("ten seconds", 1, timedelta(seconds=10))
    begun = time.monotonic()
    for _ in range(3):
        StoredRateLimits(make_connection()).acquire([limit])
    assert time.monotonic() - begun < 5


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


def test_nothing_is_held_while_it_waits(connection: Connection, make_connection: Callable[[], int]) -> None:
    limit, mine = RateLimit("two seconds", 1, timedelta(seconds=2)), make_connection()
    stored = StoredRateLimits(mine)
    stored.acquire([limit])
    waiting = threading.Thread(target=stored.acquire, args=([limit],))
    waiting.start()
    time.sleep(1)
    sessions = connection.execute(
        """
        select from pg_stat_activity
        where application_name = 'monitr' and pid <> pg_backend_pid() and datname = current_database()
        """
    ).fetchall()
    locks = connection.execute("select from pg_locks where relation = 'app.turn'::regclass").fetchall()
    assert waiting.is_alive()
    assert (sessions, locks) == ([], [])
    waiting.join()
