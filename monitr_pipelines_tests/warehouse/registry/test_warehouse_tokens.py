"""Credentials are renewed by one process at a time, and no token is used twice, whoever dies when."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from busy_processes import TIME_OUT, start, started
from process_kit import LONGEST_WAIT, wait_for
from provider_kit import connection_of
from single_use_server import LATE_SECONDS, SingleUse, serving

from monitr_pipelines.importing.ports import ConnectionTokens
from monitr_pipelines.lifecycle.errors import ImportProblem, OurFault, ProviderDown, ReconnectNeeded
from monitr_pipelines.providers.contract import Credentials
from monitr_pipelines.warehouse.registry import connections, rekeying, tokens
from monitr_pipelines.warehouse.registry.tokens import StoredTokens
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

PROCESSES, RENEWALS, UNDISTURBED = 8, 50, 10
OLD, NEW, OF_A_PERSON = {"refresh": "old"}, {"refresh": "new"}, {"refresh": "of a person"}


@pytest.fixture
def connection_id(connection: Connection, make_entity: Callable[..., str]) -> int:
    number = connection_of(connection, make_entity())
    connections.store(connection, number, OLD)
    return number


@pytest.fixture
def stored(connection_id: int, monkeypatch: pytest.MonkeyPatch) -> StoredTokens:
    monkeypatch.setattr(tokens, "LOOK_AGAIN_SECONDS", 0.02)
    return StoredTokens(connection_id)


@pytest.fixture
def quickly_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "LONGEST_RENEWAL", timedelta(seconds=1))


def renewing(connection: Connection, connection_id: int) -> str | None:
    row = connection.execute(
        "select renewing_since::text from app.integration where id = %s", [connection_id]
    ).fetchone()
    assert row is not None
    return row["renewing_since"]


def never(values: Mapping[str, str]) -> Mapping[str, str]:
    pytest.fail("the exchange was called")


def never_waits() -> None:
    pytest.fail("it waits")


def died_within(stored: StoredTokens) -> None:
    """A process that began a renewal, and then is no more."""
    assert stored._begin(OLD)[1] is not None


# One process


def test_what_an_exchange_gave_is_committed_before_anyone_gets_it(
    connection: Connection, stored: StoredTokens, connection_id: int
) -> None:
    assert stored.renew(OLD, lambda values: NEW) == NEW
    assert stored.read() == NEW
    assert renewing(connection, connection_id) is None


def test_what_someone_else_renewed_is_taken_over(stored: StoredTokens) -> None:
    stored.renew(OLD, lambda values: NEW)
    assert stored.renew(OLD, never) == NEW


def test_credentials_that_stay_as_they_were_are_an_answer_too(stored: StoredTokens) -> None:
    assert stored.renew(OLD, lambda values: values) == OLD


def test_no_transaction_is_open_while_the_software_is_asked(
    connection: Connection, stored: StoredTokens, connection_id: int
) -> None:
    def ask(values: Mapping[str, str]) -> Mapping[str, str]:
        sessions = connection.execute(
            "select from pg_stat_activity "
            "where application_name = 'monitr' and xact_start is not null and pid <> pg_backend_pid()"
        ).fetchall()
        assert sessions == []
        assert renewing(connection, connection_id) is not None
        return NEW

    assert stored.renew(OLD, ask) == NEW


def test_connectors_get_credentials_that_hide_their_values(connection_id: int) -> None:
    lent = ConnectionTokens(connection_id)
    assert isinstance(lent.read(), Credentials)
    renewed = lent.renew(lent.read(), lambda values: {"refresh": f"after {values['refresh']}"})
    assert (repr(renewed), renewed["refresh"]) == ("Credentials(refresh)", "after old")


# Failures


def test_where_nothing_was_sent_the_next_may_renew(
    connection: Connection, stored: StoredTokens, connection_id: int
) -> None:
    def unreachable(values: Mapping[str, str]) -> Mapping[str, str]:
        raise ProviderDown("The software does not answer.")

    with pytest.raises(ProviderDown):
        stored.renew(OLD, unreachable)
    assert renewing(connection, connection_id) is None
    assert stored.renew(OLD, lambda values: NEW) == NEW


@pytest.mark.parametrize(
    "problem", [ReconnectNeeded("Refused: connect again."), TimeoutError("old"), OurFault("old")]
)
def test_a_token_that_was_sent_is_never_sent_again(
    stored: StoredTokens, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    """Whoever comes later need not wait either for what nobody will store."""

    def send(values: Mapping[str, str]) -> Mapping[str, str]:
        raise problem

    with pytest.raises(ReconnectNeeded) as first:
        stored.renew(OLD, send)
    assert (first.value is problem) == isinstance(problem, ReconnectNeeded)
    monkeypatch.setattr(tokens, "threading", SimpleNamespace(Event=never_waits))
    with pytest.raises(ReconnectNeeded):
        stored.renew(OLD, never)


def test_what_an_exchange_raised_is_not_passed_on(stored: StoredTokens) -> None:
    def send(values: Mapping[str, str]) -> Mapping[str, str]:
        raise ValueError(f"the server echoed {values['refresh']}")

    with pytest.raises(ReconnectNeeded) as refused:
        stored.renew({"refresh": "old"}, send)
    assert refused.value.detail == "ValueError"
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_after_a_crash_a_person_is_needed_but_not_before_it_is_sure(
    connection: Connection, stored: StoredTokens, connection_id: int, quickly_given_up: None
) -> None:
    died_within(stored)
    with pytest.raises(ReconnectNeeded):
        stored.renew(OLD, never)
    waited = connection.execute(
        "select clock_timestamp() - renewing_since as waited from app.integration where id = %s",
        [connection_id],
    ).fetchone()
    assert waited is not None
    assert waited["waited"] >= tokens.LONGEST_RENEWAL


def test_a_person_who_connects_again_heals_it(
    connection: Connection, stored: StoredTokens, connection_id: int, quickly_given_up: None
) -> None:
    died_within(stored)
    with pytest.raises(ReconnectNeeded):
        stored.renew(OLD, never)
    connections.store(connection, connection_id, OF_A_PERSON)
    assert stored.renew(OLD, never) == OF_A_PERSON
    assert stored.renew(OF_A_PERSON, lambda values: NEW) == NEW


@pytest.mark.parametrize("others_go_on", [False, True])
def test_a_process_that_wakes_up_late_overwrites_nothing(
    connection: Connection, stored: StoredTokens, connection_id: int, *, others_go_on: bool
) -> None:
    later = {"refresh": "renewed by others"}

    def sleep(values: Mapping[str, str]) -> Mapping[str, str]:
        connections.store(connection, connection_id, OF_A_PERSON)
        if others_go_on:
            StoredTokens(connection_id).renew(OF_A_PERSON, lambda values: later)
        return NEW

    assert stored.renew(OLD, sleep) == (later if others_go_on else OF_A_PERSON)
    assert stored.read() == (later if others_go_on else OF_A_PERSON)


@pytest.mark.parametrize("problem", [ProviderDown("Nothing was sent."), TimeoutError()])
def test_a_process_that_fails_late_leaves_the_mark_of_another(
    connection: Connection, stored: StoredTokens, connection_id: int, problem: Exception
) -> None:
    marks: list[str | None] = []

    def sleep(values: Mapping[str, str]) -> Mapping[str, str]:
        connections.store(connection, connection_id, OF_A_PERSON)
        StoredTokens(connection_id)._begin(OF_A_PERSON)
        marks.append(renewing(connection, connection_id))
        raise problem

    with pytest.raises(ImportProblem):
        stored.renew(OLD, sleep)
    assert marks == [renewing(connection, connection_id)] != [None]


def test_secrets_that_are_encrypted_anew_meanwhile_lose_no_renewal(
    connection: Connection, stored: StoredTokens, connection_id: int
) -> None:
    def rekeyed(values: Mapping[str, str]) -> Mapping[str, str]:
        connection.execute("update app.organisation set alert_secret = null")
        connection.execute("update app.integration set credentials = null where id <> %s", [connection_id])
        connection.execute("delete from app.hook_request")
        connection.execute("delete from app.hook_key")
        assert rekeying.rekey(connection) == 1
        return NEW

    assert stored.renew(OLD, rekeyed) == NEW
    assert stored.read() == NEW


def test_a_database_that_is_away_for_a_moment_loses_no_renewal(
    stored: StoredTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, away = database.connect, [psycopg.OperationalError("gone"), psycopg.OperationalError("gone")]

    def connect_later(**options: bool) -> Connection:
        if away:
            raise away.pop()
        return connect(**options)

    def ask(values: Mapping[str, str]) -> Mapping[str, str]:
        monkeypatch.setattr(database, "connect", connect_later)
        return NEW

    assert stored.renew(OLD, ask) == NEW
    assert (stored.read(), away) == (NEW, [])


def test_without_credentials_a_person_is_needed(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    with pytest.raises(ReconnectNeeded):
        StoredTokens(connection_of(connection, make_entity())).read()


# Many processes


def test_a_process_that_is_stopped_stores_what_it_asked_for(
    connection: Connection, stored: StoredTokens, connection_id: int, tmp_path: Path
) -> None:
    """As a run is stopped: a signal that raises in its main thread, while the software is answering."""
    asked, interrupted, answer = tmp_path / "asked", tmp_path / "interrupted", tmp_path / "answer"
    program = f"""
