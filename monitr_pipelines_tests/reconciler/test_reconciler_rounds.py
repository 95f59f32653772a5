"""Rounds of the reconciler against Dagster's own storage, and a webserver that fails when told."""

from collections.abc import Callable

import dagster as dg
import pytest
from dagster import DagsterInstance
from reconciler_kit import (
    CODE_LOST,
    DATABASE_LOST,
    LAUNCHED,
    LOST_ANSWER,
    FakeWebserver,
    add_run,
    end_run,
    let_time_pass,
    row_of,
)

from monitr_pipelines.dagster_names import ASKER_TAG, IMPORT_ID_TAG, PARTITION_TAG, PARTITIONS, PRIORITY_TAG
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.reconciler import waiting
from monitr_pipelines.reconciler.decisions import MOST_LAUNCHES
from monitr_pipelines.reconciler.launching import Launching
from monitr_pipelines.warehouse.queue import claims, outcome, requests
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server.database import Connection


def assert_launched_in_time(
    launching: Launching, webserver: FakeWebserver, connection: Connection, asked: int
) -> None:
    """Not at once, because someone else seems to be at it; but when that took too long."""
    launching.look()
    assert webserver.launches == []
    let_time_pass(connection, asked)
    launching.look()
    assert len(webserver.launches) == 1


def test_a_request_is_launched_once(
    *,
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    make_entity: Callable,
    connection: Connection,
    instance: DagsterInstance,
) -> None:
    entity = make_entity()
    asked = ask(entity)
    for _ in range(3):
        launching.look()
    tags = {IMPORT_ID_TAG: str(asked), PARTITION_TAG: entity, PRIORITY_TAG: "10", ASKER_TAG: "jan"}
    assert webserver.launches == [tags]
    assert entity in instance.get_dynamic_partitions(PARTITIONS)
    row = row_of(connection, asked)
    (run,) = instance.get_runs(dg.RunsFilter(tags={IMPORT_ID_TAG: str(asked)}))
    assert (row["launched_run_id"], row["launches"], row["launched_priority"]) == (run.run_id, 1, 10)
    assert row["outcome"] is None


def test_an_answer_that_was_lost_does_not_launch_again(
    launching: Launching, webserver: FakeWebserver, ask: Callable, connection: Connection
) -> None:
    webserver.mode = LOST_ANSWER
    asked = ask()
    launching.look()
    assert row_of(connection, asked)["launched_run_id"] is None
    webserver.mode = LAUNCHED
    for _ in range(2):
        launching.paused_until = 0
        launching.look()
        let_time_pass(connection, asked)
    assert len(webserver.launches) == 1
    assert row_of(connection, asked)["launched_run_id"] is not None


