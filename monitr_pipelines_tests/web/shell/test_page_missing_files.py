"""A file that was refused is missing until one comes in: a night that fetches nothing is no answer."""

from datetime import UTC, datetime

import pytest
from common_kit import entity_id

from monitr_pipelines import alerts
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.page_kit import card_text
from monitr_pipelines_tests.web.wizard_kit import HEADER, Person, booking, run_import

UNBALANCED = HEADER + booking("2026-01-31") + "2026-01-31,611000,Electricity,Invoice,1.00,\n"


def open_causes(connection: Connection, person: Person) -> list[str]:
    alerts.watch(connection, datetime.now(UTC))
    rows = connection.execute(
        "select cause from app.alert where entity_id = %s and closed_at is null",
        [entity_id(connection, person.company.key)],
    )
    return [row["cause"] for row in rows]


@pytest.fixture
def refused(connection: Connection, person: Person) -> Person:
    """Someone whose first file is in the books, and whose second one was refused."""
    key = person.company.key
    person.send(person.draft(HEADER + booking("2026-01-31")), "import")
    assert run_import(connection, key).problem is None
    person.send(person.draft(UNBALANCED), "import")
    assert isinstance(run_import(connection, key).problem, InconsistentData)
    return person


def test_the_night_leaves_the_failure_on_the_card_and_its_alert_open(
    connection: Connection, refused: Person
) -> None:
    address = f"/entities/{refused.company.key}"
    assert open_causes(connection, refused) == ["unbalanced"]
    before = refused.client.get(address).text
    problem = run_import(connection, refused.company.key).problem
    assert problem is not None
    assert problem.code == "no_ledger_file"
    after = refused.client.get(address).text
    assert "Failed" in card_text(after, refused.company.key)
    assert "Findings of the last import" in before
    assert "Findings of the last import" in after
    assert open_causes(connection, refused) == ["unbalanced"]


def test_the_next_file_is_an_answer(connection: Connection, refused: Person) -> None:
    open_causes(connection, refused)
    run_import(connection, refused.company.key)
    refused.send(refused.draft(HEADER + booking("2026-01-30")), "import")
    assert run_import(connection, refused.company.key).problem is None
    assert run_import(connection, refused.company.key).problem is None
    card = card_text(refused.client.get("/entities").text, refused.company.key)
    assert "Succeeded" in card
    assert open_causes(connection, refused) == []


def test_a_failure_that_refused_no_file_is_cured_by_the_night(connection: Connection, person: Person) -> None:
    key = person.company.key
    person.send(person.draft(HEADER + booking("2026-01-31")), "import")
    assert run_import(connection, key).problem is None
    run = run_import(connection, key)
    connection.execute(
        "update app.import set outcome = 'failed', error_code = 'worker_lost' where id = %s",
        [run.claimed.import_id],
    )
    assert "Failed" in card_text(person.client.get("/entities").text, key)
    assert run_import(connection, key).problem is None
    assert "Succeeded" in card_text(person.client.get("/entities").text, key)
