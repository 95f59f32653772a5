"""kill -9 of a worker at every statement: whole commits only, and the next import ends as if nothing was."""

import itertools
import os
import signal
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from warehouse_kit import (
    BANK,
    COSTS,
    FIGURES,
    RAW,
    SALES,
    Given,
    booking,
    id_of,
    snapshot,
    whole,
)

from monitr_pipelines.ledger.changes import Bookings, Delete, Replace, Upsert
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.warehouse.books import loader
from monitr_pipelines.warehouse.queue import claims, outcome
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

OLD = [
    *booking("A", "2024-12", (BANK, 100), (SALES, -100), axes=(("cost", "1"),)),
    *booking("B", "2025-01", (COSTS, 30), (BANK, -30)),
    *booking("C", "2025-01", (BANK, 7), (SALES, -7)),
]
FIRST = [whole(OLD)]
INCREMENT = [
    Given([Upsert(booking("D", "2025-02", (BANK, 5), ("499999", -5))), Delete(["C.1", "C.2"])]),
    Given([Replace(Bookings(frozenset({"B"})), booking("B", "2025-01", (COSTS, 31), (BANK, -31)))]),
]
# One kill in so many is followed by another import, which finds what it would find after those beside it.
FOLLOWED = 10
_numbers = itertools.count(1)
OPTIONS = Allowances(allow_unbalanced=True)


class Killed(psycopg.Connection[dict[str, Any]]):
    """Counts its trips to the server; kills its process before one, or while the server works on one."""

    trips = 0
    kill_before = -1
    kill_during = -1
    commits: list[int]

    def wait(self, gen: Generator[Any, Any, Any], interval: object = None) -> Any:  # noqa: ANN401
        trip = self.trips
        self.trips += 1
        in_transaction = self.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
        if trip == self.kill_before:
            os.kill(os.getpid(), signal.SIGKILL)
        if trip == self.kill_during:
            next(gen)  # sends the statement, does not wait for its answer
            os.kill(os.getpid(), signal.SIGKILL)
        answer = super().wait(gen)
        if in_transaction and self.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            self.commits.append(trip)
        return answer


def work(connection: Connection, entity: str, deliveries: Sequence[Given]) -> None:
    """An import as a run does it."""
    claimed = claims.claim(
        connection, entity, run_id=f"kill-{os.getpid()}-{next(_numbers)}", import_id=None, trigger="cli"
    )
    *others, last = deliveries
    last = replace(last, cursor={"page": len(deliveries)})
    loader.load_transactions(connection, claimed, [*others, last], OPTIONS)
    marts.regenerate(connection, claimed, FiscalCalendar())
    assert outcome.finish(connection, claimed, None)


def in_a_child(
    entity: str, deliveries: Sequence[Given], *, before: int = -1, during: int = -1
) -> tuple[int, list[int]]:
    """Do the work in a process of its own; its wait status and the numbers of its trips: all, commits."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            connection = Killed.connect(
                database.url(), autocommit=True, row_factory=dict_row, application_name="killed"
            )
            connection.trips, connection.commits = 0, []
            connection.kill_before, connection.kill_during = before, during
            work(connection, entity, deliveries)
            os.write(writer, repr([connection.trips, *connection.commits]).encode())
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the child must never return into pytest
            traceback.print_exc()
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader) as report:
        said = report.read()
    _, status = os.waitpid(child, 0)
    return status, [int(number) for number in said.strip("[]").split(",") if number]


def state(connection: Connection, entity: str) -> tuple[object, ...]:
    """Everything that commits with the raw lines, everything that commits with the marts."""
    entity_id = id_of(connection, entity)
    cursor = connection.execute("select cursor from app.cursor where entity_id = %s", [entity_id]).fetchall()
    row = connection.execute(
        """
        select
            count(*) filter (where counts ? 'fetched') as counted, count(raw_committed_at) as raw,
            count(*) filter (where counts ? 'marts') as published, count(marts_committed_at) as marts,
            coalesce(sum(total_debit), 0) as debit,
            max(figures_import_id) = max(import.id) filter (where counts ? 'marts') as latest
        from app.entity left join app.import on import.entity_id = entity.id where entity.id = %s
        """,
        [entity_id],
    ).fetchone()
    assert row is not None
    assert (row["counted"], row["published"]) == (row["raw"], row["marts"])
    raw = repr(snapshot(connection, entity, RAW)), repr(cursor), row["raw"], row["debit"]
    figures = repr(snapshot(connection, entity, FIGURES)), row["marts"], row["latest"]
    return raw, figures


def end_of_sessions(connection: Connection, entity_id: int) -> None:
    """Wait until the server noticed that the killed worker is gone, and let its lease run out."""
    connection.execute(
        """
        do $$ begin
            while exists (
                select from pg_stat_activity
                where application_name = 'killed'
            ) loop
                perform pg_sleep(0.002);
                perform pg_stat_clear_snapshot();
            end loop;
        end $$
        """
    )
    connection.execute(
        "update app.import set lease_until = clock_timestamp() where entity_id = %s and finished_at is null",
        [entity_id],
    )


@pytest.mark.parametrize("increment", [False, True], ids=["first import", "increment"])
def test_a_worker_killed_at_any_statement_leaves_whole_commits(
    connection: Connection, make_entity: Callable[..., str], *, increment: bool
) -> None:
    deliveries = INCREMENT if increment else FIRST

    def prepared() -> str:
        entity = make_entity()
        if increment:
            work(connection, entity, FIRST)
        return entity

    undisturbed = prepared()
    before = state(connection, undisturbed)
    status, (trips, *commits) = in_a_child(undisturbed, deliveries)
    assert status == 0
    after = state(connection, undisturbed)
    assert len(commits) == 3, "the claim, the dataset and the marts, each in one transaction"
    wholes = [before, (after[0], before[1]), after]
    final = snapshot(connection, undisturbed)
    seen: list[int] = []
    kills = [(trip, -1) for trip in range(trips)] + [(-1, trip) for trip in (*commits, trips - 1)]
    entity = prepared()
    for kill_before, kill_during in kills:
        status, _ = in_a_child(entity, deliveries, before=kill_before, during=kill_during)
        assert os.WTERMSIG(status) == signal.SIGKILL, (kill_before, kill_during)
        end_of_sessions(connection, id_of(connection, entity))
        left = state(connection, entity)
        assert left in wholes, f"a part of a commit is left after {kill_before}, {kill_during}"
        if kill_before >= 0:
            seen.append(wholes.index(left))
        followed = left == after or kill_during >= 0 or not kill_before % FOLLOWED
        if left == before and not followed:
            continue  # as if nothing was: the next worker is killed one statement later
        if followed:
            work(connection, entity, deliveries)
            assert snapshot(connection, entity) == final, (kill_before, kill_during)
            assert_told_honestly(connection, entity)
        entity = prepared()
    assert seen == sorted(seen)
    assert set(seen) == {0, 1, 2}


def assert_told_honestly(connection: Connection, entity: str) -> None:
    rows = connection.execute(
        "select * from app.import where entity_id = %s order by id", [id_of(connection, entity)]
    ).fetchall()
    assert rows[-1]["outcome"] == "succeeded"
    for row in rows:
        if row["outcome"] != "succeeded":
            assert (row["outcome"], row["error_code"]) == ("failed", "worker_lost")
            assert row["run_id"] in row["error_detail"]
