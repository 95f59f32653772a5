"""Connections that nobody uses are tried out before their credentials end of it."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from provider_kit import PROVIDER, Toy, connection_of

from monitr_pipelines.importing import keep_alive
from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.providers.contract import Ports
from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.registry.tokens import StoredTokens
from monitr_pipelines.warehouse.server.database import Connection

REST = timedelta(days=30)
GIVEN = {"user": "an", "password": "canary-rests"}


@dataclass
class Resting:
    """A toy whose tokens end of rest, and one connection to it."""

    connection: Connection
    toy: Toy
    id: int
    asked: list[str] = field(default_factory=list)

    def rested(self, days: int) -> None:
        self.connection.execute(
            "update app.integration set renewed_at = now() - %s where id = %s",
            [timedelta(days=days), self.id],
        )

    def facts(self) -> dict[str, object]:
        row = self.connection.execute(
            """
            select
                state,
                now() - renewed_at < interval '1 hour' as renewed,
                looked_after_at is not null as tried
            from app.integration where id = %s
            """,
            [self.id],
        ).fetchone()
        assert row is not None
        return row


@pytest.fixture
def resting(
    connection: Connection, make_entity: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Resting]:
    toy = Toy(accepts=GIVEN["password"])
    provider = replace(PROVIDER, connect=toy.connect, longest_rest=REST)
    lazy = replace(PROVIDER, name="lazy", longest_rest=None)
    known = {"toy": provider, "lazy": lazy}
    monkeypatch.setattr(
        keep_alive, "providers", SimpleNamespace(connectors=lambda: tuple(known), find=known.__getitem__)
    )
    number = connection_of(connection, make_entity(provider="toy"))
    connections.store(connection, number, GIVEN)
    yield Resting(connection, toy, number, toy.asked)
    connection.execute("update app.integration set credentials = null where id = %s", [number])


@pytest.mark.parametrize(("days", "tried"), [(0, 0), (9, 0), (11, 1)])
def test_one_is_tried_out_after_a_third_of_the_time(resting: Resting, days: int, tried: int) -> None:
    resting.rested(days)
    assert keep_alive.look() == tried
    assert resting.asked == ["check", "close"] * tried


def test_it_is_renewed_through_the_stored_tokens(resting: Resting) -> None:
    resting.rested(11)
    resting.toy.renewed = "canary-renewed"
    assert keep_alive.look() == 1
    assert StoredTokens(resting.id).read()["password"] == resting.toy.accepts
    assert resting.facts() == {"state": "connected", "renewed": True, "tried": True}
    assert keep_alive.look() == 0


def test_one_is_tried_out_once_a_day(resting: Resting) -> None:
    resting.rested(11)
    assert [keep_alive.look() for _ in range(3)] == [1, 0, 0]
    resting.connection.execute(
        "update app.integration set looked_after_at = now() - interval '25 hours' where id = %s", [resting.id]
    )
    assert keep_alive.look() == 1


def test_one_that_ended_all_the_same_needs_a_person(
    resting: Resting, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    resting.rested(40)
    resting.toy.accepts = "another"
    assert keep_alive.look() == 1
    assert resting.facts()["state"] == "reconnect needed"
    assert "canary" not in caplog.text
    assert keep_alive.look() == 0


def test_a_person_who_connected_meanwhile_is_not_undone(
    resting: Resting, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting.rested(40)
    resting.toy.accepts = "another"
    sign_in = resting.toy.connect

    def connect(administration: str | None, ports: Ports) -> object:
        source = sign_in(administration, ports)
        connections.store(resting.connection, resting.id, GIVEN)
        return source

    toy = replace(keep_alive.providers.find("toy"), connect=connect)
    monkeypatch.setattr(keep_alive.providers, "find", lambda name: toy)
    monkeypatch.setattr(keep_alive.providers, "connectors", lambda: ("toy",))
    assert keep_alive.look() == 1
    assert resting.facts()["state"] == "connected"


def test_a_software_that_is_away_is_tried_out_another_day(
    resting: Resting, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting.rested(11)

    def away(administration: str | None, ports: Ports) -> object:
        raise ProviderDown("It does not answer.")

    toy = replace(keep_alive.providers.find("toy"), connect=away)
    monkeypatch.setattr(keep_alive.providers, "find", lambda name: toy)
    monkeypatch.setattr(keep_alive.providers, "connectors", lambda: ("toy",))
    assert keep_alive.look() == 1
    assert resting.facts() == {"state": "connected", "renewed": False, "tried": True}
