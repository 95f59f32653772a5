"""Requested imports under `monitr up`: nobody launches them; whatever is killed, they come out right."""

import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import connector_kit
import dagster as dg
import httpx2
import pytest
from common_kit import contents, set_organisation
from dagster import DagsterInstance
from dagster_kit import held, import_rows, large_file, sale, upload, waits
from process_kit import LONGEST_LOOK, wait_for
from reconciler_kit import add_run, end_run
from up_kit import Card, Up, ended, own_home, serving, token_for

from monitr_pipelines.dagster_names import IMPORT_ID_TAG, PARTITION_TAG, PRIORITY_TAG
from monitr_pipelines.lifecycle.errors import ReconnectNeeded
from monitr_pipelines.warehouse.queue import claims, outcome, requests
from monitr_pipelines.warehouse.registry import entities, organisations
from monitr_pipelines.warehouse.server import database, embedded
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.browser_kit import browsing, chromium

SLOTS = 4
BOOKS = sale(250) + b"2026-02-03,610000,Costs,,30,,,\n2026-02-03,550000,Bank,,,30,,\n"
SERVICES = ("daemon", "reconciler", "hook")
# Notes each status that the card shows, for as long as the page is not loaded anew.
WATCH = """
() => {
  const shown = (window.shown = []);
  const look = () => {
    const text = document.querySelector("article header .status").textContent.trim();
    if (shown.at(-1) !== text) shown.push(text);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  look();
}
"""
RUNS_OF = """
query ($filter: RunsFilter!) { runsOrError(filter: $filter) { ... on Runs { results { runId status } } } }
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own: its PostgreSQL is killed, and its reconciler acts on whatever waits there."""
    site = connector_kit.install(tmp_path_factory.mktemp("site"))
    with own_home(tmp_path_factory.mktemp("reconciled"), PYTHONPATH=str(site)) as folder:
        yield folder


@pytest.fixture(scope="module")
def up(home: Path) -> Iterator[Up]:
    with serving(home) as started:
        yield started


@pytest.fixture
def connection(up: Up) -> Iterator[Connection]:
    with database.connect(autocommit=True) as opened:
        yield opened


@pytest.fixture
def card_of(up: Up, connection: Connection) -> Iterator[Callable[[str], Card]]:
    """The card of an entity, read by someone of its organisation."""
    with ExitStack() as opened:

        def sign_in(entity: str) -> Card:
            client = opened.enter_context(httpx2.Client(base_url=up.hook, timeout=LONGEST_LOOK))
            return Card(client, token_for(connection, entity), entity)

        yield sign_in


def ask(connection: Connection, entity: str, trigger: str = "first") -> int:
    return requests.request(connection, entity, trigger=trigger, requested_by="jan")


def runs_of(up: Up, import_id: int) -> list[dict[str, str]]:
    tags = [{"key": IMPORT_ID_TAG, "value": str(import_id)}]
    return list(up.dagster.ask(RUNS_OF, filter={"tags": tags})["results"])


def test_sync_now_is_seen_through_on_the_open_page(
    up: Up, make_entity: Callable, connection: Connection
) -> None:
    entity = make_entity(provider=connector_kit.NAME)
    token = token_for(connection, entity)
    with chromium() as browser, browsing(browser, up.hook) as browse:
        page = browse()
        with page.expect_response("**/entities/events*"):
            page.goto("/sign-in")
            page.locator("#token").fill(token)
            page.locator("main button").click()
        with held(connection, entity):
            with page.expect_response("**/entities/events*"), page.expect_navigation():
                page.get_by_role("button", name="Sync now: Test company").click()
            page.evaluate(WATCH)
            page.wait_for_function("() => window.shown.at(-1) === 'In progress'")
        page.wait_for_function("() => window.shown.at(-1) === 'Succeeded'")
        # A page that was slow to come shows the import as it goes on already.
        assert page.evaluate("window.shown")[-2:] == ["In progress", "Succeeded"]
        assert page.evaluate("window.shown")[:-2] in ([], ["Waiting…"])


def test_a_request_is_run_without_anyone_launching_it(
    up: Up, make_entity: Callable, connection: Connection, card_of: Callable[[str], Card]
) -> None:
    entity = make_entity()
    upload(connection, entity, BOOKS)
    card = card_of(entity)
    card.tells("Never imported")
    with held(connection, entity):
        asked = ask(connection, entity, "manual")
        with unclaimed(entity):
            card.tells("Waiting…")
        card.tells("In progress")
    card.tells("Succeeded")
    (row,) = import_rows(connection, entity)
    assert (row["id"], row["trigger"], row["launches"]) == (asked, "manual", 1)
    assert row["run_id"] == row["launched_run_id"]
    assert [run["runId"] for run in runs_of(up, asked)] == [row["run_id"]]
    up.dagster.succeeds(row["run_id"])