import pathlib, signal, time
from monitr_pipelines.warehouse.registry.tokens import StoredTokens
def exchange(values):
    pathlib.Path({str(asked)!r}).touch()
    while not pathlib.Path({str(answer)!r}).exists():
        time.sleep(0.02)
    return {NEW!r}
def interrupt(number, frame):
    pathlib.Path({str(interrupted)!r}).touch()
    raise KeyboardInterrupt
signal.signal(signal.SIGINT, interrupt)
try:
    StoredTokens({connection_id}).renew({OLD!r}, exchange)
except KeyboardInterrupt:
    print("interrupted")
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    wait_for(asked.exists, "the question to the software")
    process.send_signal(signal.SIGINT)
    wait_for(interrupted.exists, "the signal")
    answer.touch()
    assert process.communicate(timeout=LONGEST_WAIT)[0] == "interrupted\n"
    assert stored.read() == NEW
    assert renewing(connection, connection_id) is None


def test_no_token_is_used_twice_by_processes_that_renew_at_once(
    connection: Connection, stored: StoredTokens, connection_id: int
) -> None:
    with serving() as server:
        connections.store(connection, connection_id, server.issue())
        options = {"connection": connection_id, "renewals": UNDISTURBED, "url": server.url, "hasty": False}
        with started(PROCESSES, "renew_often", **options) as renewers:
            endings = Counter(
                line for renewer in renewers for line in renewer.communicate(timeout=LONGEST_WAIT)[0].split()
            )
        assert endings == {"renewed": PROCESSES * UNDISTURBED}
        assert set(server.used.values()) == {1}
        assert server.exchanges["answered"] < PROCESSES * UNDISTURBED, "those that waited take over"
        assert_works(stored, server)


