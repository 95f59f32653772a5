"""What `POST /hooks/imports` answers, and what it leaves in the database."""

from collections.abc import Callable
from datetime import timedelta

import httpx2
import pytest
from hook_kit import Sender, Web, code_of, imports_of, new_id, run_of

from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.warehouse.queue.outcome import finish
from monitr_pipelines.warehouse.registry import removal
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.hook.rate_limit import RateLimit


def test_a_signed_request_is_accepted_and_waits(sender: Sender, connection: Connection) -> None:
    answer = sender.ask(mode="full")
    assert answer.status_code == 202
    (waiting,) = imports_of(connection, sender.entities[0])
    assert answer.json() == {"import": waiting["id"], "entity": sender.entities[0]}
    assert (waiting["trigger"], waiting["mode"], waiting["started_at"]) == ("hook", "full", None)
    assert str(sender.key_id) in waiting["requested_by"]


def test_a_request_while_a_scheduled_import_waits_moves_it_to_the_front(
    sender: Sender, connection: Connection
) -> None:
    row = connection.execute(
        """
        insert into app.import (entity_id, trigger, priority)
        select id, 'scheduled', -10 from app.entity where key = %s returning id
        """,
        [sender.entities[0]],
    ).fetchone()
    assert row
    assert sender.ask().json()["import"] == row["id"]
    (waiting,) = imports_of(connection, sender.entities[0])
    assert (waiting["trigger"], waiting["priority"]) == ("hook", 10)


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("subscription = 'canceled'", 402, "subscription_inactive"),
        ("subscription = 'past_due'", 402, "subscription_inactive"),
        ("subscription_read_at = now() - interval '73 hours'", 402, "subscription_unknown"),
    ],
)
def test_a_lapsed_organisation_is_refused(
    sender: Sender, connection: Connection, state: str, status: int, code: str
) -> None:
    connection.execute(f"update app.organisation set {state} where id = {sender.organisation_id}")  # noqa: S608
    answer = sender.ask()
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert imports_of(connection, sender.entities[0]) == []


def test_a_disconnected_entity_and_one_that_is_gone_are_told_apart(
    sender: Sender, connection: Connection
) -> None:
    connection.execute(
        "update app.integration set state = 'reconnect needed' where organisation_id = %s",
        [sender.organisation_id],
    )
    answer = sender.ask()
    assert (answer.status_code, code_of(answer)) == (409, "reconnect_needed")
    connection.execute("update app.entity set status = 'Not found' where key = %s", [sender.entities[0]])
    answer = sender.ask()
    assert (answer.status_code, code_of(answer)) == (409, "entity_gone")


def test_an_entity_that_was_removed_is_answered_as_an_unknown_one(
    sender: Sender, connection: Connection
) -> None:
    removed, message_id = sender.entities[0], new_id()
    assert sender.ask(removed, message_id).status_code == 202
    removal.remove(connection, removed, "An")
    unknown = sender.ask("nobody")
    for answer in (sender.ask(removed), sender.ask(removed, message_id)):
        assert answer.status_code == unknown.status_code == 404
        assert answer.text == unknown.text.replace("nobody", removed)
    assert code_of(sender.ask("nobody", message_id)) == "id_used_before"
    removal.restore(connection, removed)
    assert sender.ask(removed).status_code == 202


def test_a_running_import_refuses_and_its_end_allows(sender: Sender, connection: Connection) -> None:
    running = run_of(connection, sender.entities[0])
    message_id = new_id()
    answer = sender.ask(message_id=message_id)
    assert (answer.status_code, code_of(answer)) == (409, "already_running")
    finish(connection, running, None)
    assert sender.ask(message_id=message_id).status_code == 202, "a refusal is not remembered"