def test_a_crash_between_the_launch_and_its_note_gives_one_run(
    *,
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    connection: Connection,
    instance: DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    asked = ask()
    with monkeypatch.context() as patched:
        patched.setattr(waiting, "follow", crash)
        with pytest.raises(Crash):
            launching.look()
    assert row_of(connection, asked)["launched_run_id"] is None
    let_time_pass(connection, asked)
    Launching(connection, instance).look()
    assert len(webserver.launches) == 1
    assert row_of(connection, asked)["launched_run_id"] is not None


def test_a_crash_before_the_launch_delays_it(
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    connection: Connection,
) -> None:
    asked = ask()
    (crashed,) = waiting.pressing(connection, 10, {})
    assert waiting.claim(connection, crashed)
    assert not waiting.claim(connection, crashed)
    assert_launched_in_time(launching, webserver, connection, asked)


def test_what_this_process_runs_itself_is_not_launched(
    launching: Launching, webserver: FakeWebserver, ask: Callable, connection: Connection
) -> None:
    asked = ask()
    requests.launch_here(connection, asked)
    assert_launched_in_time(launching, webserver, connection, asked)


@pytest.mark.parametrize("lost", [CODE_LOST, DATABASE_LOST])
def test_without_a_webserver_requests_wait(
    *,
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    lost: str,
) -> None:
    monkeypatch.setenv("MONITR_DAGSTER_URL", "http://127.0.0.1:9")
    asked = [ask() for _ in range(2)]
    for _ in range(2 * MOST_LAUNCHES):
        launching.look()
        launching.paused_until = 0
    assert "does not answer" in caplog.text
    for each in asked:
        row = row_of(connection, each)
        assert (row["launches"], row["launched_at"], row["outcome"]) == (0, None, None)
    monkeypatch.setenv("MONITR_DAGSTER_URL", webserver.url)
    webserver.mode = lost
    for tries in range(1, 2 * MOST_LAUNCHES):
        launching.look()
        launching.look()
        assert len(webserver.launches) == tries
        launching.paused_until = 0
    assert row_of(connection, asked[0])["launches"] == 0
    webserver.mode = LAUNCHED
    webserver.launches.clear()
    launching.look()
    assert [tags[IMPORT_ID_TAG] for tags in webserver.launches] == [str(each) for each in asked]


def test_it_signs_in_where_operators_do(
    launching: Launching, webserver: FakeWebserver, ask: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tokens in ("", f"{'n' * 32}, {'o' * 32}"):
        monkeypatch.setenv("MONITR_OPERATOR_TOKENS", tokens)
        ask()
        launching.look()
    assert webserver.vouched == [None, f"Bearer {'n' * 32}"]


def test_an_import_that_dagster_refuses_lets_the_others_go_first_and_fails_in_the_end(
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    connection: Connection,
    caplog: pytest.LogCaptureFixture,
) -> None:
    refused, other = ask(), ask()
    webserver.refused = {refused}
    launching.look()
    assert "made of cheese" in caplog.text
    assert row_of(connection, other)["launched_run_id"] is not None
    for _ in range(MOST_LAUNCHES):
        assert row_of(connection, refused)["outcome"] is None
        launching.look()
        let_time_pass(connection, refused)
        launching.look()
    row = row_of(connection, refused)
    assert (row["outcome"], row["error_code"]) == ("failed", "launch_failed")
    assert "None" not in row["error_detail"]
    asked = [tags[IMPORT_ID_TAG] for tags in webserver.launches]
    assert asked == [str(refused), str(other), *[str(refused)] * (MOST_LAUNCHES - 1)]


def test_runs_that_all_fail_end_as_a_failure_that_says_so(
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    connection: Connection,
    instance: DagsterInstance,
) -> None:
    asked = ask()
    for _ in range(MOST_LAUNCHES):
        launching.look()
        run = row_of(connection, asked)["launched_run_id"]
        end_run(instance, run, dg.DagsterEventType.RUN_FAILURE)
        assert row_of(connection, asked)["outcome"] is None
        let_time_pass(connection, asked)
    launching.look()
    row = row_of(connection, asked)
    assert (row["outcome"], row["error_code"], row["started_at"]) == ("failed", "launch_failed", None)
    assert run in row["error_detail"]
    assert len(webserver.launches) == MOST_LAUNCHES


def test_a_run_that_was_made_but_never_queued_is_replaced(
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    connection: Connection,
    instance: DagsterInstance,
) -> None:
    asked = ask()
    add_run(instance, {IMPORT_ID_TAG: str(asked)}, dg.DagsterRunStatus.NOT_STARTED)
    requests.launch_here(connection, asked)
    assert_launched_in_time(launching, webserver, connection, asked)


def test_a_run_that_was_canceled_while_queued_cancels_its_import(
    launching: Launching, ask: Callable, connection: Connection, instance: DagsterInstance
) -> None:
    asked = ask()
    launching.look()
    end_run(instance, row_of(connection, asked)["launched_run_id"], dg.DagsterEventType.RUN_CANCELED)
    launching.look()
    row = row_of(connection, asked)
    assert (row["outcome"], row["error_code"], row["run_id"]) == ("canceled", "canceled", None)


@pytest.mark.parametrize("end", ["failed", "deleted"])
def test_a_run_that_ended_before_its_claim_is_replaced_when_nothing_runs(
    *,
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    connection: Connection,
    instance: DagsterInstance,
    make_entity: Callable,
    make_claim: Callable[..., Claim],
    end: str,
) -> None:
    entity = make_entity()
    asked = ask(entity)
    launching.look()
    first = row_of(connection, asked)["launched_run_id"]
    if end == "failed":
        end_run(instance, first, dg.DagsterEventType.RUN_FAILURE)
    else:
        instance.delete_run(first)
    running = make_claim(entity)
    let_time_pass(connection, asked)
    launching.look()
    assert len(webserver.launches) == 1
    outcome.finish(connection, running, None)
    launching.look()
    assert len(webserver.launches) == 2
    row = row_of(connection, asked)
    assert (row["launches"], row["launched_run_id"] != first) == (2, True)


def test_every_import_has_its_turn_in_bounded_rounds(
    launching: Launching,
    ask: Callable,
    connection: Connection,
    instance: DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitr_pipelines.reconciler.launching.FOLLOWED_A_ROUND", 2)
    monkeypatch.setattr("monitr_pipelines.reconciler.launching.LAUNCHES_A_ROUND", 3)
    asked = [ask() for _ in range(7)]
    assert [launching.look() for _ in range(3)] == [True, True, False]
    for each in asked:
        end_run(instance, row_of(connection, each)["launched_run_id"], dg.DagsterEventType.RUN_CANCELED)
    for _ in range(5):
        launching.look()
    assert {row_of(connection, each)["outcome"] for each in asked} == {"canceled"}


def test_a_run_of_a_settled_request_is_refused_and_leaves_no_import(
    connection: Connection, make_entity: Callable
) -> None:
    entity = make_entity()
    asked = requests.request(connection, entity, trigger="manual", requested_by="jan")
    connection.execute(
        "update app.import set outcome = 'canceled', finished_at = now() where id = %s", [asked]
    )
    take = {"run_id": f"{entity} a", "import_id": asked, "trigger": "dagster"}
    with pytest.raises(Refused) as refused:
        claims.claim(connection, entity, **take, once=True)
    assert refused.value.code == "request_settled"
    assert claims.claim(connection, entity, **take).import_id != asked
