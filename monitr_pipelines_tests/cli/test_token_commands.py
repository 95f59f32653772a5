"""`monitr token`: made once, listed without its secret, revoked."""

from collections.abc import Callable
from typing import Any

import pytest

from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.warehouse.server.database import Connection


@pytest.fixture
def organisation(connection: Connection, make_entity: Callable[..., str]) -> str:
    row = connection.execute(
        "select o.name from app.organisation as o inner join app.entity as e on o.id = e.organisation_id "
        "where e.key = %s",
        [make_entity()],
    ).fetchone()
    assert row
    return str(row["name"])


def valid(token: str) -> bool:
    with tenancy.as_nobody() as nobody:
        found = nobody.execute("select from app.use_access_token(%s)", [access_tokens.digest(token)])
        return found.fetchone() is not None


def test_a_token_is_told_once_and_can_be_revoked(monitr: Callable[..., Any], organisation: str) -> None:
    made = monitr("token", "create", "--org", organisation, "--person", "An Peeters", "--json").json
    assert set(made) == {"id", "token"}
    assert valid(made["token"])
    listed = monitr("token", "list", "--json")
    row = next(row for row in listed.json if row["id"] == made["id"])
    assert (row["organisation"], row["person"], row["kind"]) == (organisation, "An Peeters", "token")
    assert made["token"] not in listed.out
    assert monitr("token", "revoke", made["id"]).code == 0
    assert not valid(made["token"])


@pytest.mark.parametrize("role", Role)
def test_a_token_carries_a_role(monitr: Callable[..., Any], organisation: str, role: Role) -> None:
    made = monitr("token", "create", "--org", organisation, "--role", role, "--json").json
    rows = {row["id"]: row for row in monitr("token", "list", "--json").json}
    assert rows[made["id"]]["role"] == role
    assert [other for other in Role if role.may(other)] == list(Role)[: list(Role).index(role) + 1]


def test_a_role_that_is_none_is_refused(monitr: Callable[..., Any], organisation: str) -> None:
    refused = monitr("token", "create", "--org", organisation, "--role", "owner")
    assert refused.code == 2
    assert "reader" in refused.err


def test_a_link_is_an_address_of_the_page_and_is_valid_once(
    monitr: Callable[..., Any], organisation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_PUBLIC_URL", "https://monitr.example/")
    link = monitr("token", "create", "--org", organisation, "--link").out.strip()
    address, _, secret = link.rpartition("/")
    assert address == "https://monitr.example/sign-in"
    assert valid(secret)
    assert not valid(secret)


def test_a_wrong_organisation_or_id_is_a_sentence(monitr: Callable[..., Any], home: object) -> None:
    assert "no organisation 'Nobody'" in monitr("token", "create", "--org", "Nobody").err
    refused = monitr("token", "revoke", 999_999_999)
    assert refused.code == 1
    assert "no token 999999999" in refused.err


def test_a_wrong_port_is_told_before_the_token_is_made(
    monitr: Callable[..., Any], organisation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_HOOK_PORT", "abc")
    said = monitr("token", "create", "--org", organisation, "--link")
    assert (said.code, said.out) == (1, "")
    assert "MONITR_HOOK_PORT must be a number from 1 to 65535, not 'abc'." in said.err
    assert organisation not in monitr("token", "list", "--json").out


def test_whoever_the_machine_does_not_know_is_unknown(
    monitr: Callable[..., Any], organisation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", unknown)
    assert monitr("token", "create", "--org", organisation).code == 0
    rows = monitr("token", "list", "--json").json
    assert [row["person"] for row in rows if row["organisation"] == organisation] == ["unknown"]