def test_within_an_hour_of_a_failure_the_answer_says_when(
    sender: Sender, connection: Connection, web: Web
) -> None:
    finish(connection, run_of(connection, sender.entities[0]), OurFault("It broke."))
    answer = sender.ask()
    assert (answer.status_code, code_of(answer)) == (429, "failed_recently")
    wait = int(answer.headers["retry-after"])
    assert 3590 <= wait <= 3600
    web.clock.ahead = timedelta(seconds=wait - 30)
    assert sender.ask().status_code == 429
    web.clock.ahead = timedelta(seconds=wait)
    assert sender.ask().status_code == 202


def test_an_entity_of_another_tenant_and_none_cannot_be_told_apart(
    new_sender: Callable[..., Sender], connection: Connection
) -> None:
    mine, theirs = new_sender(), new_sender()
    other = theirs.entities[0]
    foreign, unknown = mine.ask(other), mine.ask("no-such-entity")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text.replace(other, "KEY") == unknown.text.replace("no-such-entity", "KEY")
    assert foreign.headers.keys() == unknown.headers.keys()
    assert imports_of(connection, other) == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed_json"),
        (b"{", 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b'{"entity": "\\ud800"}', 400, "malformed_json"),
        (b"[" * 10_000, 400, "malformed_json"),
        (b"{}", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'"entity"', 422, "invalid"),
        (b'{"entity": 7}', 422, "invalid"),
        (b'{"entity": null}', 422, "invalid"),
        (b'{"entity": ""}', 422, "invalid"),
        (b'{"entity": "a\\u0000b"}', 422, "invalid"),
        (b'{"entity": "a b"}', 422, "invalid"),
        (b'{"entity": "a\\n"}', 422, "invalid"),
        (b'{"entity": "' + b"a" * 201 + b'"}', 422, "invalid"),
        (b'{"entity": "a", "mode": "half"}', 422, "invalid"),
        (b'{"entity": "a", "more": 1}', 422, "invalid"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_signed_body_that_is_not_as_expected(sender: Sender, body: bytes, status: int, code: str) -> None:
    answer = sender.post(body, sender.headers(body) if body != b"\xff\xfe" else sender.headers(b"{}"))
    assert (answer.status_code, code_of(answer)) == (status, code)


@pytest.mark.parametrize(
    "declared", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"]
)
def test_only_json_is_taken(sender: Sender, declared: str) -> None:
    body = b'{"entity": "a"}'
    answer = sender.post(body, sender.headers(body, content_type=declared))
    assert (answer.status_code, code_of(answer)) == (415, "not_json")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/hooks/imports", 405, "method_not_allowed"),
        ("DELETE", "/metrics", 405, "method_not_allowed"),
        ("GET", "/hooks/nothing", 404, "not_found"),
        ("GET", "/docs", 404, "not_found"),
    ],
)
def test_other_requests_are_refused_in_the_same_shape(
    client: httpx2.Client, method: str, path: str, status: int, code: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_key_that_asks_too_often_is_told_how_long_to_wait(
    sender: Sender, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.app.state.rate_limit, "_per_minute", 2)
    assert [sender.ask().status_code for _ in range(2)] == [202, 202]
    answer = sender.ask()
    assert (answer.status_code, code_of(answer)) == (429, "too_many_requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 30


def test_requests_may_come_at_once_or_evenly() -> None:
    now = [0.0]
    limit = RateLimit(60, clock=lambda: now[0])
    assert [limit.wait(1) for _ in range(60)] == [0] * 60
    assert limit.wait(1) == 1
    assert limit.wait(2) == 0, "each key has a limit of its own"
    now[0] = 0.9
    assert limit.wait(1) == 1
    now[0] = 1.0
    assert (limit.wait(1), limit.wait(1)) == (0, 1)
    now[0] = 3600.0
    assert [limit.wait(1) for _ in range(61)] == [0] * 60 + [1]


def test_without_the_database_the_answer_is_to_try_again(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_WEB_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setattr("monitr_pipelines.warehouse.server.tenancy.CHECKOUT_SECONDS", 1)
    for answer in (sender.ask(), sender.client.get("/health/ready"), sender.client.get("/metrics")):
        assert (answer.status_code, code_of(answer)) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
    assert sender.client.get("/health/live").json() == {"status": "alive"}
