"""PgBouncer in transaction mode: what an import needs of a session is there, and nothing else stays."""

import os

import psycopg
import pytest
from dagster_kit import sale, upload
from kombu import Connection as Broker
from process_kit import LONGEST_WAIT
from worker_kit import Cluster

from monitr_pipelines.dagster_storage import STATEMENT_MILLISECONDS
from monitr_pipelines.warehouse.queue import claims
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.workers import broker

MANY = 12
CHANGED = "select name from pg_settings where source = 'session' order by name"
LIMIT = "select setting from pg_settings where name = 'statement_timeout'"
# PgBouncer gives them to each client anew.
ITS_OWN = {"application_name", "client_encoding", "DateStyle", "standard_conforming_strings", "TimeZone"}


def test_an_import_finds_the_options_of_a_session_of_its_own(
    pooled: Connection, connection: Connection
) -> None:
    for name in database.SESSION_OPTIONS:
        asked = f"select current_setting('{name}') as value"
        assert pooled.execute(asked).fetchone() == connection.execute(asked).fetchone(), name


def test_statements_are_not_prepared(pooled: Connection) -> None:
    """A prepared one would be in another session than the transaction that executes it."""
    for number in range(MANY):
        row = pooled.execute("select %s::int as number", [number]).fetchone()
        assert row == {"number": number}
    assert pooled.execute("select from pg_prepared_statements").fetchall() == []


def test_nothing_of_an_import_stays_in_a_session(
    cluster: Cluster, entity: str, connection: Connection, pooled: Connection
) -> None:
    upload(connection, entity, sale(100))
    cluster.succeeds(cluster.launch(entity))
    claims.name_session(pooled, "a-run")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MONITR_POOLED_DATABASE_URL", cluster.pooled("monitr"))
        with database.connect(autocommit=True) as other:
            named = other.execute("select current_setting('application_name') as name").fetchone()
    assert named == {"name": "monitr"}
    ours = {name for name in database.SESSION_OPTIONS if name != "timezone"}
    for found, expected in (("monitr", ours), ("dagster", {"statement_timeout"})):
        assert {changed - ITS_OWN for changed in in_sessions(cluster, found, CHANGED)} == {
            frozenset(expected)
        }
    assert in_sessions(cluster, "dagster", LIMIT) == {frozenset([str(STATEMENT_MILLISECONDS)])}


def in_sessions(cluster: Cluster, name: str, question: str) -> set[frozenset[str]]:
    """What some sessions of the server, held at once, answer to a question."""
    held = [psycopg.connect(cluster.pooled(name)) for _ in range(4)]
    try:
        return {frozenset(row[0] for row in each.execute(question)) for each in held}
    finally:
        for each in held:
            each.close()


def test_redis_gives_the_smallest_number_first_and_what_has_none_before_all(cluster: Cluster) -> None:
    options = broker.configuration()["broker_transport_options"]
    with Broker(cluster.broker_url, transport_options=options) as opened:
        queue = opened.SimpleQueue(f"order-{os.getpid()}")
        for priority in (9, 4, 0, 6):
            queue.put({"given": priority}, priority=priority)
        queue.put({"given": None})
        came = [queue.get(timeout=LONGEST_WAIT) for _ in range(5)]
        for message in came:
            message.ack()
        queue.clear()
        queue.close()
    assert [message.payload["given"] for message in came] in ([0, None, 4, 6, 9], [None, 0, 4, 6, 9])


def test_a_visibility_time_out_is_longer_than_any_import(connection: Connection) -> None:
    """A statement may take an hour, and an import a few: none takes a day."""
    row = connection.execute("select current_setting('statement_timeout')::interval as most").fetchone()
    assert row is not None
    assert row["most"].total_seconds() * 20 < broker.VISIBILITY_SECONDS