def test_no_token_is_used_twice_whoever_is_killed_and_whatever_gets_lost(
    connection: Connection, stored: StoredTokens, connection_id: int
) -> None:
    chance = random.Random(8)  # noqa: S311 - whom it hits is no secret
    with serving(dropped=0.02, late=0.02, unavailable=0.1) as server:
        connections.store(connection, connection_id, server.issue())
        options = {"connection": connection_id, "renewals": RENEWALS, "url": server.url, "hasty": True}
        with started(PROCESSES, "renew_often", **options) as renewers:
            endings, answers, kills = Counter[str](), [], 0
            while len(answers) < PROCESSES:
                time.sleep(chance.uniform(0.1, 0.6))
                alive = [renewer for renewer in renewers if renewer.poll() is None]
                if alive and kills < 3 * PROCESSES:
                    victim = chance.choice(alive)
                    victim.kill()
                    renewers[renewers.index(victim)] = start("renew_often", **options)
                    endings.update(victim.communicate()[0].split())
                    kills += 1
                answers = [renewer for renewer in renewers if renewer.poll() is not None]
            for renewer in renewers:
                endings.update(renewer.communicate()[0].split())
                assert renewer.returncode == 0
        assert endings.total() >= PROCESSES * RENEWALS
        assert endings["reconnected"] > 0
        assert server.exchanges["dropped"] > 0
        assert server.exchanges["late"] > 0
        assert set(server.used.values()) == {1}
        assert_works(stored, server)


def assert_works(stored: StoredTokens, server: SingleUse) -> None:
    """What is stored is good for one more renewal, or known to need a person."""
    with suppress(ReconnectNeeded):
        kept = stored.read()
        new = stored.renew(kept, lambda values: server.issue() if server.use(values["refresh_token"]) else {})
        assert new["refresh_token"] in server.issued


def test_answers_are_late_for_who_waits() -> None:
    assert LATE_SECONDS > TIME_OUT
