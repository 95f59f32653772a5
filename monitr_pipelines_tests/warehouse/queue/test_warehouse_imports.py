"""Who may import: the gate, one running and one waiting import per entity, claims by tag."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from process_kit import LONGEST_WAIT
from warehouse_kit import SALE, Given, id_of, last_import, load, start, upsert, whole

from monitr_pipelines.ledger.changes import Upsert
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.lifecycle.errors import EntityGone, ImportProblem, ProviderDown, Refused, TooSoon
from monitr_pipelines.warehouse.books import loader
from monitr_pipelines.warehouse.queue import claims, outcome, requests
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

ROUNDS = 8
AT_ONCE = 4


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity()


def ask(connection: Connection, entity: str, **options: Any) -> int:  # noqa: ANN401 - passed on
    return requests.request(connection, entity, **{"trigger": "manual", "requested_by": "jan"} | options)


def take(connection: Connection, entity: str, run_id: str, import_id: int | None = None) -> Claim:
    return claims.claim(
        connection, entity, run_id=f"{entity} {run_id}", import_id=import_id, trigger="dagster"
    )


def rows_of(connection: Connection, entity: str) -> list[dict[str, Any]]:
    return connection.execute(
        "select * from app.import where entity_id = %s order by id", [id_of(connection, entity)]
    ).fetchall()


def at_once(work: Callable[[Connection, int], object]) -> list[object]:
    """Do work on several connections, starting together; what each returned or raised."""
    together = threading.Barrier(AT_ONCE)

    def one(number: int) -> object:
        with database.connect(autocommit=True) as connection:
            together.wait()
            try:
                return work(connection, number)
            except ImportProblem as problem:
                return problem

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_of_claims_at_once_exactly_one_wins(connection: Connection, make_entity: Callable[..., str]) -> None:
    for _ in range(ROUNDS):
        entity = make_entity()
        outcomes = at_once(lambda own, number, key=entity: take(own, key, f"run {number}"))  # type: ignore[misc]
        problems = [outcome for outcome in outcomes if isinstance(outcome, ImportProblem)]
        assert len(problems) == AT_ONCE - 1
        assert {problem.code for problem in problems} == {"already_running"}
        assert len(rows_of(connection, entity)) == 1


def test_of_claims_of_one_request_exactly_one_wins(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    for _ in range(ROUNDS):
        entity = make_entity()
        asked = ask(connection, entity)
        outcomes = at_once(lambda own, number, key=entity, id_=asked: take(own, key, f"run {number}", id_))  # type: ignore[misc]
        won = [outcome for outcome in outcomes if isinstance(outcome, Claim)]
        assert [claimed.import_id for claimed in won] == [asked]
        assert len(rows_of(connection, entity)) == 1


def test_requests_at_once_are_one_waiting_import(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    for _ in range(ROUNDS):
        entity = make_entity()
        outcomes = at_once(lambda own, number, key=entity: ask(own, key, requested_by=str(number)))  # type: ignore[misc]
        assert len(set(outcomes)) == 1
        assert len(rows_of(connection, entity)) == 1


def test_the_database_itself_allows_one_waiting_and_one_started(connection: Connection, entity: str) -> None:
    claimed = start(connection, entity)
    insert = "insert into app.import (entity_id, trigger) values (%s, 'cli')"
    connection.execute(insert, [claimed.entity_id])
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(insert, [claimed.entity_id])
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(
            "update app.import set started_at = now(), lease_until = now(), run_id = %s || id "
            "where entity_id = %s and started_at is null",
            [entity, claimed.entity_id],
        )


def test_a_second_request_moves_the_waiting_one(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(provider="tryton")
    first = ask(connection, entity, trigger="scheduled", mode="full", options={"a": 1, "b": 1})
    assert ask(connection, entity, trigger="manual", options={"b": 2}) == first
    row = last_import(connection, entity)
    assert (row["trigger"], row["mode"], row["options"]) == ("manual", "full", {"a": 1, "b": 2})
    claimed = take(connection, entity, "run", first)
    assert (claimed.import_id, claimed.mode, claimed.options) == (first, "full", {"a": 1, "b": 2})


def test_the_first_import_is_full_and_so_is_one_that_asks_for_it(connection: Connection, entity: str) -> None:
    asked = ask(connection, entity, mode="incremental")
    first = take(connection, entity, "1", asked)
    assert first.mode == "full"
    outcome.finish(connection, first, ProviderDown("down"))
    assert start(connection, entity).mode == "full"
    connection.execute("update app.import set lease_until = now() where entity_id = %s", [first.entity_id])
    load(connection, entity, whole(SALE))
    second = start(connection, entity)
    assert second.mode == "incremental"
    outcome.finish(connection, second, None)
    assert start(connection, entity, "full").mode == "full"


def test_a_request_is_taken_once(connection: Connection, entity: str) -> None:
    asked = ask(connection, entity)
    first = take(connection, entity, "first", asked)
    assert first.import_id == asked
    assert outcome.finish(connection, first, None)
    again = take(connection, entity, "second", asked)
    assert again.import_id != asked
    assert [row["trigger"] for row in rows_of(connection, entity)] == ["manual", "dagster"]


def test_a_request_is_never_taken_for_another_entity(
    connection: Connection, entity: str, make_entity: Callable[..., str]
) -> None:
    other = make_entity()
    asked = ask(connection, other)
    mine = take(connection, entity, "run", asked)
    assert mine.import_id != asked
    assert mine.entity_id == id_of(connection, entity)
    assert [(row["id"], row["run_id"]) for row in rows_of(connection, other)] == [(asked, None)]
    connection.execute("update app.entity set status = 'Deleted' where key = %s", [entity])
    outcome.finish(connection, mine, None)
    with pytest.raises(EntityGone):
        take(connection, entity, "again", asked)
    assert last_import(connection, other)["outcome"] is None


def test_a_run_without_a_request_leaves_the_waiting_one_waiting(connection: Connection, entity: str) -> None:
    asked = ask(connection, entity)
    claimed = take(connection, entity, "from the UI")
    assert claimed.import_id != asked
    with pytest.raises(Refused) as refused:
        take(connection, entity, "the requested one", asked)
    assert refused.value.code == "already_running"
    outcome.finish(connection, claimed, None)
    assert take(connection, entity, "the requested one", asked).import_id == asked


GATE = {
    "canceled": ({"subscription": "canceled"}, "subscription_inactive"),
    "past_due": ({"subscription": "past_due"}, "subscription_inactive"),
    "not found": ({"status": "Not found"}, "entity_gone"),
    "removed": ({"status": "Deleted"}, "entity_removed"),
    "reconnect": ({"state": "reconnect needed"}, "reconnect_needed"),
}


def close_gate(connection: Connection, entity: str, **facts: str) -> None:
    changes = {
        "subscription": "update app.organisation set subscription = %s "
        "where id = (select organisation_id from app.entity where key = %s)",
        "status": "update app.entity set status = %s where key = %s",
        "state": "update app.integration set state = %s "
        "where id = (select integration_id from app.entity where key = %s)",
    }
    for name, value in facts.items():
        connection.execute(changes[name], [value, entity])


@pytest.mark.parametrize(("facts", "code"), GATE.values(), ids=GATE)
def test_the_gate_refuses_with_its_own_code(
    connection: Connection, entity: str, facts: dict[str, str], code: str
) -> None:
    asked = ask(connection, entity)
    close_gate(connection, entity, **facts)
    with pytest.raises(ImportProblem) as refused:
        ask(connection, entity)
    assert refused.value.code == code
    assert last_import(connection, entity)["outcome"] is None
    with pytest.raises(ImportProblem) as refused:
        take(connection, entity, "no tag")
    assert refused.value.code == code
    with pytest.raises(ImportProblem) as refused:
        take(connection, entity, "run", asked)
    assert refused.value.code == code
    (row,) = rows_of(connection, entity)
    assert (row["id"], row["outcome"], row["error_code"]) == (asked, "canceled", code)
    assert (row["started_at"], row["run_id"]) == (None, None)
    assert row["error_message"] == refused.value.message


def fail_another(connection: Connection, entity: str) -> None:
    """A run that nobody requested fails while a request waits."""
    failing = take(connection, entity, "another")
    assert outcome.finish(connection, failing, ProviderDown("down"))


@pytest.mark.parametrize("trigger", ["manual", "hook"])
def test_the_hour_after_a_failure_is_asked_again_when_the_run_starts(
    connection: Connection, entity: str, trigger: str
) -> None:
    asked = ask(connection, entity, trigger=trigger)
    fail_another(connection, entity)
    with pytest.raises(TooSoon) as refused:
        take(connection, entity, "run", asked)
    row = next(row for row in rows_of(connection, entity) if row["id"] == asked)
    assert (row["outcome"], row["started_at"], row["run_id"]) == ("canceled", None, None)
    assert (row["error_code"], row["error_message"]) == ("failed_recently", refused.value.message)


def test_the_nights_import_that_was_moved_to_the_front_is_not_bound_by_the_hour(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(provider="tryton")
    nights = ask(connection, entity, trigger="scheduled")
    connection.execute("update app.import set tick = now() where id = %s", [nights])
    assert ask(connection, entity, trigger="manual") == nights
    fail_another(connection, entity)
    assert take(connection, entity, "run", nights).import_id == nights


def test_an_unknown_entity_is_refused(connection: Connection) -> None:
    with pytest.raises(EntityGone) as refused:
        take(connection, "no-such-entity", "run")
    assert refused.value.code == "unknown_entity"


def test_a_failed_import_tells_why(connection: Connection, entity: str) -> None:
    claimed = start(connection, entity)
    assert outcome.finish(connection, claimed, ProviderDown("Odoo does not answer.", detail="503"))
    row = last_import(connection, entity)
    told = row["outcome"], row["error_code"], row["error_message"], row["error_detail"]
    assert told == ("failed", "provider_down", "Odoo does not answer.", "503")
    assert not outcome.finish(connection, claimed, None)
    assert last_import(connection, entity)["outcome"] == "failed"


def test_the_gate_answers_while_a_load_is_under_way(connection: Connection, entity: str) -> None:
    """A long import holds what it has written; whoever asks meanwhile hears that it runs."""
    claimed = start(connection, entity)
    written, go_on = threading.Event(), threading.Event()

    class Slow(Given):
        def changes(self) -> Any:  # noqa: ANN401
            written.set()
            assert go_on.wait(LONGEST_WAIT)
            yield Upsert([])

    def worker() -> object:
        with database.connect(autocommit=True) as own:
            return loader.load_transactions(own, claimed, [whole(SALE), Slow([])], Allowances())

    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(worker)
        try:
            assert written.wait(LONGEST_WAIT)
            connection.execute(f"set lock_timeout = '{LONGEST_WAIT}s'")
            for attempt in (lambda: ask(connection, entity), lambda: take(connection, entity, "second")):
                with pytest.raises(Refused) as refused:
                    attempt()
                assert refused.value.code == "already_running"
        finally:
            go_on.set()
        loading.result()
    load_more = upsert(SALE)
    assert outcome.finish(connection, claimed, None)
    assert load(connection, entity, load_more).counts["unchanged"] == 2
