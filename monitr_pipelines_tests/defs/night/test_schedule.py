"""The night: when it comes, whom it asks for, and what it writes down before it does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import dagster._daemon  # before the scheduler, which it imports in a circle
import pytest
from common_kit import set_organisation
from dagster._utils.schedules import schedule_execution_time_iterator
from dagster_kit import import_rows
from night_kit import loaded, populate

from monitr_pipelines.dagster_names import PARTITIONS, SCHEDULE
from monitr_pipelines.providers import names
from monitr_pipelines.warehouse.queue import claims, nightly, outcome, requests
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

BRUSSELS = ZoneInfo("Europe/Brussels")
MIDNIGHT = datetime(2026, 10, 25, 0, tzinfo=BRUSSELS)
FIVE = datetime(2026, 10, 25, 5, tzinfo=BRUSSELS)
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def no_night_yet(connection: Connection) -> None:
    """Every test has the same nights before it."""
    connection.execute("delete from app.night")


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


def due(connection: Connection, tick: datetime) -> dict[str, int]:
    """The imports of a tick that comes, by entity."""
    nightly.write_night(connection, tick, now=NOW, importable=names())
    rows = connection.execute(
        "select entity.key, import.id from app.import inner join app.entity on entity.id = entity_id "
        "where tick = %s",
        [tick],
    )
    return {row["key"]: row["id"] for row in rows}


def reasons(connection: Connection, tick: datetime) -> str:
    night = nightly.read_night(connection, tick, now=NOW, importable=names())
    return "\n".join(map(str, night.skipped))


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
    make_entity: Callable[..., str],
    connection: Connection,
    start: str,
) -> None:
    entity = make_entity()
    moments = ticks_after(definitions, start)
    for moment in moments:
        import_id = due(connection, moment)[entity]
        claim = claims.claim(
            connection, entity, run_id=f"run of {import_id}", import_id=import_id, trigger="scheduled"
        )
        assert outcome.finish(connection, claim, None)
    assert [row["tick"] for row in import_rows(connection, entity)] == moments


def test_only_active_entities_of_paying_organisations_are_due(
    make_entity: Callable[..., str], connection: Connection
) -> None:
    states = ["active", "trialing", "past_due", "unpaid", "canceled", "paused", "incomplete"]
    entities = {state: make_entity(subscription=state) for state in [*states, "incomplete_expired"]}
    gone = {status: make_entity() for status in ("Not found", "Deleted")}
    for status, key in gone.items():
        connection.execute("update app.entity set status = %s where key = %s", [status, key])
    paying = {entities["active"], entities["trialing"]}
    others = {*entities.values(), *gone.values()} - paying
    asked = due(connection, MIDNIGHT)
    assert paying <= set(asked)
    assert not others & set(asked)
    for key in paying:
        (row,) = import_rows(connection, key)
        assert row["id"] == asked[key]
        assert (row["trigger"], row["requested_by"], row["priority"]) == ("scheduled", "schedule", -10)
        assert (row["tick"], row["mode"], row["started_at"]) == (MIDNIGHT, "incremental", None)
    for key in others:
        assert not import_rows(connection, key)


@pytest.mark.parametrize("files", [[], ["draft"], ["refused"], ["applied", "refused"]])
def test_a_night_asks_for_no_files_that_are_not_there(
    make_entity: Callable[..., str], make_claim: Callable, connection: Connection, files: list[str]
) -> None:
    entity = make_entity(provider="file")
    for state in files:
        settle(connection, make_claim(entity), state)
    assert entity not in due(connection, FIVE)
    assert "no ledger file: " in reasons(connection, FIVE)
    settle(connection, make_claim(entity), "applied")
    assert entity in due(connection, FIVE + timedelta(days=1))


def settle(connection: Connection, claimed: Claim, state: str) -> None:
    """An import settles a file."""
    connection.execute(
        """
        insert into app.upload (
            entity_id, file_name, content_hash, size_bytes, mode, settings, state, import_id, applied_number,
            settled_at
        )
        values (
            %(entity)s, 'books.csv', repeat('0', 64), 0, 'append', '{}', %(state)s, %(import)s,
            case when %(state)s = 'applied' then %(import)s end, now()
        )
        """,
        {"entity": claimed.entity_id, "state": state, "import": claimed.import_id},
    )
    if state == "applied":
        connection.execute(
            "update app.import set marts_committed_at = clock_timestamp() where id = %s", [claimed.import_id]
        )
        connection.execute(
            "update app.entity set figures_import_id = %s where id = %s",
            [claimed.import_id, claimed.entity_id],
        )
    assert outcome.finish(connection, claimed, None)


def test_a_night_asks_for_no_provider_without_a_connector(
    make_entity: Callable[..., str], connection: Connection
) -> None:
    entity = make_entity(provider="abacus")
    assert entity not in due(connection, MIDNIGHT + timedelta(days=2))
    assert "no connector: " in reasons(connection, MIDNIGHT)


def test_an_evaluation_says_who_is_due_and_writes_nothing(
    evaluate: Callable[[datetime], Any],
    make_entity: Callable[..., str],
    connection: Connection,
    instance: dg.DagsterInstance,
) -> None:
    entities = [make_entity() for _ in range(4)]
    tick = FIVE + timedelta(days=9)
    writings = (
        "select (select count(*) from app.import) as imports, (select count(*) from app.night) as nights, "
        "(select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_xact_user_tables) as rows"
    )
    before = connection.execute(writings).fetchone(), instance.get_dynamic_partitions(PARTITIONS)
    first, second = evaluate(tick), evaluate(tick)
    assert first.skip_message == second.skip_message
    assert not first.run_requests
    assert (connection.execute(writings).fetchone(), instance.get_dynamic_partitions(PARTITIONS)) == before
    asked = due(connection, tick)
    assert set(entities) <= set(asked)
    assert f"imports asked for: {len(asked)}" in first.skip_message


def test_a_tick_is_written_once_and_whole(
    make_entity: Callable[..., str], connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    entities = {make_entity() for _ in range(4)}
    waits = make_entity()
    asked = requests.request(connection, waits, trigger="manual", requested_by="jan")
    tick = MIDNIGHT + timedelta(days=9)
    run = database.run

    def crash(opened: Connection, name: str, **parameters: object) -> Any:  # noqa: ANN401
        answer = run(opened, name, **parameters)
        if name == "queue/write_night":
            raise SystemExit
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(database, "run", crash)
        with pytest.raises(SystemExit):
            due(connection, tick)
    assert not [row for entity in entities for row in import_rows(connection, entity)]

    first = due(connection, tick)
    assert entities <= set(first)
    row = connection.execute("select asked_for, skipped from app.night where tick = %s", [tick]).fetchone()
    assert row is not None
    assert (row["asked_for"], row["skipped"]["asked for already"] >= 1) == (len(first), True)
    make_entity()
    assert due(connection, tick) == first
    assert [row["id"] for row in import_rows(connection, waits)] == [asked]


def test_a_canceled_import_of_the_tick_is_not_asked_for_again(
    make_entity: Callable[..., str], connection: Connection
) -> None:
    entity = make_entity()
    import_id = due(connection, MIDNIGHT)[entity]
    connection.execute(
        "update app.import set finished_at = now(), outcome = 'canceled' where id = %s", [import_id]
    )
    connection.execute("delete from app.night")
    due(connection, MIDNIGHT)
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
    assert "asked for already" in reasons(connection, MIDNIGHT)


def test_what_still_waits_at_five_is_not_asked_for_twice(
    make_entity: Callable[..., str], connection: Connection
) -> None:
    entity = make_entity()
    due(connection, MIDNIGHT)
    assert entity not in due(connection, FIVE)
    assert len(import_rows(connection, entity)) == 1


def test_who_is_skipped_is_told_with_the_reason(
    evaluate: Callable[[datetime], Any], make_entity: Callable[..., str], connection: Connection
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
    said = evaluate(MIDNIGHT).skip_message
    night = nightly.read_night(connection, MIDNIGHT, now=NOW, importable=names())
    assert not {lapsed, unverified, disconnected, gone} & set(night.due)
    found = {skipped.reason: skipped for skipped in night.skipped}
    for entity, reason in (
        (lapsed, "subscription past due"),
        (unverified, "subscription not verified"),
        (disconnected, "reconnect needed"),
        (gone, "entity not found"),
    ):
        assert name_of(connection, entity) in found[reason].organisations
        assert reason in said


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


@pytest.mark.parametrize("entities", [1_000, 10_000])
def test_a_tick_of_many_entities(
    evaluate: Callable[[datetime], Any], connection: Connection, entities: int
) -> None:
    populate(connection, entities)
    tick = MIDNIGHT + timedelta(days=entities)
    evaluate(tick)
    assert len(due(connection, tick)) >= entities
