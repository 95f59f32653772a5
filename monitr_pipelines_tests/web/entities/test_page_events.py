"""The stream of changes: who hears what, over how many connections, and for how long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import psycopg
import pytest
from common_kit import entity_id, heard, set_organisation
from process_kit import wait_for

from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.registry import access_tokens, entities
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import CHANNEL, Connection
from monitr_pipelines.web.entities import events, live
from monitr_pipelines.web.shell import sessions
from monitr_pipelines_tests.web.hook_kit import Web
from monitr_pipelines_tests.web.page_kit import Company, form_token, make_company, run, sign_in


@pytest.fixture
def company(connection: Connection, client: httpx2.Client) -> Company:
    made = make_company(connection, ("Bakkerij Peeters", "Garage Wouters"))
    sign_in(client, made.token)
    return made


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch, brief_pauses: None) -> None:
    """Streams say that they are there, and look whether they still may be, every tenth of a second."""
    monkeypatch.setattr(events, "PING_SECONDS", 0.1)


COUNTS = ("event: counts", "data: changed")


@contextmanager
def hearing(client: httpx2.Client, *shown: int) -> Iterator[Iterator[str]]:
    """The messages of a stream, from the first `refresh` on: then whatever happens is heard."""
    query = {"shown": ",".join(map(str, shown))} if shown else {}
    with client.stream("GET", "/entities/events", params=query) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in answer.iter_lines() if line)
        assert next(line for line in lines if line.startswith("event")) == "event: refresh"
        assert next(lines) == "data: all"
        yield lines


@contextmanager
def listening(client: httpx2.Client) -> Iterator[Iterator[str]]:
    """The messages about all entities; that something is to be counted again left out."""
    with hearing(client) as lines:
        yield (line for line in lines if line not in COUNTS)


def listeners() -> int:
    with database.connect_as_owner(autocommit=True) as owner:
        row = owner.execute(
            "select count(*) as open from pg_stat_activity where application_name = 'monitr web: listens'"
        ).fetchone()
    assert row
    return int(row["open"])


@pytest.mark.usefixtures("brief_pauses")
def test_a_change_is_told_by_id_alone(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    with listening(client) as lines:
        requests.request(connection, company.key, trigger="hook", requested_by="secret name")
        assert next(lines) == "event: entity"
        assert next(lines) == f"data: {entity_id(connection, company.key)}"


@pytest.mark.usefixtures("brief_pauses")
def test_other_organisations_hear_nothing(
    client: httpx2.Client,
    company: Company,
    connection: Connection,
    new_client: Callable[[], httpx2.Client],
) -> None:
    other = make_company(connection, ("Somebody else",))
    theirs = new_client()
    sign_in(theirs, other.token)
    with listening(client) as mine, listening(theirs) as foreign:
        run(connection, company.key)
        run(connection, other.key)
        assert next(foreign) == "event: entity"
        assert next(foreign) == f"data: {entity_id(connection, other.key)}"
        assert next(mine) == "event: entity"
        assert next(mine) == f"data: {entity_id(connection, company.key)}"


def not_found(connection: Connection, key: str) -> None:
    entities.mark_not_found(connection, entity_id(connection, key))


def found(connection: Connection, key: str) -> None:
    entities.mark_found(connection, entity_id(connection, key))


def reconnect_needed(connection: Connection, key: str) -> None:
    entities.mark_reconnect_needed(connection, entity_id(connection, key))


def reset(connection: Connection, key: str) -> None:
    entities.reset(connection, key, "An Peeters")


def lapsed(connection: Connection, key: str) -> None:
    set_organisation(connection, key, "subscription = 'canceled'")


def unverified(connection: Connection, key: str) -> None:
    set_organisation(connection, key, "subscription_applied = 'unknown'")


@pytest.fixture
def announced(home: object) -> Iterator[Callable[[], list[dict[str, int]]]]:
    """Everything that was told to whoever listens, since the last time."""
    with database.connect(autocommit=True) as listener:
        listener.execute(f"listen {CHANNEL}")
        yield lambda: heard(listener)


@pytest.mark.usefixtures("brief_pauses")
@pytest.mark.parametrize(
    ("change", "event"),
    [
        (not_found, "entity"),
        (reset, "entity"),
        (reconnect_needed, "refresh"),
        (lapsed, "refresh"),
        (unverified, "refresh"),
    ],
)
def test_what_changes_a_card_without_an_import_is_told_to_its_organisation(
    *,
    client: httpx2.Client,
    company: Company,
    connection: Connection,
    new_client: Callable[[], httpx2.Client],
    change: Callable[[Connection, str], None],
    event: str,
) -> None:
    other = make_company(connection, ("Somebody else",))
    theirs = new_client()
    sign_in(theirs, other.token)
    with listening(client) as mine, listening(theirs) as foreign:
        for changed, told in ((company, mine), (other, foreign)):
            change(connection, changed.key)
            data = entity_id(connection, changed.key) if event == "entity" else "all"
            assert [next(told), next(told)] == [f"event: {event}", f"data: {data}"]


def test_such_changes_are_told_once_and_by_ids_alone(
    company: Company, connection: Connection, announced: Callable[[], list[dict[str, int]]]
) -> None:
    entity, organisation = entity_id(connection, company.key), company.organisation_id
    mine = {"organisation": organisation, "entity": entity}
    for change, told in (
        (not_found, [mine]),
        (found, [mine]),
        (reconnect_needed, [{"organisation": organisation}]),
        (found, [{"organisation": organisation}]),
        (lapsed, [{"organisation": organisation}]),
        (unverified, [{"organisation": organisation}]),
    ):
        change(connection, company.key)
        change(connection, company.key)
        assert announced() == told
    reset(connection, company.key)
    assert announced() == [mine]
    set_organisation(connection, company.key, "subscription_read_at = now(), alert_email = 'a@b.example'")
    assert announced() == []


def test_all_streams_share_one_connection_and_the_last_one_closes_it(
    client: httpx2.Client, company: Company, pings: None
) -> None:
    with listening(client), listening(client), listening(client):
        assert listeners() == 1
    wait_for(lambda: listeners() == 0, "the end of the connection")


def test_a_session_has_so_many_streams_and_no_more(client: httpx2.Client, company: Company) -> None:
    def open_all(left: int) -> int:
        if left:
            with listening(client):
                return open_all(left - 1)
        return client.get("/entities/events").status_code

    assert open_all(live.STREAMS_PER_SESSION) == 429


@pytest.mark.parametrize("end", ["revoke", "sign out"])
def test_a_stream_ends_with_its_session(
    client: httpx2.Client, company: Company, connection: Connection, pings: None, end: str
) -> None:
    with listening(client) as lines:
        if end == "revoke":
            access_tokens.revoke(connection, company.token_id)
        else:
            client.post("/sign-out", data={"csrf": form_token(client, "/entities")})
        told = list(lines)
        assert told[-2:] == ["event: signed-out", "data: end"]


def test_a_silent_stream_says_that_it_is_there(client: httpx2.Client, company: Company, pings: None) -> None:
    with listening(client) as lines:
        assert next(lines) == ": still here"


def test_a_database_that_does_not_answer_signs_nobody_out(
    client: httpx2.Client, company: Company, pings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(client) as lines:

        def is_down(_secret: str) -> None:
            raise psycopg.OperationalError("the server closed the connection")

        monkeypatch.setattr(sessions, "find", is_down)
        assert [next(lines), next(lines)] == [": still here", ": still here"]


def test_a_server_that_stops_ends_its_streams(
    client: httpx2.Client, company: Company, web: Web, pings: None
) -> None:
    with listening(client) as lines:
        web.app.state.exchange.close()
        assert {*lines} <= {": still here"}


def test_a_stranger_is_sent_to_sign_in(client: httpx2.Client) -> None:
    answer = client.get("/entities/events")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.usefixtures("brief_pauses")
def test_after_a_lost_connection_everybody_reads_again(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    with listening(client) as lines:
        with database.connect_as_owner(autocommit=True) as owner:
            owner.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'monitr web: listens'"
            )
        assert next(lines) == "event: refresh"
        assert next(lines) == "data: all"
        run(connection, company.key)
        assert next(lines) == "event: entity"


def test_connecting_is_tried_again_and_again(
    client: httpx2.Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, tries = live._connect, iter(range(3))

    async def refuses_thrice() -> object:
        if next(tries, None) is not None:
            raise psycopg.OperationalError("the database starts up")
        return await connect()

    monkeypatch.setattr(live, "_connect", refuses_thrice)
    monkeypatch.setattr(live, "FIRST_PAUSE", 0.01)
    with listening(client):
        assert next(tries, None) is None


@pytest.mark.usefixtures("brief_pauses")
def test_a_fault_of_ours_ends_no_listening(
    client: httpx2.Client,
    company: Company,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids_of, faults = live._ids_of, iter([ZeroDivisionError("a fault")])

    def fails_once(payload: str) -> tuple[int | None, int | None]:
        for fault in faults:
            raise fault
        return ids_of(payload)

    monkeypatch.setattr(live, "_ids_of", fails_once)
    with listening(client) as lines:
        run(connection, company.key)
        assert [next(lines), next(lines)] == ["event: refresh", "data: all"]
        run(connection, company.key)
        assert next(lines) == "event: entity"
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]


def test_a_page_hears_of_what_it_shows_and_that_the_rest_is_to_be_counted(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    """As the third page of many: of nine changes of others it is told that there were some."""
    mine, other = (entity_id(connection, key) for key in company.keys)
    with hearing(client, mine) as lines:
        for _ in range(3):
            run(connection, company.keys[1])
        assert [next(lines), next(lines)] == list(COUNTS)
        run(connection, company.key)
        told = [next(lines), next(lines)]
        assert told == ["event: entity", f"data: {mine}"]
    assert f"data: {other}" not in told


@pytest.mark.parametrize("shown", ["1;2", "x", "-1", "1," * 200, "9" * 19, "1,,2"])
def test_a_page_that_shows_what_is_no_list_of_ids_is_refused(
    client: httpx2.Client, company: Company, shown: str
) -> None:
    assert client.get("/entities/events", params={"shown": shown}).status_code == 400


def test_a_burst_is_told_as_one_refresh() -> None:
    stream = live.Stream(1, "session")
    for entity in range(live.MOST_PENDING * 10):
        stream.tell(entity % live.MOST_PENDING)
    assert stream.take() == list(range(live.MOST_PENDING))
    assert stream.counts_changed
    for entity in range(live.MOST_PENDING + 1):
        stream.tell(entity)
    assert stream.take() is None
    assert not stream.counts_changed
    assert stream.take() == []


def test_changes_of_others_are_kept_as_no_ids() -> None:
    stream = live.Stream(1, "session", frozenset({1, 2}))
    for entity in range(10_000):
        stream.tell(entity)
    assert stream.take() == [1, 2]


@pytest.mark.parametrize(("many", "told"), [(50, 50), (51, 1)])
def test_what_one_statement_changes_is_told_one_by_one_or_as_one(
    connection: Connection, announced: Callable[[], list[dict[str, int]]], many: int, told: int
) -> None:
    night = make_company(connection, tuple(f"Company {nth}" for nth in range(many)))
    connection.execute(
        "insert into app.import (entity_id, trigger) "
        "select id, 'scheduled' from app.entity where organisation_id = %s",
        [night.organisation_id],
    )
    heard = announced()
    assert len(heard) == told
    assert {each["organisation"] for each in heard} == {night.organisation_id}
    assert ("entity" in heard[0]) == (told > 1)
