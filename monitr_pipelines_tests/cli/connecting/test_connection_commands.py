"""`monitr connection`, `monitr entity add --connection`: tried out first, kept encrypted, never printed."""

import io
import socket
from collections.abc import Callable
from typing import Any

import pytest
from cli_kit import assert_sentence
from connecting_kit import PASSWORD, WRONG, adding
from provider_kit import NAME, REFUSAL, Toy

from monitr_pipelines import providers
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.registry.tokens import StoredTokens
from monitr_pipelines.warehouse.server.database import Connection


class Terminal(io.StringIO):
    """A standard input at which someone sits."""

    def isatty(self) -> bool:
        return True


def kept(connection: Connection) -> int:
    row = connection.execute("select count(*) as kept from app.integration").fetchone()
    assert row is not None
    return int(row["kept"])


# Adding


def test_a_connection_is_tried_out_and_kept_encrypted(
    connection: Connection, toy: Toy, organisation: str, type_in: Callable[..., Any], connected: int
) -> None:
    assert toy.asked == ["check", "administrations", "close"]
    assert StoredTokens(connected).read() == {"user": "an", "password": PASSWORD}
    row = connection.execute("select * from app.integration where id = %s", [connected]).fetchone()
    assert row is not None
    assert (row["provider"], row["state"]) == (NAME, "connected")
    assert PASSWORD.encode() not in bytes(row["credentials"])


def test_what_signing_in_made_of_the_credentials_is_kept(
    type_in: Callable[..., Any], organisation: str, toy: Toy
) -> None:
    toy.renewed = "token-of-one-use"
    answer = type_in(f"{PASSWORD}\r\n", *adding(organisation))
    assert StoredTokens(int(answer.out)).read() == {"user": "an", "password": "token-of-one-use"}


def test_of_several_organisations_one_must_be_named(
    type_in: Callable[..., Any], organisation: str, toy: Toy, connection: Connection
) -> None:
    before = kept(connection)
    assert type_in("", "org", "add", f"{organisation} too").code == 0
    answer = type_in(f"{PASSWORD}\n", "connection", "add", "--provider", NAME, "--set", "user=an")
    assert answer.code != 0
    assert "--org" in answer.err
    assert (kept(connection), toy.asked) == (before, [])


def test_a_secret_can_be_an_option_and_hold_the_sign(
    type_in: Callable[..., Any], organisation: str, toy: Toy
) -> None:
    toy.accepts = "a=b="
    answer = type_in("", *adding(organisation, "user=an", "password=a=b="))
    assert answer.code == 0, answer.err
    assert StoredTokens(int(answer.out)).read() == {"user": "an", "password": "a=b="}


