"""Many at once: one import a message, one waiting and one running import an entity."""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from common_kit import cancel_waiting
from hook_kit import Sender, Web, code_of, imports_of, new_id, run_of
from process_kit import LONGEST_WAIT

from monitr_pipelines import providers
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.warehouse.queue import claims, requests
from monitr_pipelines.warehouse.queue.nightly import write_night
from monitr_pipelines.warehouse.queue.outcome import finish
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

SENDERS = 20
AT_ONCE = 500
FIRST_TICK = datetime(2031, 1, 1, tzinfo=UTC)
TRIGGERS = (
    "hook",
    "manual",
    "scheduled",
    "file",
    "cli",
    "dagster",
    "first",
    "reactivated",
    "reconnected",
    "again",
)


def test_twenty_senders_of_one_message_ask_for_one_import(
    new_sender: Callable[..., Sender], connection: Connection
) -> None:
    programs = [new_sender() for _ in range(3)]
    message_id = new_id()  # the same for each organisation: it is unique within one
    together = threading.Barrier(SENDERS * len(programs))

    def send(program: Sender) -> tuple[int, str]:
        together.wait(LONGEST_WAIT)
        answer = program.ask(message_id=message_id)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(SENDERS * len(programs)) as pool:
        told = list(pool.map(send, programs * SENDERS))
    for program in programs:
        (waiting,) = imports_of(connection, program.entities[0])
        answer = json.dumps({"import": waiting["id"], "entity": program.entities[0]}, separators=(",", ":"))
        assert Counter(told)[202, answer] == SENDERS


def test_senders_of_one_id_with_different_bodies_are_told(
    new_sender: Callable[..., Sender], connection: Connection
) -> None:
    program = new_sender(entities=5)
    message_id = new_id()
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda entity: program.ask(entity, message_id), program.entities))
    assert Counter(answer.status_code for answer in answers) == {202: 1, 422: 4}
    assert {code_of(answer) for answer in answers if answer.status_code == 422} == {"id_used_before"}
    assert sum(len(imports_of(connection, entity)) for entity in program.entities) == 1


def test_a_repeat_hears_the_same_also_when_the_import_has_run_since(
    sender: Sender, connection: Connection
) -> None:
    message_id = new_id()
    first = sender.ask(message_id=message_id)
    running = run_of(connection, sender.entities[0], first.json()["import"])
    assert sender.ask(message_id=message_id).content == first.content, "while it runs"
    finish(connection, running, ImportProblem("It broke."))
    assert sender.ask(message_id=message_id).content == first.content, "within an hour of the failure"
    connection.execute(
        "update app.organisation set subscription = 'canceled' where id = %s", [sender.organisation_id]
    )
    assert sender.ask(message_id=message_id).content == first.content, "without a subscription"
    assert len(imports_of(connection, sender.entities[0])) == 1


def test_a_sender_that_never_read_the_answer_repeats_it_unharmed(
    sender: Sender, web: Web, connection: Connection
) -> None:
    message_id = new_id()
    body = json.dumps({"entity": sender.entities[0]}).encode()
    headers = sender.headers(body, message_id)
    connection.execute("listen monitr_import")
    with (
        httpx2.Client(base_url=web.url) as leaving,
        leaving.stream("POST", "/hooks/imports", content=body, headers=headers),
    ):
        pass
    told = next(connection.notifies(timeout=LONGEST_WAIT, stop_after=1))
    connection.execute("unlisten monitr_import")
    repeated = sender.ask(message_id=message_id)
    assert repeated.json()["import"] == json.loads(told.payload)["import"]
    assert len(imports_of(connection, sender.entities[0])) == 1


@pytest.fixture
def _others_left_alone(connection: Connection) -> Iterator[None]:
    """What a tick asks of the entities of other tests is canceled."""
    yield
    cancel_waiting(connection)


def ask_within(connection: Connection, entity: str, trigger: str, nth: int) -> str:
    """Ask as the trigger does in production; the answer."""
    if trigger == "scheduled":
        tick = FIRST_TICK + timedelta(minutes=nth)
        night = write_night(connection, tick, now=datetime.now(UTC), importable=providers.names())
        return "accepted" if night and entity in night.due else "waiting already"
    if trigger == "dagster":
        run = claims.claim(
            connection, entity, run_id=f"{entity} asked {nth}", import_id=None, trigger=trigger
        )
        assert finish(connection, run, None)
    else:
        requests.request(connection, entity, trigger=trigger, requested_by="a test")
    return "accepted"


@pytest.mark.usefixtures("_others_left_alone")
def test_500_requests_of_all_triggers_leave_one_waiting_and_one_running_an_entity(
    new_sender: Callable[..., Sender],
) -> None:
    program = new_sender(entities=4)
    ended, looked = threading.Event(), Counter[str]()
    together, connections = threading.Barrier(AT_ONCE), threading.Semaphore(20)

    def ask(nth: int) -> str:
        entity, trigger = program.entities[nth % 4], TRIGGERS[nth % len(TRIGGERS)]
        together.wait(LONGEST_WAIT)
        if trigger == "hook":
            answer = program.ask(entity)
            return "accepted" if answer.status_code == 202 else code_of(answer)
        try:
            with connections, database.connect(autocommit=True) as opened:
                return ask_within(opened, entity, trigger, nth)
        except ImportProblem as refused:
            return refused.code

    def work(seed: int) -> int:
        chance, done = random.Random(seed), 0  # noqa: S311 - no secret
        with database.connect(autocommit=True) as opened:
            while not ended.is_set():
                entity = chance.choice(program.entities)
                waiting = [row["id"] for row in imports_of(opened, entity) if row["run_id"] is None]
                try:
                    running = run_of(opened, entity, waiting[-1] if waiting else None)
                except ImportProblem:
                    continue
                looked.update([soundness(opened, entity)])
                done += finish(opened, running, None)
        return done

    def watch() -> None:
        with database.connect(autocommit=True) as opened:
            while not ended.is_set():
                looked.update(soundness(opened, entity) for entity in program.entities)

    with ThreadPoolExecutor(3) as workers, ThreadPoolExecutor(AT_ONCE) as askers:
        working = [workers.submit(work, seed) for seed in range(2)]
        watching = workers.submit(watch)
        try:
            answers = Counter(askers.map(ask, range(AT_ONCE)))
        finally:
            ended.set()
        watching.result(LONGEST_WAIT)
        assert sum(future.result(LONGEST_WAIT) for future in working) > 0
    assert set(looked) == {"at most one of each"}
    assert set(answers) <= {"accepted", "already_running", "waiting already"}
    assert answers["accepted"] > 0


def soundness(connection: Connection, entity: str) -> str:
    """Whether an entity has more than one waiting or running import, now."""
    row = connection.execute(
        """
        select
            count(*) filter (where started_at is null) <= 1
            and count(*) filter (where started_at is not null) <= 1 as sound
        from app.import
        where finished_at is null and entity_id = (select id from app.entity where key = %s)
        """,
        [entity],
    ).fetchone()
    assert row
    return "at most one of each" if row["sound"] else "several"
