"""The night: when it comes, whom it asks for, and what it writes down before it does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from types import SimpleNamespace
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import dagster as dg
import dagster._daemon  # before the scheduler, which it imports in a circle
import psycopg
import pytest
from common_kit import set_organisation
from dagster._core.utils import make_new_run_id
from dagster._scheduler.scheduler import _get_existing_run_for_request
from dagster._utils.schedules import schedule_execution_time_iterator
from dagster_kit import import_rows
from night_kit import loaded, populate
from psycopg.rows import dict_row

from monitr_pipelines.dagster_names import IMPORT_ID_TAG, JOB, PARTITIONS, SCHEDULE
from monitr_pipelines.reconciler.decisions import Waiting
from monitr_pipelines.reconciler.webserver import tags_of
from monitr_pipelines.warehouse.queue import claims, nightly, outcome, requests
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

BRUSSELS = ZoneInfo("Europe/Brussels")
MIDNIGHT = datetime(2026, 10, 25, 0, tzinfo=BRUSSELS)
FIVE = datetime(2026, 10, 25, 5, tzinfo=BRUSSELS)
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return loaded()


@pytest.fixture
def evaluate(definitions: dg.Definitions, instance: dg.DagsterInstance) -> Callable[[datetime], Any]:
    """Evaluates the schedule at a tick, as the daemon does."""
    schedule = definitions.resolve_schedule_def(SCHEDULE)

    def at(tick: datetime) -> Any:  # noqa: ANN401 - Dagster's
        moment = tick.astimezone(UTC)
        with dg.build_schedule_context(instance=instance, scheduled_execution_time=moment) as context:
            return schedule.evaluate_tick(context)

    return at


def requests_of(answer: Any) -> dict[str, dg.RunRequest]:  # noqa: ANN401
    found = {request.partition_key: request for request in answer.run_requests}
    assert len(found) == len(answer.run_requests)
    return found


def due(connection: Connection, tick: datetime) -> dict[str, int]:
    return dict(nightly.write_tick(connection, tick, now=NOW).due)


def reasons(connection: Connection, tick: datetime) -> str:
    return "\n".join(map(str, nightly.write_tick(connection, tick, now=NOW).skipped))


def name_of(connection: Connection, entity: str) -> str:
    row = connection.execute(
        "select o.name from app.organisation as o inner join app.entity as e on o.id = e.organisation_id "
        "where e.key = %s",
        [entity],
    ).fetchone()
    assert row is not None
    return str(row["name"])


def ticks_after(definitions: dg.Definitions, start: str) -> list[datetime]:
    schedule = definitions.resolve_schedule_def(SCHEDULE)
    began = datetime.fromisoformat(start).replace(tzinfo=BRUSSELS).timestamp()
    moments = schedule_execution_time_iterator(began, schedule.cron_schedule, schedule.execution_timezone)
    return list(islice(moments, 3))


@pytest.mark.parametrize(
    ("start", "in_brussels", "in_utc"),
    [
        (
            "2026-10-24T12:00",
            ["2026-10-25T00:00+02:00", "2026-10-25T05:00+01:00", "2026-10-26T00:00+01:00"],
            ["2026-10-24T22:00+00:00", "2026-10-25T04:00+00:00", "2026-10-25T23:00+00:00"],
        ),
        (
            "2027-03-27T12:00",
            ["2027-03-28T00:00+01:00", "2027-03-28T05:00+02:00", "2027-03-29T00:00+02:00"],
            ["2027-03-27T23:00+00:00", "2027-03-28T03:00+00:00", "2027-03-28T22:00+00:00"],
        ),
    ],
)
def test_midnight_and_five_in_brussels_once_each_also_when_the_clock_changes(
    definitions: dg.Definitions, start: str, in_brussels: list[str], in_utc: list[str]
) -> None:
    moments = ticks_after(definitions, start)
    assert [moment.isoformat(timespec="minutes") for moment in moments] == in_brussels
    assert [moment.astimezone(UTC).isoformat(timespec="minutes") for moment in moments] == in_utc


@pytest.mark.parametrize("start", ["2026-10-24T12:00", "2027-03-27T12:00"])
def test_each_tick_imports_once_also_when_the_clock_changes(
    definitions: dg.Definitions,
    evaluate: Callable[[datetime], Any],
    make_entity: Callable[..., str],
    connection: Connection,
    start: str,
) -> None:
    entity = make_entity()
    moments = ticks_after(definitions, start)
    for moment in moments:
        import_id = int(requests_of(evaluate(moment))[entity].tags[IMPORT_ID_TAG])
        claim = claims.claim(
            connection, entity, run_id=f"run of {import_id}", import_id=import_id, trigger="scheduled"
        )
        assert outcome.finish(connection, claim, None)
    assert [row["tick"] for row in import_rows(connection, entity)] == moments


def test_only_active_entities_of_paying_organisations_are_due(
    evaluate: Callable[[datetime], Any],
    make_entity: Callable[..., str],
    connection: Connection,
) -> None:
    states = ["active", "trialing", "past_due", "unpaid", "canceled", "paused", "incomplete"]
    entities = {state: make_entity(subscription=state) for state in [*states, "incomplete_expired"]}
    gone = {status: make_entity() for status in ("Not found", "Deleted")}
    for status, key in gone.items():
        connection.execute("update app.entity set status = %s where key = %s", [status, key])
    paying = {entities["active"], entities["trialing"]}
    others = {*entities.values(), *gone.values()} - paying
    requested = requests_of(evaluate(MIDNIGHT))
    assert paying <= set(requested)
    assert not others & set(requested)
    for key in paying:
        (row,) = import_rows(connection, key)
        request = requested[key]
        assert request.run_key == f"2026-10-24T22:00:00+00:00/{key}"
        assert request.tags["dagster/priority"] == "-10"
        assert request.tags["monitr/import_id"] == str(row["id"])
        assert request.tags["dagster/partition"] == key
        assert request.tags["dagster/schedule_name"] == "nightly_imports"
        assert (row["trigger"], row["requested_by"], row["priority"]) == ("scheduled", "schedule", -10)
        assert (row["tick"], row["mode"], row["started_at"]) == (MIDNIGHT, "incremental", None)
    for key in others:
        assert not import_rows(connection, key)


def test_the_schedule_makes_no_run_where_the_reconciler_launched_one(
    evaluate: Callable[[datetime], Any], make_entity: Callable[..., str], instance: dg.DagsterInstance
) -> None:
    entity = make_entity()
    request = requests_of(evaluate(MIDNIGHT))[entity]
    waiting = Waiting(
        id=int(request.tags[IMPORT_ID_TAG]),
        entity_key=entity,
        priority=-10,
        tick=MIDNIGHT,
        launches=1,
        launched_run_id=None,
        launched_priority=None,
        due=True,
        claimed=True,
        running=False,
    )
    launched = instance.add_run(dg.DagsterRun(JOB, make_new_run_id(), tags=tags_of(waiting)))
    schedule = SimpleNamespace(name=SCHEDULE)
    found = _get_existing_run_for_request(instance, schedule, MIDNIGHT, request)
    assert found is not None
    assert found.run_id == launched.run_id


def test_a_tick_evaluated_twice_asks_for_the_same_and_writes_nothing(
    evaluate: Callable[[datetime], Any],
    make_entity: Callable[..., str],
    connection: Connection,
) -> None:
    entities = [make_entity() for _ in range(4)]
    waits_already = make_entity()
    requests.request(connection, waits_already, trigger="manual", requested_by="jan")
    first = requests_of(evaluate(FIVE))
    assert set(entities) <= set(first)
    claimed = claims.claim(
        connection,
        entities[0],
        run_id="twice",
        import_id=int(first[entities[0]].tags[IMPORT_ID_TAG]),
        trigger="scheduled",
    )
    assert outcome.finish(connection, claimed, None)
    count = "select count(*) as imports from app.import"
    before = connection.execute(count).fetchone()
    again = requests_of(evaluate(FIVE))
    assert {key: (request.run_key, request.tags) for key, request in again.items()} == {
        key: (request.run_key, request.tags) for key, request in first.items()
    }
    assert connection.execute(count).fetchone() == before


def test_a_canceled_import_of_the_tick_is_not_asked_for_again(
    make_entity: Callable[..., str], connection: Connection
) -> None:
    entity = make_entity()
    import_id = due(connection, MIDNIGHT)[entity]
    connection.execute(
        "update app.import set finished_at = now(), outcome = 'canceled' where id = %s", [import_id]
    )
    assert entity not in due(connection, MIDNIGHT)
    assert len(import_rows(connection, entity)) == 1


def test_five_runs_again_what_succeeded_at_midnight(
    make_entity: Callable[..., str], connection: Connection
) -> None:
    entity = make_entity()
    at_midnight = due(connection, MIDNIGHT)[entity]
    claim = claims.claim(connection, entity, run_id="midnight", import_id=at_midnight, trigger="scheduled")
    assert outcome.finish(connection, claim, None)
    at_five = due(connection, FIVE)[entity]
    assert at_five != at_midnight
    assert [row["outcome"] for row in import_rows(connection, entity)] == ["succeeded", None]


def test_who_waits_needs_no_other_import_and_who_runs_gets_one(
    make_entity: Callable[..., str], make_claim: Callable[..., Claim], connection: Connection
) -> None:
    waits, runs = make_entity(), make_entity()
    asked = requests.request(connection, waits, trigger="hook", requested_by="key 1")
    make_claim(runs)
    night = due(connection, MIDNIGHT)
    assert waits not in night
    assert [row["id"] for row in import_rows(connection, waits)] == [asked]
    assert [row["id"] for row in import_rows(connection, runs)][1:] == [night[runs]]
    assert "waiting already" in reasons(connection, MIDNIGHT)


def test_what_still_waits_at_five_is_not_asked_for_twice(
    make_entity: Callable[..., str], connection: Connection
) -> None:
    entity = make_entity()
    due(connection, MIDNIGHT)
    assert entity not in due(connection, FIVE)
    assert len(import_rows(connection, entity)) == 1


def test_skipped_organisations_are_logged_with_the_reason(
    evaluate: Callable[[datetime], Any],
    make_entity: Callable[..., str],
    connection: Connection,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lapsed, unverified, disconnected, gone = (make_entity() for _ in range(4))
    set_organisation(connection, lapsed, "subscription = 'past_due'")
    set_organisation(connection, unverified, f"subscription_read_at = '{NOW - timedelta(hours=73)}'")
    connection.execute(
        "update app.integration set state = 'reconnect needed' "
        "where id = (select integration_id from app.entity where key = %s)",
        [disconnected],
    )
    connection.execute("update app.entity set status = 'Not found' where key = %s", [gone])
    requested = requests_of(evaluate(MIDNIGHT))
    logged = capsys.readouterr().err
    assert not {lapsed, unverified, disconnected, gone} & set(requested)
    night = nightly.write_tick(connection, MIDNIGHT, now=NOW)
    found = {skipped.reason: skipped for skipped in night.skipped}
    for entity, reason in (
        (lapsed, "subscription past due"),
        (unverified, "subscription not verified"),
        (disconnected, "reconnect needed"),
        (gone, "entity not found"),
    ):
        assert name_of(connection, entity) in found[reason].organisations
        assert reason in logged


def test_a_lapsed_organisation_is_skipped_at_the_next_tick_and_back_at_the_one_after(
    make_entity: Callable[..., str], connection: Connection
) -> None:
    entity = make_entity(subscription="canceled")
    assert entity not in due(connection, MIDNIGHT)
    set_organisation(connection, entity, "subscription = 'active'")
    assert entity in due(connection, FIVE)


def test_many_organisations_are_told_in_one_line() -> None:
    told = str(nightly.Skipped("subscription canceled", 40, [f"org {number}" for number in range(12)]))
    assert told == (
        "subscription canceled: 40 skipped, of "
        + ", ".join(f"org {number}" for number in range(10))
        + " and 2 more"
    )


def test_an_entity_that_dagster_does_not_know_yet_is_made_known(
    evaluate: Callable[[datetime], Any], make_entity: Callable[..., str], instance: dg.DagsterInstance
) -> None:
    entity = make_entity()
    evaluate(MIDNIGHT + timedelta(days=1))
    assert instance.has_dynamic_partition(PARTITIONS, entity)


class Counting(psycopg.Connection[Any]):
    """Keeps what it executes."""

    executed: ClassVar[list[str]] = []

    def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        self.executed.append(query)
        return super().execute(query, *arguments, **options)


@pytest.mark.parametrize("entities", [1_000, 10_000])
def test_a_tick_of_many_entities_is_one_statement(
    evaluate: Callable[[datetime], Any],
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    entities: int,
) -> None:
    populate(connection, entities)

    def connect(*, autocommit: bool) -> Any:  # noqa: ANN401
        return Counting.connect(database.url(), autocommit=autocommit, row_factory=dict_row)

    monkeypatch.setattr(database, "connect", connect)
    Counting.executed.clear()
    tick = MIDNIGHT + timedelta(days=entities)
    assert len(requests_of(evaluate(tick))) >= entities
    assert len(Counting.executed) == 1
    assert len(requests_of(evaluate(tick))) >= entities