def test_whoever_sits_at_a_terminal_is_asked_without_an_echo(
    monitr: Callable[..., Any], organisation: str, toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts: list[tuple[str, bool]] = []

    def prompt(title: str, *, hide_input: bool, err: bool) -> str:
        prompts.append((title, hide_input and err))
        return PASSWORD

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("typer.prompt", prompt)
    assert monitr(*adding(organisation)).code == 0
    assert prompts == [("Password", True)]


@pytest.mark.parametrize(
    ("typed", "fields", "sentence"),
    [
        (WRONG, ("user=an",), REFUSAL),
        ("", ("user=an",), "toy connects with user, password: password missing."),
        (PASSWORD, ("user=",), "toy connects with user, password: user missing."),
        (PASSWORD, ("user=an", "pin=1"), "toy connects with user, password: pin not known."),
        (PASSWORD, ("user",), "Write --set FIELD=VALUE."),
    ],
)
def test_what_does_not_work_is_not_kept(
    connection: Connection,
    type_in: Callable[..., Any],
    organisation: str,
    toy: Toy,
    *,
    typed: str,
    fields: tuple[str, ...],
    sentence: str,
) -> None:
    before = kept(connection)
    assert_sentence(type_in(f"{typed}\n", *adding(organisation, *fields)), 1, sentence)
    assert kept(connection) == before
    assert toy.asked == (["check", "close"] if typed == WRONG else [])


def test_an_address_that_nobody_answers_at_is_to_be_checked(
    connection: Connection, organisation: str, type_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_PROVIDER_NETWORKS", "127.0.0.0/8")
    monkeypatch.setattr("monitr_pipelines.providers.retries.sleep", lambda seconds: None)
    before = kept(connection)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"url=http://127.0.0.1:{nobody.getsockname()[1]}"
        fields = [
            part
            for field in (url, "database=d", "username=an", f"api_key={PASSWORD}")
            for part in ("--set", field)
        ]
        answer = type_in("", "connection", "add", "--org", organisation, "--provider", "odoo", *fields)
    assert_sentence(answer, 1, "Odoo does not answer. Check the address, or try again in a few minutes.")
    assert kept(connection) == before


def test_a_token_is_not_spent_for_an_organisation_that_is_none(type_in: Callable[..., Any], toy: Toy) -> None:
    assert_sentence(type_in(PASSWORD, *adding("Nobody")), 1, "There is no organisation 'Nobody'.")
    assert toy.asked == []


def test_a_software_without_connector_is_told_what_there_is(
    type_in: Callable[..., Any], organisation: str, toy: Toy
) -> None:
    for name in ("toys", "file"):
        answer = type_in(PASSWORD, "connection", "add", "--org", organisation, "--provider", name)
        there_are = ", ".join(providers.connectors())
        assert NAME in there_are
        assert_sentence(answer, 1, f"There is no connector {name!r}; there is {there_are}.")


# Looking


def test_connections_are_listed_without_their_credentials(
    type_in: Callable[..., Any], organisation: str, connected: int
) -> None:
    row = next(row for row in type_in("", "connection", "list", "--json").json if row["id"] == connected)
    for name in ("connected_at", "state_since", "administrations_read_at", "used_at", "organisation_id"):
        assert row.pop(name)
    assert row.pop("connected_by")
    assert row == {
        "id": connected,
        "organisation": organisation,
        "provider": NAME,
        "label": "an",
        "state": "connected",
        "reading": False,
        "entities": 0,
        "importing": 0,
    }
    assert organisation in type_in("", "connection", "list").out


def test_a_long_label_leaves_room_for_the_organisation(
    type_in: Callable[..., Any], connection: Connection, organisation: str, connected: int
) -> None:
    connection.execute(
        "update app.integration set label = %s where id = %s", [f"{'accounting ' * 20}server", connected]
    )
    assert organisation in type_in("", "connection", "list").out


def test_administrations_are_those_of_the_software(type_in: Callable[..., Any], connected: int) -> None:
    assert type_in("", "connection", "administrations", connected, "--json").json == [
        {"id": "A1", "name": "Bakkerij Peeters", "currency": "USD"},
        {"id": "A2", "name": "Garage [Janssens]", "currency": "EUR"},
    ]
    assert "Garage [Janssens]" in type_in("", "connection", "administrations", connected).out


def test_a_connection_is_tested_with_what_is_stored(
    type_in: Callable[..., Any], toy: Toy, connected: int
) -> None:
    answer = type_in("", "connection", "test", connected)
    assert (answer.code, answer.out) == (0, "")
    assert "can see 2 administrations" in answer.err
    toy.accepts = "changed elsewhere"
    assert_sentence(type_in("", "connection", "test", connected), 1, REFUSAL)


@pytest.mark.parametrize("verb", ["administrations", "test", "reconnect"])
def test_an_unknown_connection_is_a_sentence(type_in: Callable[..., Any], toy: Toy, verb: str) -> None:
    answer = type_in(PASSWORD, "connection", verb, 999_999_999)
    assert_sentence(answer, 1, "There is no connection 999999999. `monitr connection list` shows them.")


# Entities


def test_an_entity_takes_what_the_software_knows_of_it(
    connection: Connection, type_in: Callable[..., Any], organisation: str, connected: int
) -> None:
    answer = type_in(
        "", "entity", "add", "--org", organisation, "--connection", connected, "--administration", "A1"
    )
    assert answer.code == 0, answer.err
    key = answer.out.strip()
    assert key.endswith("-bakkerij-peeters")
    row = connection.execute("select * from app.entity where key = %s", [key]).fetchone() or {}
    assert (row["name"], row["currency"], row["fiscal_year_start"]) == ("Bakkerij Peeters", "USD", 7)
    assert (row["integration_id"], row["administration"], row["country"]) == (connected, "A1", "BE")
    imports = connection.execute(
        "select trigger, started_at from app.import where entity_id = %s", [row["id"]]
    ).fetchall()
    assert imports == [{"trigger": "first", "started_at": None}]
    assert entities.find(connection, key).provider == NAME
    listed = type_in("", "connection", "list", "--json").json
    assert [each["entities"] for each in listed if each["id"] == connected] == [1]


def test_what_the_command_says_goes_before_what_the_software_knows(
    connection: Connection, type_in: Callable[..., Any], organisation: str, connected: int
) -> None:
    answer = type_in(
        *("", "entity", "add", "--org", organisation, "--connection", connected, "--administration", "A1"),
        *("--name", "Peeters", "--currency", "gbp", "--fiscal-year-start", 4),
    )
    row = connection.execute("select * from app.entity where key = %s", [answer.out.strip()]).fetchone() or {}
    assert (row["name"], row["currency"], row["fiscal_year_start"]) == ("Peeters", "GBP", 4)


def test_an_entity_of_no_connection_or_administration_is_refused(
    connection: Connection,
    type_in: Callable[..., Any],
    make_organisation: Callable[[], str],
    organisation: str,
    connected: int,
) -> None:
    def add(owner: str, number: int, *options: str) -> Any:  # noqa: ANN401 - what the root conftest answers
        return type_in("", "entity", "add", "--org", owner, "--connection", number, *options)

    a1 = ("--administration", "A1")
    assert_sentence(
        add(make_organisation(), connected, *a1),
        1,
        f"Connection {connected} is not one of this organisation.",
    )
    assert_sentence(add(organisation, 999_999_999, *a1), 1, "There is no connection 999999999.")
    assert_sentence(add(organisation, connected), 1, "Say which --administration;")
    assert_sentence(
        add(organisation, connected, "--administration", "A9"),
        1,
        f"Connection {connected} does not see an administration 'A9'.",
    )
    rows = connection.execute("select from app.entity where integration_id = %s", [connected]).fetchall()
    assert rows == []
