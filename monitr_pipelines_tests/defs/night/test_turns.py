"""Whose turn it is in a night of thousands: organisations share, connections have limits, nothing twice."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.providers import names
from monitr_pipelines.reconciler import waiting
from monitr_pipelines.reconciler.decisions import Waiting
from monitr_pipelines.reconciler.shares import Share, Shares
from monitr_pipelines.warehouse.queue import claims, nightly, outcome, requests
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server.database import Connection

MIDNIGHT = datetime(2026, 11, 30, 23, tzinfo=UTC)
ORGANISATION = """
with organisation as (
    insert into app.organisation (name) values (%(name)s) returning id
),

connections as (
    insert into app.integration (organisation_id, provider)
    select id, %(provider)s from organisation cross join generate_series(1, %(connections)s)
    returning id, organisation_id
),

numbered as (select *, row_number() over (order by id) as position from connections)

insert into app.entity (key, organisation_id, integration_id, name, priority)
select %(name)s || '-' || number, organisation_id, numbered.id, 'Company', %(priority)s
from generate_series(1, %(entities)s) as number
inner join numbered on numbered.position = 1 + number %% %(connections)s
"""


@pytest.fixture
def night(connection: Connection) -> Connection:
    """A night of whom the test adds; of others nothing is due."""
    connection.execute("update app.entity set status = 'Not importing' where status = 'Active'")
    connection.execute(
        "update app.import set finished_at = now(), outcome = 'canceled' where finished_at is null"
    )
    connection.execute("delete from app.night")
    return connection


def add(connection: Connection, name: str, entities: int, **others: object) -> str:
    told = {"provider": "tryton", "connections": 1, "priority": 0, **others}
    owner = f"{name}-{uuid4()}"
    connection.execute(ORGANISATION, {"name": owner, "entities": entities, **told})
    return owner


def begin(connection: Connection, tick: datetime = MIDNIGHT) -> int:
    written = nightly.write_night(connection, tick, now=datetime.now(UTC), importable=names())
    assert written is not None
    return len(written.due)


class Workers:
    """The launches of a reconciler, and workers that import what is launched, the longest first to end."""

    def __init__(self, connection: Connection, places: int) -> None:
        self.connection, self.places = connection, places
        self.shares = Shares()
        self.running: list[Claim] = []
        self.launched: list[Waiting] = []

    def fill(self) -> None:
        """Launch what has its turn, as far as there are places."""
        while len(self.running) < self.places:
            found = waiting.pressing(self.connection, self.places - len(self.running), self.shares.ahead())
            if not found:
                return
            for each in found:
                assert waiting.claim(self.connection, each)
                self.shares.took(requests.level_of(each.priority), each.organisation_id)
                self.launched.append(each)
                self.running.append(
                    claims.claim(
                        self.connection,
                        each.entity_key,
                        run_id=str(uuid4()),
                        import_id=each.id,
                        trigger="scheduled",
                    )
                )

    def end(self, number: int) -> None:
        for _ in range(number):
            assert outcome.finish(self.connection, self.running.pop(0), None)

    def until_idle(self) -> None:
        self.fill()
        while self.running:
            self.end(1)
            self.fill()


def owners(launched: list[Waiting]) -> list[str]:
    return [each.entity_key.split("-")[0] for each in launched]


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections and software without limits."""
    monkeypatch.setenv("MONITR_CONNECTION_IMPORTS", "100000")
    monkeypatch.setenv("MONITR_PROVIDER_IMPORTS", "100000")


@pytest.mark.usefixtures("free")
def test_a_firm_of_two_thousand_does_not_starve_one_of_three(night: Connection) -> None:
    add(night, "large", 2_000, priority=1)
    add(night, "small", 3)
    assert begin(night) == 2_003
    workers = Workers(night, 4)
    workers.fill()
    for _ in range(4):
        workers.end(1)
        workers.fill()
    assert Counter(owners(workers.launched)[:6]) == {"large": 3, "small": 3}
    assert Counter(owners(workers.launched)[6:]) == {"large": 2}


