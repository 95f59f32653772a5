"""What operations watch: health, and the numbers of `/metrics`."""

from collections.abc import Callable

import httpx2
import pytest
from hook_kit import Sender, run_of
from prometheus_client.parser import text_string_to_metric_families

from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.warehouse.queue.outcome import finish
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.operations import metrics

Numbers = dict[tuple[str, ...], float]


@pytest.fixture
def numbers(client: httpx2.Client, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Numbers]:
    """Scrapes; each sample by its name and the values of its labels, these in the order of their names."""
    monkeypatch.setattr(metrics, "KEPT_SECONDS", 0)

    def scrape() -> Numbers:
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        return {
            (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    return scrape


def test_the_process_lives_and_can_serve(client: httpx2.Client, connection: Connection) -> None:
    connection.execute("delete from app.reconciler_beat")
    assert client.get("/health/live").json() == {"status": "alive"}
    for path in ("/health", "/health/ready"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ready", "launching": False})
    connection.execute("insert into app.reconciler_beat (beat_at) values (now())")
    assert client.get("/health").json() == {"status": "ready", "launching": True}


def test_imports_are_counted_by_outcome_and_cause(
    sender: Sender, connection: Connection, numbers: Callable[[], Numbers]
) -> None:
    before = numbers()
    finish(connection, run_of(connection, sender.entities[0]), None)
    finish(
        connection,
        run_of(connection, sender.entities[0]),
        ImportProblem("It broke.", code="broken_for_the_test"),
    )
    after = numbers()
    name = "monitr_imports_finished"
    assert after[name, "none", "succeeded"] == before[name, "none", "succeeded"] + 1
    assert after[name, "broken_for_the_test", "failed"] == 1
    assert (name, "broken_for_the_test", "failed") not in before


def test_durations_are_a_histogram(
    sender: Sender, connection: Connection, numbers: Callable[[], Numbers]
) -> None:
    before = numbers()
    finish(connection, run_of(connection, sender.entities[0]), None)
    connection.execute(
        """
        update app.import set started_at = finished_at - interval '7 seconds'
        where entity_id = (select id from app.entity where key = %s)
        """,
        [sender.entities[0]],
    )
    after = numbers()
    name = "monitr_import_duration_seconds"
    gained = {
        bound: after[f"{name}_bucket", bound] - before[f"{name}_bucket", bound]
        for bound in ("1", "2", "5", "10", "30", "60", "300", "1800", "+Inf")
    }
    assert gained == {"1": 0, "2": 0, "5": 0, "10": 1, "30": 1, "60": 1, "300": 1, "1800": 1, "+Inf": 1}
    assert after[f"{name}_gsum",] == pytest.approx(before[f"{name}_gsum",] + 7)
    assert after[f"{name}_gcount",] == before[f"{name}_gcount",] + 1


def test_the_queue_has_a_depth_and_an_age(
    sender: Sender, connection: Connection, numbers: Callable[[], Numbers]
) -> None:
    before = numbers()
    asked = sender.ask().json()["import"]
    connection.execute(
        "update app.import set requested_at = now() - interval '9 days' where id = %s", [asked]
    )
    waiting = numbers()
    assert waiting["monitr_imports_waiting",] == before["monitr_imports_waiting",] + 1
    assert waiting["monitr_imports_oldest_waiting_seconds",] >= 9 * 24 * 60 * 60
    running = run_of(connection, sender.entities[0], asked)
    started = numbers()
    assert started["monitr_imports_waiting",] == before["monitr_imports_waiting",]
    assert started["monitr_imports_running",] == before["monitr_imports_running",] + 1
    finish(connection, running, None)
    assert numbers()["monitr_imports_running",] == before["monitr_imports_running",]


@pytest.fixture
def entity_of(make_entity: Callable[..., str], connection: Connection) -> Callable[..., str]:
    """Makes an entity of a provider, whose figures are of that age, if there are any."""

    def make(provider: str, age: str | None, **about: str) -> str:
        entity = make_entity(provider=provider, **about)
        connection.execute(
            "update app.entity set figures_at = now() - %s::interval where key = %s", [age, entity]
        )
        return entity

    return make


@pytest.mark.parametrize(
    ("provider", "age", "kind"),
    [
        ("exact", "27 hours", "late"),
        ("exact", "25 hours", "current"),
        ("exact", None, "never"),
        ("file", "900 hours", "current"),
        ("file", None, "never"),
    ],
)
def test_figures_are_current_late_or_were_never_there(
    entity_of: Callable[..., str], numbers: Callable[[], Numbers], provider: str, age: str | None, kind: str
) -> None:
    source = "file" if provider == "file" else "provider"
    before = numbers()
    entity_of(provider, age)
    after = numbers()
    assert after["monitr_entities", kind, source] == before["monitr_entities", kind, source] + 1
    if age:
        assert after["monitr_figures_oldest_seconds", source] >= int(age.split()[0]) * 3600


def test_who_may_not_import_is_not_late(
    entity_of: Callable[..., str], numbers: Callable[[], Numbers]
) -> None:
    before = numbers()
    entity_of("exact", "900 hours", subscription="canceled")
    assert numbers()["monitr_entities", "late", "provider"] == before["monitr_entities", "late", "provider"]


def test_metrics_name_no_tenant(
    sender: Sender, connection: Connection, client: httpx2.Client, numbers: Callable[[], Numbers]
) -> None:
    sender.ask()
    numbers()
    names = connection.execute(
        """
        select name from app.organisation where id = %(organisation)s
        union select key from app.entity where organisation_id = %(organisation)s
        union select public_id from app.hook_key where organisation_id = %(organisation)s
        """,
        {"organisation": sender.organisation_id},
    ).fetchall()
    text = client.get("/metrics").text
    assert len(names) >= 3
    assert [row["name"] for row in names if row["name"] in text] == []


def test_scrapes_within_a_few_seconds_read_the_database_once() -> None:
    now, reads = [100], [0]

    def read() -> list[metrics.Measure]:
        reads[0] += 1
        return [("waiting", {}, reads[0])]

    measures = metrics.Measures(read, clock=lambda: now[0])
    for moment, expected in ((100, 1), (102, 1), (103, 2), (104, 2)):
        now[0] = moment
        list(measures.collect())
        assert reads[0] == expected


def test_the_web_process_sees_sums_without_seeing_rows(sender: Sender) -> None:
    sender.ask()
    with tenancy.as_nobody() as nobody:
        waiting = [value for measure, _, value in metrics.measured(nobody) if measure == "waiting"]
        seen = nobody.execute("select count(*) as rows from app.import").fetchone()
    assert waiting[0] >= 1
    assert seen == {"rows": 0}
