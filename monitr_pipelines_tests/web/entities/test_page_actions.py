"""What the buttons of the Entities page do, and what they refuse."""

from typing import Any

import httpx2
import pytest

from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.page_kit import (
    Company,
    card_text,
    end,
    form_token,
    make_company,
    run,
    sign_in,
    start,
)


@pytest.fixture
def company(connection: Connection, client: httpx2.Client) -> Company:
    made = make_company(connection, ("Bakkerij Peeters", "Garage Wouters", "Immo Zuid"))
    sign_in(client, made.token)
    return made


def asked(connection: Connection, key: str) -> list[dict[str, Any]]:
    return connection.execute(
        """
        select i.id, i.trigger, i.requested_by, i.mode, i.outcome
        from app.import as i inner join app.entity as e on i.entity_id = e.id
        where e.key = %s order by i.id
        """,
        [key],
    ).fetchall()


def post(client: httpx2.Client, path: str, **values: object) -> httpx2.Response:
    return client.post(path, data={"csrf": form_token(client, "/entities"), **values})


def test_sync_now_asks_for_an_import_in_the_persons_name(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    answer = post(client, f"/entities/{company.key}/sync", back="/entities?q=bak")
    assert answer.headers["location"] == f"/entities?q=bak#card-{company.key}"
    rows = asked(connection, company.key)
    assert [(row["trigger"], row["requested_by"], row["mode"]) for row in rows] == [
        ("manual", "An Peeters", "incremental")
    ]
    post(client, f"/entities/{company.key}/sync")
    assert len(asked(connection, company.key)) == 1


@pytest.mark.parametrize(
    ("back", "kept"), [("/entities?q=bak&page=2", "/entities?q=bak&amp;page=2"), ("//evil", "/entities")]
)
def test_a_card_that_was_put_in_place_leads_back_to_the_same_page(
    client: httpx2.Client, company: Company, back: str, kept: str
) -> None:
    card = client.get(f"/entities/{company.key}/card", params={"back": back}).text
    assert f'name="back" value="{kept}"' in card


def test_a_refused_request_tells_the_gates_sentence_and_changes_nothing(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    run(connection, company.key, ProviderDown("Down."))
    before = card_text(client.get("/entities").text, company.key).partition("Diagnostics")[0]
    answer = post(client, f"/entities/{company.key}/sync")
    assert answer.headers["location"] == f"/entities/{company.key}?refused=1"
    assert "failed less than an hour ago. Wait until" in alert(client, answer)
    assert len(asked(connection, company.key)) == 1
    after = card_text(client.get("/entities").text, company.key).partition("Diagnostics")[0]
    assert after.split(" ago ")[0] == before.split(" ago ")[0]


def alert(client: httpx2.Client, answer: httpx2.Response) -> str:
    """What the page that an answer leads to has to say before anything else."""
    return client.get(answer.headers["location"]).text.partition('role="alert"')[2].partition("</div>")[0]


def test_a_running_import_refuses_another(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    claimed = start(connection, company.key)
    answer = post(client, f"/entities/{company.key}/sync")
    assert "Wait until it has ended" in alert(client, answer)
    end(connection, claimed)
    assert alert(client, answer) == ""


def test_the_selected_ones_are_synced(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    run(connection, company.keys[1], ProviderDown("Down."))
    chosen = [company.keys[0], company.keys[0], company.keys[1]]
    answer = post(client, "/entities/sync", scope="selected", entity=chosen)
    assert answer.headers["location"] == "/entities?asked=1&refused=1"
    told = client.get(answer.headers["location"]).text
    assert "Imports asked for: 1. Not possible now: 1." in told
    assert [len(asked(connection, key)) for key in company.keys] == [1, 1, 0]


def test_all_that_match_are_synced(client: httpx2.Client, company: Company, connection: Connection) -> None:
    run(connection, company.keys[1], ProviderDown("Down."))
    assert "Sync all that match (2)" in client.get("/entities?q=i&status=never").text
    answer = post(client, "/entities/sync", scope="all", q="i", status="never")
    assert answer.headers["location"] == "/entities?q=i&status=never&asked=2"
    assert [len(asked(connection, key)) for key in company.keys] == [1, 1, 1]
    assert asked(connection, company.keys[1])[0]["trigger"] == "cli"


def test_nothing_selected_is_nothing_asked_and_told(client: httpx2.Client, company: Company) -> None:
    answer = post(client, "/entities/sync", scope="selected", q="i")
    assert answer.headers["location"] == "/entities?q=i&unselected=1"
    assert "Nothing is selected." in client.get(answer.headers["location"]).text


def test_a_reset_says_what_will_happen_and_makes_the_next_import_full(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    run(connection, company.key)
    figures = figures_at(connection, company.key)
    page = client.get(f"/entities/{company.key}/reset").text
    assert "reads the whole ledger again" in page
    assert "stay until that import has succeeded" in page
    assert figures_at(connection, company.key) == figures
    answer = post(client, f"/entities/{company.key}/reset")
    assert answer.headers["location"] == f"/entities/{company.key}"
    shown = card_text(client.get("/entities").text, company.key)
    assert "An Peeters asked for a reset: the next import reads everything again." in shown
    assert figures_at(connection, company.key) == figures
    claimed = start(connection, company.key)
    assert claimed.mode == "full"
    end(connection, claimed)


def figures_at(connection: Connection, key: str) -> object:
    row = connection.execute("select figures_at from app.entity where key = %s", [key]).fetchone()
    assert row
    assert row["figures_at"] is not None
    return row["figures_at"]


@pytest.mark.parametrize("action", ["sync", "reset"])
def test_nobody_acts_on_the_entities_of_others(
    client: httpx2.Client, company: Company, connection: Connection, action: str
) -> None:
    other = make_company(connection, ("Somebody else",))
    answer = post(client, f"/entities/{other.key}/{action}")
    assert answer.status_code == 404
    assert "Somebody else" not in answer.text
    many = post(client, "/entities/sync", scope="selected", entity=[other.key])
    assert many.headers["location"] == "/entities?refused=1"
    row = connection.execute("select reset_at from app.entity where key = %s", [other.key]).fetchone()
    assert row == {"reset_at": None}
    assert asked(connection, other.key) == []


def test_a_locked_entity_is_a_page_that_says_try_again(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    with connection.transaction():
        connection.execute("select from app.entity where key = %s for update", [company.key])
        answer = post(client, f"/entities/{company.key}/sync")
        many = post(client, "/entities/sync", scope="selected", entity=[company.key])
    assert answer.status_code == 503
    assert "try again in a minute" in answer.text
    assert "Not possible now: 1" in client.get(many.headers["location"]).text
    assert "where one tells nothing, try again" in client.get(many.headers["location"]).text
    assert asked(connection, company.key) == []
