"""Connecting by a form and on the software's own page: tested first, kept encrypted, never shown."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from provider_kit import NAME, Toy, installed

from monitr_pipelines import providers, settings
from monitr_pipelines.importing import connecting
from monitr_pipelines.providers.contract import Administration, CredentialField
from monitr_pipelines.warehouse.registry.tokens import StoredTokens
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web import sign_in_kit
from monitr_pipelines_tests.web.hook_kit import Web
from monitr_pipelines_tests.web.page_kit import Company, card_text, form_token, make_company, run, sign_in
from monitr_pipelines_tests.web.sign_in_kit import BAKERY, GARAGE, SHOP, ToyServer, allow

PASSWORD, WRONG = "correct-horse-8c1f", "wrong-horse-8c1f"
FORM = f"/integrations/connect/{NAME}"


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    software = Toy(PASSWORD, companies=[BAKERY, GARAGE])
    with installed(software, tmp_path, monkeypatch):
        yield software


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web: Web) -> Iterator[ToyServer]:
    monkeypatch.setenv("MONITR_PUBLIC_URL", web.url)
    with sign_in_kit.running(tmp_path, monkeypatch) as software:
        yield software


@pytest.fixture
def company(connection: Connection, client: httpx2.Client) -> Company:
    made = make_company(connection, provider="file")
    sign_in(client, made.token)
    return made


def post(client: httpx2.Client, page: str, address: str, **fields: str) -> httpx2.Response:
    return client.post(address, data={"csrf": form_token(client, page), **fields})


def give(client: httpx2.Client, password: str = PASSWORD, **fields: str) -> httpx2.Response:
    given = {"field.user": "an", "field.password": password, **fields}
    return post(client, FORM, f"{FORM}/test", **given)


def keep(client: httpx2.Client, tested: httpx2.Response) -> httpx2.Response:
    (word,) = re.findall(r'name="word" value="([^"]+)"', tested.text)
    return post(client, FORM, "/integrations/keep", word=word)


def connections_of(connection: Connection, company: Company) -> list[dict[str, object]]:
    return connection.execute(
        "select id, provider, state, label, connected_by from app.integration "
        "where organisation_id = %s and was_connected order by id",
        [company.organisation_id],
    ).fetchall()


def changes_of(connection: Connection, company: Company) -> list[tuple[str, str, str]]:
    rows = connection.execute(
        "select person, action, subject from app.change where organisation_id = %s order by id",
        [company.organisation_id],
    )
    return [(row["person"], row["action"], row["subject"]) for row in rows]


# By a form


def test_what_was_tested_is_kept_and_no_secret_is_in_any_page(
    connection: Connection,
    client: httpx2.Client,
    toy: Toy,
    company: Company,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        tested = give(client)
        assert tested.status_code == 200
        assert "Garage Janssens" in tested.text
        assert connections_of(connection, company) == []
        kept = keep(client, tested)
        number = connections_of(connection, company)[0]["id"]
        assert kept.headers["location"] == f"/integrations/{number}/administrations?new=1"
        pages = [tested.text, client.get(kept.headers["location"]).text, client.get("/integrations").text]
    (row,) = connections_of(connection, company)
    assert (row["provider"], row["state"], row["label"]) == (NAME, "connected", "an")
    assert row["connected_by"] == "An Peeters"
    assert StoredTokens(int(str(row["id"]))).read() == {"user": "an", "password": PASSWORD}
    assert [PASSWORD in text for text in [*pages, caplog.text]] == [False] * 4
    assert changes_of(connection, company) == [("An Peeters", "connected", "Toy (an)")]


def test_what_does_not_work_is_told_and_not_kept(
    connection: Connection, client: httpx2.Client, toy: Toy, company: Company
) -> None:
    refused = give(client, WRONG)
    assert refused.status_code == 422
    assert "Toy does not accept this." in refused.text
    assert 'value="an"' in refused.text
    assert WRONG not in refused.text
    assert "Fill in every field." in give(client, "").text
    assert connections_of(connection, company) == []


def test_what_a_connector_raises_unforeseen_is_told_as_our_fault_and_quotes_nothing(
    client: httpx2.Client,
    toy: Toy,
    company: Company,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_name: str, values: dict[str, str]) -> None:
        raise ValueError(values["password"])

    monkeypatch.setattr(connecting, "try_out", fail)
    told = give(client)
    assert "Something went wrong on our side." in told.text
    assert "ValueError" in caplog.text
    assert PASSWORD not in told.text + caplog.text


def test_a_word_is_good_once_in_its_session_and_for_a_while(
    connection: Connection,
    client: httpx2.Client,
    new_client: Callable[[], httpx2.Client],
    toy: Toy,
    company: Company,
) -> None:
    tested = give(client)
    assert keep(client, tested).headers["location"].startswith("/integrations/")
    again = keep(client, tested)
    assert client.get(again.headers["location"]).status_code == 410
    assert len(connections_of(connection, company)) == 1

    other = new_client()
    sign_in(other, company.token)
    stolen = keep(other, give(client))
    assert stolen.headers["location"].endswith("error=over")

    late = give(client)
    connection.execute("update app.pending_connection set expires_at = now() - interval '1 second'")
    assert keep(client, late).headers["location"].endswith("error=over")
    assert len(connections_of(connection, company)) == 1


def test_what_waits_for_its_button_is_encrypted(
    connection: Connection, client: httpx2.Client, toy: Toy, company: Company
) -> None:
    give(client)
    row = connection.execute(
        "select content, expires_at - now() as left from app.pending_connection where organisation_id = %s",
        [company.organisation_id],
    ).fetchone()
    assert row is not None
    assert PASSWORD.encode() not in bytes(row["content"])
    assert row["left"] < timedelta(minutes=16)


# On the software's own page


def leave(client: httpx2.Client, **fields: str) -> str:
    """The address of the software's page."""
    page = post(client, FORM, f"{FORM}/sign-in", **fields)
    assert page.status_code == 200, page.text
    (away,) = re.findall(r'rel="noreferrer" href="([^"]+)"', page.text)
    return away.replace("&amp;", "&")


