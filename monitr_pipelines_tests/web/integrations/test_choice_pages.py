"""Choosing administrations: what is imported, how early, and what is not; first imports by themselves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from provider_kit import NAME, Toy, installed

from monitr_pipelines.importing import connecting, looking_again
from monitr_pipelines.providers.contract import Administration
from monitr_pipelines.warehouse.queue import nightly
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.page_kit import Company, card_text, form_token, make_company, run, sign_in

PASSWORD = "correct-horse-8c1f"  # noqa: S105 - of the toy
BAKERY = Administration("A1", "Bakkerij Peeters", "EUR")
GARAGE = Administration("A2", "Garage Janssens", "USD", 7)
SHOP = Administration("A/3 &", "Winkel Willems", "EUR")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    software = Toy(PASSWORD, companies=[BAKERY, GARAGE, SHOP])
    with installed(software, tmp_path, monkeypatch):
        yield software


@pytest.fixture
def company(connection: Connection, client: httpx2.Client) -> Company:
    made = make_company(connection, provider="file")
    sign_in(client, made.token)
    return made


@pytest.fixture
def number(connection: Connection, toy: Toy, company: Company) -> int:
    values = {"user": "an", "password": PASSWORD}
    return connecting.connect(connection, company.name, NAME, values, "An Peeters")


def choose(client: httpx2.Client, number: int, **choices: str) -> httpx2.Response:
    page = f"/integrations/{number}/administrations"
    fields = {f"choice.{name}": choice for name, choice in choices.items()}
    return client.post(page, data={"csrf": form_token(client, page), **fields})


def entities_of(connection: Connection, number: int) -> dict[str, dict[str, Any]]:
    rows = connection.execute(
        """
        select administration, entity.*, import.trigger, import.requested_by, import.priority as place
        from app.entity left join app.import on import.entity_id = entity.id and import.finished_at is null
        where integration_id = %s
        """,
        [number],
    )
    return {row["administration"]: row for row in rows}


def test_what_is_chosen_is_imported_at_once_and_in_its_order(
    connection: Connection, client: httpx2.Client, number: int
) -> None:
    page = client.get(f"/integrations/{number}/administrations").text
    assert "July" in page
    answer = choose(client, number, **{"A1": "first", "A2": "normal", "A/3 &": "not importing"})
    assert answer.headers["location"] == "/entities"
    made = entities_of(connection, number)
    assert set(made) == {"A1", "A2"}
    assert (made["A2"]["name"], made["A2"]["currency"], made["A2"]["fiscal_year_start"]) == (
        "Garage Janssens",
        "USD",
        7,
    )
    assert {(row["trigger"], row["requested_by"]) for row in made.values()} == {("first", "An Peeters")}
    assert made["A1"]["place"] - made["A2"]["place"] == 1
    assert choose(client, number, A1="first", A2="normal").headers["location"].startswith("/integrations")
    assert len(entities_of(connection, number)) == 2


def test_not_importing_keeps_the_entity_and_choosing_it_again_goes_on(
    connection: Connection, client: httpx2.Client, company: Company, number: int
) -> None:
    choose(client, number, A1="normal", A2="normal")
    key = entities_of(connection, number)["A1"]["key"]
    run(connection, key)
    assert choose(client, number, A1="not importing").headers["location"].endswith("stopped=1")
    said = card_text(client.get("/entities").text, key)
    assert "Not importing" in said
    assert "Sync now" not in said
    night = nightly.read_night(connection, _now(connection), now=_now(connection), importable=["file", NAME])
    assert key not in night.due
    choose(client, number, A1="last")
    again = entities_of(connection, number)["A1"]
    assert (again["key"], again["status"], again["priority"]) == (key, "Active", -1)
    assert again["trigger"] == "first"
    actions = connection.execute(
        "select action, subject, person from app.change where organisation_id = %s order by id",
        [company.organisation_id],
    ).fetchall()
    assert [(row["action"], row["subject"]) for row in actions] == [
        ("connected", "Toy (an)"),
        ("entity added", "Bakkerij Peeters"),
        ("entity added", "Garage Janssens"),
        ("import stopped", "Bakkerij Peeters"),
        ("priority set", "Bakkerij Peeters"),
        ("import chosen", "Bakkerij Peeters"),
    ]
    assert {row["person"] for row in actions} == {"An Peeters"}


def _now(connection: Connection) -> Any:  # noqa: ANN401 - of the database
    row = connection.execute("select clock_timestamp() as now").fetchone()
    assert row is not None
    return row["now"]


def test_what_the_connection_does_not_see_or_what_is_no_choice_changes_nothing(
    connection: Connection, client: httpx2.Client, number: int
) -> None:
    assert choose(client, number, A1="normal", A9="normal").status_code == 404
    assert choose(client, number, A1="sometimes").status_code == 400
    assert entities_of(connection, number) == {}


def test_without_a_subscription_what_is_chosen_waits_for_it(
    connection: Connection, client: httpx2.Client, company: Company, number: int
) -> None:
    connection.execute(
        "update app.organisation set subscription = 'canceled' where id = %s", [company.organisation_id]
    )
    choose(client, number, A1="normal")
    made = entities_of(connection, number)["A1"]
    assert made["trigger"] is None
    page = client.get("/entities").text
    assert "Subscription" in card_text(page, made["key"])
    assert 'href="/billing"' in page.partition(f'id="card-{made["key"]}"')[2]


# Reading the list again


def test_one_that_was_not_found_is_active_once_the_list_has_it_again(
    connection: Connection, client: httpx2.Client, toy: Toy, number: int
) -> None:
    choose(client, number, A1="normal")
    made = entities_of(connection, number)["A1"]
    run(connection, made["key"])
    entities.mark_not_found(connection, made["id"])
    page = client.get("/entities").text
    assert "Not found" in card_text(page, made["key"])
    assert f'href="/integrations/{number}/administrations"' in page
    toy.companies = [GARAGE]
    looked = len(toy.asked)
    assert looking_again.look(connection) == []
    assert len(toy.asked) == looked
    connection.execute(
        "update app.integration set administrations_looked_at = now() - %s where id = %s",
        [looking_again.LOOK_EVERY, number],
    )
    assert looking_again.look(connection) == []
    shown = client.get(f"/integrations/{number}/administrations").text
    assert "Not seen any more" in shown
    assert entities_of(connection, number)["A1"]["status"] == "Not found"

    toy.companies = [GARAGE, BAKERY]
    asked = f"/integrations/{number}/administrations/read"
    client.post(asked, data={"csrf": form_token(client, f"/integrations/{number}/administrations")})
    assert "The list is being read." in client.get(f"/integrations/{number}/administrations").text
    assert looking_again.look(connection) == [made["key"]]
    assert entities_of(connection, number)["A1"]["status"] == "Active"
    assert "The list is being read." not in client.get(f"/integrations/{number}/administrations").text


def test_a_list_that_cannot_be_read_leaves_everything_and_says_who_must_act(
    connection: Connection, client: httpx2.Client, toy: Toy, number: int
) -> None:
    choose(client, number, A1="normal")
    client.post(
        f"/integrations/{number}/administrations/read",
        data={"csrf": form_token(client, f"/integrations/{number}/administrations")},
    )
    toy.accepts = "changed elsewhere"
    assert looking_again.look(connection) == []
    page = client.get("/integrations").text
    assert "Reconnect needed" in page
    assert "The software no longer accepts this connection." in page
    asked = len(toy.asked)
    assert looking_again.look(connection) == []
    assert len(toy.asked) == asked
    assert entities_of(connection, number)["A1"]["status"] == "Active"