def imported(connection: Connection, entity: str, content: bytes) -> None:
    upload(connection, entity, content)
    assert ended(connection, ask(connection, entity))["outcome"] == "succeeded"


@pytest.fixture(scope="module")
def undisturbed(up: Up) -> dict[str, list[str]]:
    """The tables of an entity whose import nobody disturbed."""
    with database.connect(autocommit=True) as connection:
        organisation = str(organisations.add(connection, "Undisturbed", "active"))
        entity = entities.add_entity(connection, organisation, "file", {"name": "Undisturbed"})
        imported(connection, entity, BOOKS)
        return contents(connection, entity)


@pytest.mark.parametrize("victim", ["run", *SERVICES])
def test_a_kill_during_an_import_loses_and_doubles_nothing(
    *,
    up: Up,
    make_entity: Callable,
    connection: Connection,
    undisturbed: dict,
    card_of: Callable[[str], Card],
    victim: str,
) -> None:
    entity = make_entity()
    upload(connection, entity, BOOKS)
    card = card_of(entity)
    with held(connection, entity):
        disturbed = ask(connection, entity)
        wait_for(lambda: waits(connection, entity), "the import")
        run = import_rows(connection, entity)[-1]["run_id"]
        before = up.pid_of(victim) if victim in SERVICES else None
        up.kill(victim, run)
        if victim in SERVICES:
            wait_for(lambda: up.pid_of(victim) not in {None, before}, f"the next {victim}")
        card.tells("Failed" if victim == "run" else "In progress")
    row = ended(connection, disturbed)
    wanted = ("failed", "worker_lost") if victim == "run" else ("succeeded", None)
    assert (row["outcome"], row["error_code"]) == wanted
    card.tells("Failed" if victim == "run" else "Succeeded")
    wait_for(up.serves, "both addresses")
    assert up.dagster.ended(run) == ("FAILURE" if victim == "run" else "SUCCESS")
    assert ended(connection, ask(connection, entity))["outcome"] == "succeeded"
    assert contents(connection, entity) == undisturbed
    card.tells("Succeeded")


@contextmanager
def unclaimed(entity: str) -> Iterator[None]:
    """No import of the entity is claimed until the block ends, as if its run took long to start."""
    with database.connect() as holder:
        holder.execute("set idle_in_transaction_session_timeout = 0")
        holder.execute(database.statement("queue/lock_entity.sql"), {"key": entity})
        yield


def test_a_run_that_is_killed_before_it_claims_its_import_is_replaced(
    up: Up, make_entity: Callable, connection: Connection, card_of: Callable[[str], Card]
) -> None:
    entity = make_entity()
    upload(connection, entity, BOOKS)
    card = card_of(entity)
    asked = ask(connection, entity)
    with unclaimed(entity):
        killed = launched_run(connection, asked)
        wait_for(lambda: up.dagster.status(killed) == "STARTED", "the start of the run")
        up.kill("run", killed)
        wait_for(lambda: launched_run(connection, asked) != killed, "the next run")
        assert up.dagster.status(killed) == "FAILURE"
        card.tells("Waiting…")
    row = ended(connection, asked)
    assert (row["outcome"], row["launches"], row["run_id"] != killed) == ("succeeded", 2, True)
    card.tells("Succeeded")


def copies(connection: Connection) -> bool:
    """Whether lines flow into the ledger or a stage at this moment."""
    return bool(
        connection.execute(
            "select from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() "
            "and query ~* 'copy (stage|raw.gl_transaction)'"
        ).fetchall()
    )


def test_a_kill_of_postgresql_during_an_import_loses_and_doubles_nothing(
    up: Up, make_entity: Callable, connection: Connection, card_of: Callable[[str], Card]
) -> None:
    large = large_file(60_000)
    entity, reference = make_entity(), make_entity()
    imported(connection, reference, large)
    expected = contents(connection, reference)
    upload(connection, entity, large)
    card = card_of(entity)
    disturbed = ask(connection, entity)
    wait_for(lambda: copies(connection), "the lines of the file")
    up.kill("postgresql", "")

    def reconnect() -> Connection | None:
        try:
            return database.connect(autocommit=True)
        except embedded.ServerNotRunning:
            return None

    with wait_for(reconnect, "the next PostgreSQL") as fresh:
        card.tells("Failed")
        lost = ended(fresh, disturbed)
        assert (lost["outcome"], lost["raw_committed_at"]) == ("failed", None)
        assert ended(fresh, ask(fresh, entity))["outcome"] == "succeeded"
        assert contents(fresh, entity) == expected
        assert up.dagster.ended(lost["run_id"]) == "FAILURE"


@pytest.fixture(scope="module")
def instance(up: Up) -> Iterator[DagsterInstance]:
    with pytest.MonkeyPatch.context() as patched, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Dagster's own, as for any program
        patched.setenv("DAGSTER_HOME", str(up.home / "dagster"))
        with DagsterInstance.get() as opened:
            yield opened