@pytest.mark.usefixtures("free")
def test_twenty_large_firms_leave_a_small_one_its_turn(night: Connection) -> None:
    for number in range(20):
        add(night, f"large{number}", 20)
    add(night, "small", 2)
    begin(night)
    workers = Workers(night, 3)
    workers.fill()
    while len(workers.launched) < 63:
        workers.end(1)
        workers.fill()
    assert Counter(owners(workers.launched)[:21]) == Counter(set(owners(workers.launched)))
    assert Counter(owners(workers.launched)[:42])["small"] == 2


@pytest.mark.usefixtures("free")
def test_what_one_asks_for_by_the_thousand_lets_others_go_first_and_the_night_wait(night: Connection) -> None:
    add(night, "large", 120)
    add(night, "small", 3)
    begin(night)
    keys = night.execute("select key from app.entity where status = 'Active' order by id").fetchall()
    for row in keys[:100]:
        requests.request(night, row["key"], trigger="hook", requested_by="key 1")
    asked = requests.request(night, keys[-1]["key"], trigger="manual", requested_by="jan")
    workers = Workers(night, 4)
    workers.fill()
    assert [each.id for each in workers.launched[:2]][1] == asked
    for _ in range(30):
        workers.end(1)
        workers.fill()
    assert {each.priority for each in workers.launched} == {requests.ASKED}


@pytest.mark.parametrize(("limit", "software"), [(3, 20), (6, 5)])
def test_a_connection_and_a_software_have_their_limits_over_all_workers(
    night: Connection, monkeypatch: pytest.MonkeyPatch, limit: int, software: int
) -> None:
    monkeypatch.setenv("MONITR_CONNECTION_IMPORTS", str(limit))
    monkeypatch.setenv("MONITR_PROVIDER_IMPORTS", str(software))
    add(night, "firm", 60, connections=2)
    add(night, "one", 4)
    add(night, "odoo", 4, provider="odoo")
    begin(night)
    workers = Workers(night, 1_000)
    workers.fill()
    most = min(2 * limit + min(limit, 4), software)
    for _ in range(5):
        under_way = night.execute(
            """
            select entities.integration_id, integrations.provider from app.import as imports
            inner join app.entity as entities on imports.entity_id = entities.id
            inner join app.integration as integrations on entities.integration_id = integrations.id
            where imports.started_at is not null and imports.finished_at is null
            """
        ).fetchall()
        assert max(Counter(row["integration_id"] for row in under_way).values()) <= limit
        assert Counter(row["provider"] for row in under_way)["tryton"] <= software
        assert len(under_way) >= min(most, 6)
        workers.end(3)
        workers.fill()
    workers.until_idle()
    assert Counter(owners(workers.launched)) == {"firm": 60, "one": 4, "odoo": 4}
    assert len({each.id for each in workers.launched}) == 68


@pytest.mark.usefixtures("free")
def test_a_tick_that_finds_the_night_before_at_work_doubles_nothing(night: Connection) -> None:
    add(night, "firm", 40)
    assert begin(night) == 40
    workers = Workers(night, 4)
    workers.fill()
    workers.end(2)
    assert begin(night, MIDNIGHT + timedelta(hours=5)) == 2, "those that have ended, and nobody else"
    workers.until_idle()
    assert Counter(Counter(each.entity_key for each in workers.launched).values()) == {1: 38, 2: 2}
    late = nightly.read_night(night, MIDNIGHT + timedelta(hours=5), now=datetime.now(UTC), importable=names())
    assert not {skipped.reason for skipped in late.skipped} & {"imported at this moment by the night before"}


@pytest.mark.usefixtures("free")
def test_who_is_lost_in_the_night_before_is_due_again(night: Connection) -> None:
    add(night, "firm", 2)
    begin(night)
    workers = Workers(night, 2)
    workers.fill()
    night.execute("update app.import set lease_until = now() - interval '1 second' where finished_at is null")
    assert begin(night, MIDNIGHT + timedelta(hours=5)) == 2


@given(asked=st.lists(st.integers(1, 5), max_size=60))
def test_nobody_saves_up_or_owes_more_than_he_took(asked: list[int]) -> None:
    share = Share()
    for owner in asked:
        before = share.passed
        share.took(owner)
        assert share.passed >= before
        assert all(turn > share.passed for turn in share.taken.values())
    assert len(share.taken) <= 5
