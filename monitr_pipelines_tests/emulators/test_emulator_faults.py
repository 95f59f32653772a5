"""Each fault is there for a plain client, at the request that it was ordered for, and nowhere else."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected

import pytest
from emulator_kit import Toy, ask, connected, toy_server

from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.messages import Answer
from monitr_pipelines.emulators.frame.server import Server
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import MORNING, invented_books


@pytest.fixture
def served() -> Iterator[tuple[Toy, Server, HTTPConnection]]:
    with toy_server(invented_books()) as (toy, server), connected(server) as connection:
        yield toy, server, connection


def ids(body: bytes) -> list[int]:
    return list(json.loads(body)["ids"])


def test_without_faults_connections_stay_open_and_requests_are_counted(
    served: tuple[Toy, Server, HTTPConnection],
) -> None:
    _, server, connection = served
    first, body = ask(connection, "/lines?after=1")
    used = connection.sock
    assert (first.status, ids(body)) == (200, [2, 3, 4])
    ask(connection, "/other", bearer="bad")
    assert connection.sock is used
    logged = [(each.request.number, each.request.method, each.status) for each in server.exchanges.of()]
    assert logged == [(1, "GET", 200), (2, "GET", 401)]
    assert server.exchanges.of("lines")[0].request.query == {"after": "1"}
    assert server.exchanges.total == 2


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500, 502, 503, 504])
def test_refusals_are_worded_by_the_software_and_nothing_is_done(
    served: tuple[Toy, Server, HTTPConnection], status: int
) -> None:
    toy, server, connection = served
    server.faults.inject(faults.refused(status), nth=2)
    assert [ask(connection)[0].status for _ in range(3)] == [200, status, 200]
    assert toy.asked == 2
    assert [each.fault for each in server.exchanges.of()] == [None, str(status), None]


@pytest.mark.parametrize("form", ["seconds", "date", "epoch", "missing"])
def test_too_many_requests_in_each_form(served: tuple[Toy, Server, HTTPConnection], form: str) -> None:
    _, server, connection = served
    server.faults.inject(faults.too_many(form, server.clock, timedelta(seconds=30)))
    answer, _ = ask(connection)
    told = answer.getheader("Retry-After")
    assert answer.status == 429
    later = MORNING + timedelta(seconds=30)
    if form == "date":
        assert told is not None
        assert parsedate_to_datetime(told) == later
    else:
        assert told == {"seconds": "30", "epoch": str(int(later.timestamp())), "missing": None}[form]


def test_down_for_now_says_when_to_come_back(served: tuple[Toy, Server, HTTPConnection]) -> None:
    toy, server, connection = served
    server.faults.inject(faults.down_for_now(timedelta(seconds=7)))
    answer, _ = ask(connection)
    assert (answer.status, answer.getheader("Retry-After"), toy.asked) == (503, "7", 0)


def test_everything_of_one_name_has_another(served: tuple[Toy, Server, HTTPConnection]) -> None:
    _, server, connection = served
    server.faults.inject(faults.renamed("ids", "other"))
    assert list(json.loads(ask(connection)[1])) == ["other"]
    assert list(json.loads(ask(connection)[1])) == ["ids"]


def test_an_element_has_another_name_too() -> None:
    rename = faults.renamed("amount", "other").change
    assert rename is not None
    row = "<amount>1</amount><amounts>amount</amounts>"
    assert rename(Answer.text(row, "text/xml")).body == b"<other>1</other><amounts>amount</amounts>"


def test_html_and_nothing_with_status_200(served: tuple[Toy, Server, HTTPConnection]) -> None:
    toy, server, connection = served
    server.faults.inject(faults.html_page())
    server.faults.inject(faults.empty_answer(), nth=2)
    page, body = ask(connection)
    assert (page.status, page.getheader("Content-Type")) == (200, "text/html; charset=utf-8")
    assert b"<html>" in body
    empty, body = ask(connection)
    assert (empty.status, body) == (200, b"")
    assert toy.asked == 0


def test_half_a_document_in_good_order(served: tuple[Toy, Server, HTTPConnection]) -> None:
    _, server, connection = served
    server.faults.inject(faults.truncated())
    _, body = ask(connection)
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)
    assert ids(ask(connection)[1]) == [1, 2, 3]


def test_half_of_what_was_announced(served: tuple[Toy, Server, HTTPConnection]) -> None:
    _, server, connection = served
    server.faults.inject(faults.cut())
    with pytest.raises(IncompleteRead):
        ask(connection)


@pytest.mark.parametrize("executed", [True, False])
def test_no_answer_after_or_before_it_was_done(
    served: tuple[Toy, Server, HTTPConnection], *, executed: bool
) -> None:
    toy, server, connection = served
    server.faults.inject(faults.dropped(executed=executed))
    with pytest.raises(RemoteDisconnected):
        ask(connection)
    assert toy.asked == executed
    assert server.exchanges.of()[0].status == 0


def test_a_drip_comes_byte_by_byte_and_ends_with_the_server() -> None:
    with toy_server(invented_books()) as (_, server), connected(server) as connection:
        server.faults.inject(faults.dripped())
        connection.request("GET", "/lines", headers={"Authorization": "Bearer good"})
        answer = connection.getresponse()
        assert answer.read(2) == b'{"'
        rest: list[BaseException] = []

        def read() -> None:
            try:
                answer.read()
            except (IncompleteRead, OSError) as end:
                rest.append(end)

        reader = threading.Thread(target=read)
        reader.start()
        server.closed.set()
        reader.join()
    assert [type(end) for end in rest] == [IncompleteRead]


def test_silence_ends_with_the_server() -> None:
    with toy_server(invented_books()) as (toy, server), connected(server) as connection:
        server.faults.inject(faults.silent())
        connection.request("GET", "/lines")
        server.closed.set()
        with pytest.raises((RemoteDisconnected, ConnectionError)):
            connection.getresponse()
    assert toy.asked == 0


def test_a_page_twice_and_a_cursor_that_leads_back(served: tuple[Toy, Server, HTTPConnection]) -> None:
    _, server, connection = served
    server.faults.inject(faults.repeated_page(), nth=3)
    server.faults.inject(faults.looping_cursor(), nth=5)
    pages = [ids(ask(connection, f"/lines?after={after}")[1]) for after in (0, 3, 6, 9, 12)]
    assert pages == [[1, 2, 3], [4, 5, 6], [4, 5, 6], [10, 11, 12], [1, 2, 3]]


def test_a_wrong_date_and_a_wrong_clock(served: tuple[Toy, Server, HTTPConnection]) -> None:
    _, server, connection = served
    server.faults.inject(faults.skewed_date(server.clock, timedelta(hours=3)))
    server.clock.skew = timedelta(minutes=-5)
    dates = [parsedate_to_datetime(ask(connection)[0].getheader("Date") or "") for _ in range(2)]
    assert dates == [MORNING + timedelta(hours=3, minutes=-5), MORNING + timedelta(minutes=-5)]


def test_a_token_ends_and_a_row_goes_between_two_pages(served: tuple[Toy, Server, HTTPConnection]) -> None:
    toy, server, connection = served
    entry = toy.books.line(4).entry.id
    server.faults.inject(faults.meanwhile(lambda: Bookkeeper(toy.books).delete(entry)), nth=2)
    server.faults.inject(faults.meanwhile(lambda: setattr(toy, "bearer", "new")), nth=3)
    assert ids(ask(connection)[1]) == [1, 2, 3]
    assert 4 not in ids(ask(connection, "/lines?after=3")[1])
    assert ask(connection, "/lines?after=6")[0].status == 401
    assert ask(connection, "/lines?after=6", bearer="new")[0].status == 200


def test_faults_by_path_again_and_again_until_they_are_cleared(
    served: tuple[Toy, Server, HTTPConnection],
) -> None:
    _, server, connection = served
    server.faults.inject(faults.refused(503), faults.on_path("/lines"), times=None)
    assert [ask(connection, path)[0].status for path in ("/lines", "/other", "/lines")] == [503, 200, 503]
    server.faults.clear()
    assert ask(connection)[0].status == 200


def test_answers_that_are_remembered_are_made_once() -> None:
    with toy_server(invented_books(), remember_pages=True) as (toy, server), connected(server) as connection:
        first, again = ask(connection)[1], ask(connection)[1]
        assert first == again
        assert ask(connection, bearer="bad")[0].status == 401
        ask(connection, "/lines?after=3")
        assert toy.asked == 3
        assert server.exchanges.total == 4


def test_latency_is_waited_before_the_answer() -> None:
    latency = timedelta(milliseconds=30)
    with toy_server(invented_books(), latency=latency) as (_, server), connected(server) as connection:
        ask(connection)
        answer, _ = ask(connection)
        assert answer.status == 200
        assert server.latency == latency


def test_a_defect_of_an_emulator_is_seen(served: tuple[Toy, Server, HTTPConnection]) -> None:
    _, server, connection = served
    answer, body = ask(connection, "/lines?after=here")
    assert (answer.status, b"ValueError" in body) == (500, True)
    assert server.exchanges.of()[0].fault == "defect of the emulator"


def test_bodies_without_a_length_are_refused(served: tuple[Toy, Server, HTTPConnection]) -> None:
    toy, _, connection = served
    connection.putrequest("POST", "/lines")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    assert connection.getresponse().status == 411
    assert toy.asked == 0