@pytest.fixture
def busy(
    up: Up, instance: DagsterInstance, make_entity: Callable, connection: Connection
) -> Iterator[list[Callable[[], None]]]:
    """Runs at work in every slot of the queue; calling one ends it."""
    with ExitStack() as at_the_end:
        free = [occupy(instance, make_entity(), connection) for _ in range(SLOTS)]
        for each in free:
            at_the_end.callback(each)
        yield free


def occupy(instance: DagsterInstance, entity: str, connection: Connection) -> Callable[[], None]:
    run = add_run(instance, {PARTITION_TAG: entity}, dg.DagsterRunStatus.STARTED)
    claimed = claims.claim(connection, entity, run_id=run, import_id=None, trigger="dagster")
    connection.execute(
        "update app.import set lease_until = now() + interval '1 hour' where id = %s", [claimed.import_id]
    )

    def free() -> None:
        outcome.finish(connection, claimed, None)
        end_run(instance, run, dg.DagsterEventType.RUN_SUCCESS)

    return free


def launched_run(connection: Connection, import_id: int) -> str:
    def look() -> str | None:
        row = connection.execute("select launched_run_id from app.import where id = %s", [import_id])
        return (row.fetchone() or {})["launched_run_id"]

    return wait_for(look, f"the launch of import {import_id}")


def test_a_queued_run_that_is_canceled_leaves_the_status_of_before(
    busy: list[Callable],
    up: Up,
    make_entity: Callable,
    connection: Connection,
    card_of: Callable[[str], Card],
) -> None:
    entity = make_entity(provider=connector_kit.NAME)
    asked = ask(connection, entity)
    up.dagster.terminate(launched_run(connection, asked))
    row = ended(connection, asked)
    assert (row["outcome"], row["error_code"], row["started_at"]) == ("canceled", "canceled", None)
    card_of(entity).tells("Never imported")


def test_a_request_goes_before_the_night(
    busy: list[Callable], up: Up, make_entity: Callable, connection: Connection
) -> None:
    keys = [make_entity(provider=connector_kit.NAME) for _ in range(3)]
    night = [ask(connection, entity, "scheduled") for entity in keys]
    for each in night:
        launched_run(connection, each)
    assert ask(connection, keys[-1], "manual") == night[-1]
    wait_for(
        lambda: up.dagster.run(launched_run(connection, night[-1]))["tags"][PRIORITY_TAG] == "10",
        "the move to the front",
    )
    busy[0]()
    rows = [ended(connection, each) for each in night]
    assert {row["outcome"] for row in rows} == {"succeeded"}
    assert rows[2]["started_at"] < rows[0]["started_at"] < rows[1]["started_at"]


def test_a_second_reconciler_stands_by(up: Up, make_entity: Callable, connection: Connection) -> None:
    second = subprocess.Popen(
        [sys.executable, "-m", "monitr_pipelines.reconciler"],
        cwd=up.home,
        env={**os.environ, "MONITR_DAGSTER_PORT": str(up.ports[0]), "DAGSTER_HOME": str(up.home / "dagster")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        keys = [make_entity(provider=connector_kit.NAME) for _ in range(2)]
        wait_for(lambda: listening(connection) == 2, "the second reconciler")
        asked = [ask(connection, entity) for entity in keys]
        for each in asked:
            assert ended(connection, each)["outcome"] == "succeeded"
            assert len(runs_of(up, each)) == 1
    finally:
        second.kill()
        second.wait()


def listening(connection: Connection) -> int:
    """How many reconcilers are there: each one asked for the lock last, or works on what it hears of."""
    row = connection.execute(
        "select count(distinct pid) as found from pg_stat_activity "
        "where application_name = 'monitr reconciler'"
    ).fetchone()
    return int(row["found"]) if row else 0


def test_the_reconciler_gives_a_sign_of_life(up: Up, connection: Connection) -> None:
    def beat() -> object:
        return connection.execute("select beat_at from app.reconciler_beat").fetchone()

    first = wait_for(beat, "a beat")
    wait_for(lambda: beat() != first, "the next beat")


def test_the_reconciler_tells_of_a_failure(up: Up, make_entity: Callable, connection: Connection) -> None:
    entity = make_entity()
    set_organisation(connection, entity, "alert_email = 'an@peeters.example'")
    failing = claims.claim(connection, entity, run_id=f"{entity} fails", import_id=None, trigger="cli")
    assert outcome.finish(connection, failing, ReconnectNeeded("The token has expired."))

    def alert() -> dict[str, object] | None:
        return connection.execute(
            "select a.cause, m.recipient from app.alert as a "
            "inner join app.alert_message as m on a.id = m.alert_id where a.entity_id = %s",
            [failing.entity_id],
        ).fetchone()

    assert wait_for(alert, "the alert") == {"cause": "reconnect_needed", "recipient": "an@peeters.example"}