def connect(connection: Connection, client: httpx2.Client, company: Company) -> int:
    client.get(allow(leave(client)))
    return int(str(connections_of(connection, company)[-1]["id"]))


def test_the_sign_in_carries_a_digest_and_comes_back_to_us(
    client: httpx2.Client, server: ToyServer, company: Company
) -> None:
    asked = parse_qs(urlsplit(leave(client)).query)
    assert asked["redirect_uri"] == [f"{settings.public_url()}/integrations/callback"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) == 43


def test_who_let_us_in_is_connected_and_no_secret_is_in_a_page_or_an_address(
    connection: Connection,
    client: httpx2.Client,
    server: ToyServer,
    company: Company,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        leaving = post(client, FORM, f"{FORM}/sign-in")
        back = allow(leave(client))
        on_the_way = connection.execute(
            "select string_agg(t::text, ' ') as rows from app.pending_connection as t"
        )
        kept_meanwhile = str(on_the_way.fetchone())
        kept = client.get(back)
    (row,) = connections_of(connection, company)
    assert kept.headers["location"] == f"/integrations/{row['id']}/administrations?new=1"
    (token,) = server.given_out
    assert StoredTokens(int(str(row["id"]))).read() == {"token": token}
    shown = leaving.text + client.get(kept.headers["location"]).text + caplog.text
    assert token not in shown
    assert sign_in_kit.APPLICATION.secret not in shown + leaving.text
    (verifier,) = server.verifiers
    (code,) = parse_qs(urlsplit(back).query)["code"]
    # The browser of this test logs the addresses that it asks for.
    ours = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    for secret in (verifier, code):
        assert secret not in leaving.text + client.get(kept.headers["location"]).text + kept_meanwhile + ours
        assert secret.encode().hex() not in kept_meanwhile
    assert client.get(back).status_code == 410
    assert len(connections_of(connection, company)) == 1


def test_a_state_of_another_session_or_made_up_or_late_connects_nothing(
    connection: Connection,
    client: httpx2.Client,
    new_client: Callable[[], httpx2.Client],
    server: ToyServer,
    company: Company,
) -> None:
    other = new_client()
    sign_in(other, company.token)
    assert other.get(allow(leave(client))).status_code == 410
    assert client.get("/integrations/callback?code=x&state=made-up").status_code == 410
    back = allow(leave(client))
    connection.execute("update app.pending_connection set expires_at = now() - interval '1 second'")
    assert client.get(back).status_code == 410
    assert server.given_out == []
    assert connections_of(connection, company) == []


def test_a_code_is_exchanged_once_even_where_that_fails(
    connection: Connection, client: httpx2.Client, server: ToyServer, company: Company
) -> None:
    back = allow(leave(client))
    server.codes.clear()
    assert client.get(back).status_code == 422
    assert client.get(back).status_code == 410
    server.denies = True
    denied = client.get(allow(leave(client)))
    assert "You did not let Monitr in." in denied.text
    assert connections_of(connection, company) == []


def test_what_comes_back_beside_the_code_is_kept_and_nobody_is_asked_for_it(
    connection: Connection,
    client: httpx2.Client,
    server: ToyServer,
    company: Company,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    returned = CredentialField("company", "Company", returned="realmId")
    software = replace(providers.find(NAME), fields=(returned,))
    with monkeypatch.context() as patched:
        patched.setattr(providers, "find", lambda _: software)
        assert "field.company" not in client.get(FORM).text
        assert client.get(allow(leave(client))).status_code == 422
        assert server.given_out == []
        client.get(f"{allow(leave(client))}&realmId=4711&other=1")
    (row,) = connections_of(connection, company)
    assert row["label"] == "4711"
    kept = StoredTokens(int(str(row["id"]))).read()
    assert dict(kept) == {"company": "4711", "token": server.given_out[0]}


def test_a_software_that_we_are_not_registered_with_is_not_offered(
    client: httpx2.Client, server: ToyServer, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Taken back before the server's own patch is.
    with monkeypatch.context() as patched:
        patched.setattr(sign_in_kit.ports, "application_of", {}.get)
        assert f'href="{FORM}"' not in client.get("/integrations/connect").text
        form = client.get(FORM).text
        assert "Not available here yet" in form
        assert "/sign-in" not in form.replace("/sign-out", "")
        csrf = form_token(client, FORM)
        assert client.post(f"{FORM}/sign-in", data={"csrf": csrf}).status_code == 422


# Connecting again


@pytest.fixture
def connected(connection: Connection, client: httpx2.Client, server: ToyServer, company: Company) -> int:
    """A connection with two entities, whose token was revoked in the software."""
    number = connect(connection, client, company)
    page = f"/integrations/{number}/administrations"
    chosen = post(
        client, page, page, **{"choice.A1": "first", "choice.A2": "normal", "choice.A3": "not importing"}
    )
    assert chosen.headers["location"] == "/entities"
    for key in keys_of(connection, number):
        run(connection, key)
    server.revoke()
    connection.execute("update app.integration set state = 'reconnect needed' where id = %s", [number])
    return number


def keys_of(connection: Connection, number: int) -> list[str]:
    rows = connection.execute("select key from app.entity where integration_id = %s order by id", [number])
    return [row["key"] for row in rows]


def test_reconnect_needed_is_not_hidden_under_a_green_succeeded(
    connection: Connection, client: httpx2.Client, connected: int
) -> None:
    key = keys_of(connection, connected)[0]
    page = client.get("/entities").text
    said = card_text(page, key)
    assert "Reconnect needed" in said
    assert 'class="status succeeded"' not in page
    assert f'href="/integrations/{connected}/reconnect"' in page
    assert client.get(f"/integrations/{connected}/reconnect").headers["location"].startswith(FORM)


def test_connecting_again_keeps_connection_entities_and_history_and_imports_at_once(
    connection: Connection, client: httpx2.Client, server: ToyServer, company: Company, connected: int
) -> None:
    before = keys_of(connection, connected)
    kept = client.get(allow(leave(client, connection=str(connected))))
    assert kept.headers["location"] == "/integrations?done=reconnected"
    assert keys_of(connection, connected) == before
    (row,) = connections_of(connection, company)
    assert (row["id"], row["state"]) == (connected, "connected")
    waiting = connection.execute(
        "select trigger, requested_by from app.import inner join app.entity on entity_id = entity.id "
        "where key = any(%s) and finished_at is null and started_at is null",
        [before],
    ).fetchall()
    assert waiting == [{"trigger": "reconnected", "requested_by": "An Peeters"}] * 2
    assert changes_of(connection, company)[-1] == ("An Peeters", "reconnected", "Toy")


def test_an_account_that_does_not_see_the_entities_is_refused(
    connection: Connection, client: httpx2.Client, server: ToyServer, company: Company, connected: int
) -> None:
    server.companies = [SHOP, GARAGE, Administration("B1", "Someone else", "EUR")]
    refused = client.get(allow(leave(client, connection=str(connected))))
    assert refused.status_code == 422
    assert "This account does not see Bakkerij Peeters, which this connection imports." in refused.text
    (row,) = connections_of(connection, company)
    assert row["state"] == "reconnect needed"
    assert StoredTokens(connected).read() == {"token": server.given_out[0]}


def test_a_connection_of_someone_else_is_not_found(
    connection: Connection, client: httpx2.Client, server: ToyServer, connected: int
) -> None:
    stranger = make_company(connection)
    sign_in(client, stranger.token)
    for page in ("administrations", "remove", "reconnect"):
        assert client.get(f"/integrations/{connected}/{page}").status_code == 404
    assert client.get(f"{FORM}?connection={connected}").status_code == 404
    csrf = form_token(client, FORM)
    for address in (f"/integrations/{connected}/remove", f"{FORM}/sign-in"):
        answer = client.post(address, data={"csrf": csrf, "connection": str(connected)})
        assert answer.status_code == 404, address


# Removing


def test_a_removed_connection_keeps_history_and_figures_and_can_be_connected_again(
    connection: Connection, client: httpx2.Client, server: ToyServer, company: Company, connected: int
) -> None:
    page = f"/integrations/{connected}/remove"
    asked = client.get(page).text
    assert "The history of their imports and their figures stay visible." in asked
    assert post(client, page, page).headers["location"] == "/integrations?done=removed"
    row = connection.execute("select credentials, state from app.integration where id = %s", [connected])
    assert row.fetchone() == {"credentials": None, "state": "removed"}
    key = keys_of(connection, connected)[0]
    said = card_text(client.get("/entities").text, key)
    assert "Connection removed" in said
    assert "Sync now" not in said
    assert "Succeeded" in client.get(f"/entities/{key}").text
    client.get(allow(leave(client, connection=str(connected))))
    assert connections_of(connection, company)[0]["state"] == "connected"
    assert changes_of(connection, company)[-2][1] == "connection removed"
