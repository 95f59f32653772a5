"""Connections that are there: connected again, chosen from, removed; what the history tells of them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cli_kit import assert_sentence
from connecting_kit import PASSWORD, WRONG
from provider_kit import REFUSAL, Toy

from monitr_pipelines.warehouse.queue.gate import lock_entity
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.registry.tokens import StoredTokens
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.providers.exact.exact_kit import APPLICATION, CANARY, running

# Connecting again


@pytest.fixture
def broken(
    connection: Connection, type_in: Callable[..., Any], organisation: str, connected: int, toy: Toy
) -> str:
    """An entity whose connection no longer works: someone changed the password in the software."""
    added = type_in(
        "", "entity", "add", "--org", organisation, "--connection", connected, "--administration", "A1"
    )
    key = str(added.out.strip())
    toy.accepts = "changed-horse-8c1f"
    entities.mark_reconnect_needed(connection, entities.find(connection, key).id)
    toy.asked.clear()
    return key


def test_connecting_again_keeps_entities_and_lets_imports_go_on(
    connection: Connection, type_in: Callable[..., Any], connected: int, toy: Toy, broken: str
) -> None:
    before = lock_entity(connection, broken)
    answer = type_in(f"{toy.accepts}\n", "connection", "reconnect", connected, "--set", "user=bo")
    assert (answer.code, answer.out) == (0, "")
    assert f"Connection {connected} works: its imports go on." in answer.err
    assert toy.accepts not in answer.err
    assert StoredTokens(connected).read() == {"user": "bo", "password": toy.accepts}
    after = lock_entity(connection, broken)
    assert (before["connection"], after["connection"]) == ("reconnect needed", "connected")
    assert {**before, "connection": ""} == {**after, "connection": ""}


def test_connecting_again_with_what_does_not_work_changes_nothing(
    connection: Connection, type_in: Callable[..., Any], connected: int, toy: Toy, broken: str
) -> None:
    before = connection.execute("select * from app.integration where id = %s", [connected]).fetchone()
    for typed, fields, sentence in (
        (WRONG, "user=an", REFUSAL),
        (toy.accepts, "login=an", "toy connects with user, password: user missing."),
    ):
        answer = type_in(typed, "connection", "reconnect", connected, "--set", fields)
        assert_sentence(answer, 1, sentence)
    after = connection.execute("select * from app.integration where id = %s", [connected]).fetchone()
    assert after == before


# Software that signs people in on its own page


def test_who_has_a_refresh_token_connects_with_it(
    type_in: Callable[..., Any], organisation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered = {"exact": {"id": APPLICATION.id, "secret": APPLICATION.secret}}
    monkeypatch.setenv("MONITR_OAUTH_APPLICATIONS", json.dumps(registered))
    with running() as exact:
        token = exact.grant()["refresh"]
        fields = ("--set", "country=be", "--set", f"url={exact.address}")
        command = ("connection", "add", "--org", organisation, "--provider", "exact", *fields)
        answer = type_in(f"{token}\n", *command)
        assert (answer.code, answer.err) == (0, "")
        assert exact.used == {token: 1}
        assert StoredTokens(int(answer.out)).read()["refresh_token"] == exact.tokens["refresh"]
        again = type_in(f"{token}\n", *command)
        assert again.code != 0
        assert CANARY not in again.out + again.err


# Choosing and removing


def test_administrations_are_chosen_and_stopped(
    connection: Connection, type_in: Callable[..., Any], connected: int
) -> None:
    chosen = type_in("", "administrations", connected, "--first", "A1", "--import", "A2", "--json")
    assert chosen.code == 0, chosen.err
    told = {row["id"]: row for row in chosen.json}
    assert {row["choice"] for row in told.values()} == {"first", "normal"}
    key = told["A1"]["entity"]
    imports = connection.execute(
        "select trigger, import.priority from app.import inner join app.entity on entity.id = entity_id "
        "where key = %s",
        [key],
    ).fetchall()
    assert imports == [{"trigger": "first", "priority": -4}]
    stopped = {
        row["id"]: row for row in type_in("", "administrations", connected, "--stop", "A1", "--json").json
    }
    assert (stopped["A1"]["entity"], stopped["A1"]["status"]) == (key, "Not importing")
    assert_sentence(
        type_in("", "administrations", connected, "--import", "A9"), 1, "sees no administration 'A9'"
    )


def test_a_connection_is_removed_and_connected_again(
    connection: Connection, type_in: Callable[..., Any], organisation: str, connected: int
) -> None:
    asked = type_in("", "connection", "remove", connected)
    assert_sentence(asked, 1, "Nobody can be asked here: say --yes.")
    removed = type_in("", "connection", "remove", connected, "--yes")
    assert (removed.code, removed.out) == (0, "")
    assert_sentence(type_in("", "connection", "test", connected), 1, "No credentials are stored.")
    assert_sentence(type_in("", "connection", "remove", connected, "--yes"), 1, "There is no connection")
    again = type_in(f"{PASSWORD}\n", "connection", "reconnect", connected, "--set", "user=an")
    assert again.code == 0, again.err
    changes = type_in("", "connection", "changes", "--org", organisation, "--json").json
    *of_it, added = changes
    assert [row["action"] for row in of_it] == ["reconnected", "connection removed", "connected"]
    assert {row["subject"] for row in of_it} == {"Toy (an)"}
    assert (added["action"], added["subject"]) == ("organisation added", organisation)


def test_the_history_of_an_entity_is_told(
    monitr: Callable[..., Any], type_in: Callable[..., Any], connected: int
) -> None:
    (row, *_) = type_in("", "administrations", connected, "--import", "A1", "--json").json
    (past,) = monitr("history", row["entity"], "--json").json
    assert (past["trigger"], past["outcome"], past["error"]) == ("first", "waiting", None)
    assert "first" in monitr("history", row["entity"]).out
    assert_sentence(monitr("history", "nothing"), 1, "There is no entity 'nothing'.")
