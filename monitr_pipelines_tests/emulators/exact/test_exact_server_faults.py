"""What published clients get wrong can be provoked, each fault at the request that it is ordered for."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from exact_server_kit import FIRST, LINES, Client, exact_server, ledger_in, ledger_of

from monitr_pipelines.emulators import kinds
from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.faults import on_path
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import Size, invented_books


@pytest.fixture
def client() -> Iterator[Client]:
    with exact_server(invented_books(Size(lines=6_000))) as client:
        yield client


def test_a_token_ends_between_two_pages_and_the_same_request_succeeds_with_a_new_one(client: Client) -> None:
    client.server.faults.inject(faults.meanwhile(client.emulator.tokens.end_access), on_path(LINES), nth=2)
    first = client.get(LINES)
    assert first.next is not None
    assert client.get(first.next).status == 401, "although its clock says that it is good"
    early = client.renew()
    assert (early.status, early.document["error"]) == (400, "access_denied"), (
        "nothing helps before 570 seconds"
    )
    client.books.clock.advance(timedelta(seconds=570))
    client.access = client.renew().document["access_token"]
    rows = [*first.rows, *(row for page in client.pages(first.next) for row in page)]
    assert ledger_in(rows) == ledger_of(client.books)


def test_a_token_endpoint_that_is_down_spends_nothing(client: Client) -> None:
    client.books.clock.advance(timedelta(seconds=575))
    client.server.faults.inject(faults.refused(503), on_path("oauth2/token"))
    assert client.renew().status == 503
    assert client.renew().status == 200


@pytest.mark.parametrize("spent", [200, 401])
def test_an_answer_that_is_lost_has_spent_the_token_or_not(client: Client, spent: int) -> None:
    client.books.clock.advance(timedelta(seconds=575))
    client.server.faults.inject(faults.dropped(executed=spent == 401), on_path("oauth2/token"))
    with pytest.raises(OSError, match="RemoteDisconnected"):
        client.renew()
    assert client.renew().status == spent


def test_the_last_call_of_the_day_has_its_rows() -> None:
    with exact_server(invented_books(Size(lines=6_000)), calls_a_day="2") as client:
        first = client.get(LINES)
        assert first.next is not None
        last = client.get(first.next)
        assert (last.status, last.headers["X-RateLimit-Remaining"], len(last.rows)) == (200, "0", 1000)
        assert last.next is not None
        assert client.get(last.next).status == 429


@pytest.mark.parametrize("form", ["seconds", "date", "epoch", "missing"])
def test_too_many_requests_in_between(client: Client, form: str) -> None:
    client.server.faults.inject(faults.too_many(form, client.server.clock), on_path(LINES), nth=2)
    first = client.get(LINES)
    assert first.next is not None
    refused = client.get(first.next)
    assert (refused.status, "Retry-After" in refused.headers) == (429, form != "missing")
    assert refused.headers["X-RateLimit-Minutely-Remaining"] == "0"
    assert len(client.get(first.next).rows) == 1000


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500, 502, 503, 504])
def test_refusals_are_worded_as_the_service_words_them(client: Client, status: int) -> None:
    client.server.faults.inject(faults.refused(status), on_path(LINES))
    refused = client.get(LINES)
    assert refused.status == status
    assert refused.message
    assert client.get(LINES).status == 200


@pytest.mark.parametrize(("name", "other"), [("d", "value"), ("results", "items"), ("d", "")])
def test_an_envelope_of_another_name(client: Client, name: str, other: str) -> None:
    client.server.faults.inject(faults.renamed(name, other), on_path(LINES))
    address = f"{client.server.address}/api/v1/{FIRST}/{LINES}"
    headers = {"Accept": "application/json", "Authorization": f"Bearer {client.access}"}
    document = client.ask("GET", address, headers=headers).document
    assert other in (document if name == "d" else document["d"])
    assert name not in (document if name == "d" else document["d"])
    assert len(client.get(LINES).rows) == 1000


def test_pages_that_repeat_and_cursors_that_lead_back(client: Client) -> None:
    client.server.faults.inject(faults.repeated_page(), on_path(LINES), nth=2)
    first = client.get(LINES)
    assert first.next is not None
    again = client.get(first.next)
    assert again.rows == first.rows
    client.server.faults.inject(faults.looping_cursor(), on_path(LINES), nth=1, times=2)
    assert [client.get(first.next).next for _ in range(2)] == [first.next] * 2


def test_rows_shift_while_they_are_read(client: Client) -> None:
    keeper = Bookkeeper(client.books)
    entry = next(iter(client.books.company_entries(1)))
    changes = faults.meanwhile(lambda: keeper.change_line(entry.lines[0].id, text="late"))
    client.server.faults.inject(changes, on_path(LINES), nth=2)
    rows = client.rows(LINES)
    assert len(rows) == len(ledger_of(client.books)) + 1
    assert ledger_in(rows) == ledger_of(client.books)


def test_it_is_registered_by_its_folder_and_announces_what_a_connection_needs(client: Client) -> None:
    kind = kinds()["exact"]
    emulator = kind.build(client.books, {})
    assert [each.id for each in emulator.administrations()] == ["510001", "510002"]
    settings = emulator.settings("http://127.0.0.1:1")
    given = client.emulator.settings(client.server.address)["refresh_token"]
    assert client.renew(given).status == 200, "connecting uses it at once"
    assert settings["url"] == "http://127.0.0.1:1"
    assert msgspec.json.encode(dict(settings))
    assert set(kind.options) >= {"consent", "calls_a_minute", "envelope"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("consent", "perhaps"), ("envelope", "xml"), ("calls_a_minute", "0"), ("calls_a_day", "many")],
)
def test_options_with_a_value_that_there_is_not_are_a_sentence(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is .*not '{value}'"):
        kinds()["exact"].build(invented_books(), {name: value})
