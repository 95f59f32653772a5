"""What the emulator refuses, how long tokens live and how often one may ask, seen through plain HTTP."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from octopus_server_kit import BEGINNING, FIRST, SECOND, Client, fresh_books, octopus_server

from monitr_pipelines.emulators.octopus import build
from monitr_pipelines.emulators.octopus.service import API
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper

EXPIRED = (401, "Invalid or expired token presented, unauthorized")
MISSING = (400, "Invalid or missing parameters passed")


@pytest.fixture
def client() -> Iterator[Client]:
    with octopus_server(fresh_books()) as client:
        yield client


def test_a_wrong_password_is_counted_and_a_wrong_program_named(client: Client) -> None:
    refused = client.authenticate(user="nobody")
    assert (refused.status, refused.told) == (
        401,
        "Incrementing failed login attempt count for user nobody, IP address 127.0.0.1. ",
    )
    assert client.authenticate("emulated-user", "wrong").status == 401
    refused = client.authenticate(softwareHouseUuid="unknown")
    assert (refused.status, refused.told) == (401, "Invalid credentials or softwarehouse Uuid provided")


def test_credentials_come_as_a_document(client: Client) -> None:
    for document in ({}, {"user": "a"}, {"user": "a", "password": "b", "more": "c"}, ["a"]):
        refused = client.ask("POST", "/authentication", json=document, headers={"softwareHouseUuid": "any"})
        assert (refused.status, refused.told) == MISSING
    assert client.ask("POST", "/authentication", data={"user": "a"}).status == 415


def test_whoever_has_a_token_is_told_so(client: Client) -> None:
    assert client.ask("GET", "/authentication", headers={"Token": client.token}).status == 200
    refused = client.ask("GET", "/authentication", headers={"Token": "other"})
    assert (refused.status, refused.told) == EXPIRED


def test_tokens_live_for_ten_minutes_each(client: Client) -> None:
    client.books.clock.advance(timedelta(minutes=5))
    client.tokens[FIRST] = client.connect(FIRST).document["Dossiertoken"]
    client.books.clock.advance(timedelta(minutes=5) - timedelta(milliseconds=1))
    assert client.connect(SECOND).status == 200
    client.books.clock.advance(timedelta(milliseconds=1))
    refused = client.connect(SECOND)
    assert (refused.status, refused.told) == EXPIRED
    assert client.get("costcentres").status == 200, "the dossier's own token is younger"
    client.books.clock.advance(timedelta(minutes=5))
    assert client.get("costcentres").told == EXPIRED[1]


def test_a_token_is_good_for_what_it_was_given_for(client: Client) -> None:
    client.tokens = {FIRST: client.tokens[SECOND], SECOND: client.token}
    for dossier in (FIRST, SECOND):
        refused = client.get("costcentres", dossier)
        assert (refused.status, refused.told) == EXPIRED
    client.token = client.tokens[FIRST]
    assert client.connect(FIRST).status == 401


def test_a_dossier_that_may_not_be_opened_is_told_from_one_that_is_not_there(client: Client) -> None:
    client.emulator.books.dossiers.disabled.add(FIRST)
    Bookkeeper(client.books).change_company(2, reachable=False)
    for dossier in (FIRST, SECOND):
        refused = client.connect(dossier)
        assert (refused.status, refused.told) == (403, "Unauthorized or disabled dossier")
    refused = client.connect(49_999)
    assert (refused.status, refused.told) == (404, "Dossier not found")
    listed = client.ask("GET", "/dossiers", headers={"Token": client.token})
    assert (listed.status, listed.document) == (200, [])
    assert client.get("costcentres").status == 200, "what was given out before stays good"


def test_the_dossiers_of_the_user_are_listed(client: Client) -> None:
    listed = client.ask("GET", "/dossiers", headers={"Token": client.token}).document
    assert [str(row["dossierKey"]["id"]) for row in listed] == ["40001", "40002"]
    assert [(row["dossierDescription"]) for row in listed] == [
        each.name for each in client.emulator.administrations()
    ]
    assert listed[0]["vatNr"] == "BE0123.456.749"


def test_a_connection_takes_a_number_and_a_language(client: Client) -> None:
    for wrong in ({"localeId": "5"}, {"localeId": "nl"}, {"dossierId": "x"}, {"other": "1"}):
        asked = {"dossierId": str(FIRST)} | wrong
        refused = client.ask("POST", "/dossiers", params=asked, headers={"Token": client.token})
        assert (refused.status, refused.told) == MISSING, wrong
    assert client.connect(FIRST, localeId="2").status == 200


def test_questions_for_bookings_that_are_not_granted(client: Client) -> None:
    for wrong in (
        (25, 5, BEGINNING),
        (25, 0, BEGINNING),
        (25, -1, BEGINNING),
        (-1, 1, "2026-01-01 00:00:00.000"),
        (-1, -1, BEGINNING),
        (25, 1, "2026-01-01"),
        (25, 1, "2026-01-01T00:00:00.000"),
        (25, 1, "2026-01-01 00:00:00"),
        (25, 1, "2026-01-01 00:00:00.000Z"),
        (25, 1, "2026-13-01 00:00:00.000"),
    ):
        refused = client.bookings(*wrong)
        assert (refused.status, refused.told) == MISSING, wrong
    assert client.bookings(25, 2, BEGINNING, modifiedTimeStampTo="tomorrow").status == 400


def test_numbers_have_32_bits(client: Client) -> None:
    assert client.get("bookyears/2147483648/journals").status == 400
    assert client.get("bookyears/2147483647/journals").told == "No Journals found"


def test_what_is_no_operation_is_a_page_and_what_does_not_read_is_refused(client: Client) -> None:
    unknown = client.get("nothing")
    assert (unknown.status, unknown.document) == (404, None)
    assert unknown.headers["Content-Type"].startswith("text/html")
    put = client.ask("PUT", f"/dossiers/{FIRST}/accounts")
    assert (put.status, put.headers["Allow"]) == (405, "GET")
    assert client.ask("DELETE", "/dossiers").headers["Allow"] == "GET, POST"


def test_a_day_is_one_of_the_calendar_and_each_dossier_has_its_own_calls() -> None:
    with octopus_server(fresh_books()) as client:
        client.emulator.limits.calls = None
        assert [client.get("costcentres").status for _ in range(3)] == [200, 200, 429]
        refused = client.get("costcentres")
        assert refused.told == "Maximum allowed calls per day exceeded"
        assert not [name for name in refused.headers if "limit" in name.lower() or name == "Retry-After"]
        assert client.get("costcentres", SECOND).status == 200
        assert client.get("costcentres/active").status == 200, "each operation has its own"
        midnight = timedelta(hours=15)
        client.books.clock.advance(midnight - timedelta(seconds=1))
        client.sign_in()
        assert client.get("costcentres").status == 429
        client.books.clock.advance(timedelta(seconds=1))
        assert client.get("costcentres").status == 200


def test_questions_that_are_refused_are_not_counted() -> None:
    with octopus_server(fresh_books(), calls_a_day="2") as client:
        assert [client.get("accounts").status for _ in range(3)] == [400] * 3
        assert [client.get("accounts", bookyearId=25).status for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"bookings": "both"}, "bookings is debit or credit, not 'both'."),
        ({"calls_a_day": "0"}, "calls_a_day is a number above nothing, not '0'."),
        ({"zone": "Belgium"}, "zone is the name of a time zone, not 'Belgium'."),
    ],
)
def test_options_that_there_are_not(options: Mapping[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        build(fresh_books(), options)


def test_refusals_on_demand_are_worded_as_the_service_or_a_proxy_does(client: Client) -> None:
    for status, kind in ((401, "json"), (404, "json"), (429, "json"), (500, "json"), (503, "html")):
        refusal = client.emulator.refusal(status)
        assert refusal.status == status
        assert kind in refusal.headers["Content-Type"]


def test_settings_tell_how_to_sign_in(client: Client) -> None:
    settings = client.emulator.settings(client.server.address)
    reply = client.authenticate(settings["user"], settings["password"])
    assert reply.status == 200
    assert settings["url"] + API == client.server.address + API
