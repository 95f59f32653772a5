"""What the soak of workers looks for is found where it is planted; `make soak-workers` runs it."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
import soak_checks_kit as checks
from common_kit import entity_id
from dagster import DagsterRun, DagsterRunStatus
from dagster_kit import figures, sale, upload
from kombu import Connection as Broker
from process_kit import wait_for
from soak_books_kit import Books, Company, Line
from worker_kit import Cluster

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.importing.session import begin
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

MONTH = date(2026, 1, 1)
COPIED = """
insert into raw.gl_transaction (entity_id, external_id, booking_date, account_code, amount, import_id)
select entity_id, external_id || '/1', booking_date, account_code, amount, import_id
from raw.gl_transaction
where entity_id = %s
"""
ENDED = """
insert into app.import
    (entity_id, trigger, run_id, started_at, lease_until, finished_at, outcome, error_code)
values (%s, %s, gen_random_uuid(), now(), now(), now(), %s, %s)
returning id
"""


@pytest.fixture
def owner(home: Path) -> Iterator[Connection]:
    """A connection of the owner, while every end and publication is noted."""
    with database.connect_as_owner(autocommit=True) as opened, checks.watched(opened):
        yield opened


@pytest.fixture
def company(owner: Connection, make_entity: Callable[..., str], connection: Connection) -> Company:
    """A company that was imported once, and what its software says of it."""
    key = make_entity()
    upload(connection, key, sale(100))
    import_now(connection, key)
    rows = connection.execute(checks.LINES, [entity_id(connection, key)]).fetchall()
    lines = {row["id"]: Line(row["day"], row["account"], row["amount"]) for row in rows}
    books = Books(lines, MONTH, {"400000": Decimal(100), "700000": Decimal(-100)})
    found = Company(key, entity_id(connection, key), 1, SharedBooks(Clock()))
    found.told.append((0, books))
    return found


def import_now(connection: Connection, key: str, trigger: str = "cli") -> int:
    number = requests.request(connection, key, trigger=trigger, requested_by="test")
    session = begin(key, run_id=str(uuid4()), import_id=number, trigger=trigger)
    session.fetch()
    session.publish()
    assert session.end()
    return number


def note_end(connection: Connection, company: Company, trigger: str, code: str | None) -> int:
    """An import that is over, and failed with a code or succeeded."""
    row = connection.execute(ENDED, [company.id, trigger, "failed" if code else "succeeded", code]).fetchone()
    assert row is not None
    return int(row["id"])


def found_in_imports(connection: Connection, company: Company, *asked: int) -> list[str]:
    return [
        *checks.ended_once(connection, [company.id], asked),
        *checks.asked_again(connection, [company.id]),
        *checks.published_once(connection, [company.id]),
        *checks.ledgers(connection, [company]),
    ]


def test_an_import_in_good_order_breaks_nothing(connection: Connection, company: Company) -> None:
    assert found_in_imports(connection, company, import_now(connection, company.key)) == []
    # A cluster of this home can be at work on others' imports.
    wait_for(lambda: not checks.left_in_database(connection, [company.id]), "the end of all that imports use")


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("update app.import set outcome = 'failed' where entity_id = %s", "ended 2 times"),
        ("update app.import set outcome = 'canceled' where entity_id = %s", "is canceled"),
        ("update app.import set outcome = 'failed', error_code = null where entity_id = %s", "for None"),
        ("update app.entity set figures_import_id = figures_import_id where id = %s", "published 2 times"),
        ("update app.import set marts_committed_at = null where entity_id = %s", "says figures False"),
        ("update app.entity set figures_import_id = null where id = %s", "and figures are of None"),
        ("delete from raw.gl_transaction where amount > 0 and entity_id = %s", "are missing: 1"),
        ("update raw.gl_transaction set amount = amount * 2 where entity_id = %s", "doubled or foreign: 2"),
        (COPIED, "doubled or foreign: 2"),
        ("update marts.trial_balance set closing = closing + 1 where entity_id = %s", "balances of import"),
        (
            "update marts.trial_balance set month = month + interval '1 month' where entity_id = %s",
            "figures of import",
        ),
        ("insert into app.import (entity_id, trigger) values (%s, 'cli')", "is open"),
    ],
)
def test_a_planted_fault_is_found(
    owner: Connection, connection: Connection, company: Company, fault: str, found: str
) -> None:
    owner.execute(fault, [company.id])
    broken = [
        *found_in_imports(connection, company),
        *checks.left_in_database(connection, [company.id]),
    ]
    assert any(found in each for each in broken), broken


def test_a_lost_request_is_found(connection: Connection, company: Company) -> None:
    assert checks.ended_once(connection, [company.id], {0}) == ["import 0 was asked for and is not there"]


def test_what_nobody_asked_for_again_is_found_and_a_third_time_too(
    connection: Connection, company: Company
) -> None:
    # Nobody else sees any of it: the reconciler of a cluster that runs would ask again.
    with connection.transaction(force_rollback=True):
        lost = note_end(connection, company, "cli", "worker_lost")
        assert checks.asked_again(connection, [company.id]) == [
            f"import {lost} lost its worker, and nobody asked again"
        ]
        note_end(connection, company, "again", "worker_lost")
        assert checks.asked_again(connection, [company.id]) == []
        third = note_end(connection, company, "again", None)
        assert checks.asked_again(connection, [company.id]) == [f"import {third} asks a third time"]
        fourth = note_end(connection, company, "again", None)
        assert f"import {fourth} asks again for one that was not lost" in checks.asked_again(
            connection, [company.id]
        )


def test_figures_that_go_back_are_found(owner: Connection, connection: Connection, company: Company) -> None:
    first = figures(connection, company.key)[1]
    import_now(connection, company.key)
    owner.execute("update app.entity set figures_import_id = %s where id = %s", [first, company.id])
    assert f"import {first} published after a later one" in checks.published_once(connection, [company.id])


def test_a_session_and_a_stage_table_of_a_run_are_found(connection: Connection) -> None:
    name = f"monitr {uuid4()}"
    with database.connect_directly(autocommit=True) as left:
        left.execute("select set_config('application_name', %s, false)", [name])
        left.execute("create temporary table stage_left (id int)")
        with left.transaction():
            left.execute("select 1")
            broken = checks.left_in_database(connection, [])
            assert f"session {name!r} is at work" in broken, broken
            assert "stage table stage_left" in broken, broken
        # This is done once it is answered; what PostgreSQL does after the end of a session is not.
        left.execute("discard all")
        broken = checks.left_in_database(connection, [])
        assert not any("stage_left" in each or name in each for each in broken), broken


def test_what_is_left_in_redis_and_dagster_is_found(cluster: Cluster) -> None:
    with Broker(cluster.broker_url) as opened:
        queue = opened.SimpleQueue("planted")
        queue.put({})
        assert any("planted in Redis" in each for each in checks.left_in_redis(cluster.redis))
        queue.clear()
        queue.close()
    with cluster.known_here() as instance:
        planted = instance.add_run(DagsterRun(job_name="planted", status=DagsterRunStatus.NOT_STARTED))
        try:
            assert f"run {planted.run_id} is NOT_STARTED" in checks.left_in_dagster(instance)
        finally:
            instance.delete_run(planted.run_id)


def test_a_spool_that_is_left_is_found(tmp_path: Path) -> None:
    assert checks.left_on_disk(tmp_path) == []
    (tmp_path / "7-8.spool").touch()
    assert checks.left_on_disk(tmp_path) == ["spool 7-8.spool"]
