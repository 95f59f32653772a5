"""The next question is on its way while an answer is read, and changes nothing but when it is asked."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from http_kit import HASTY, CountingLimits, Order, Server, serve
from process_kit import LONGEST_WAIT, wait_for

from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.contract import RateLimit
from monitr_pipelines.providers.exact.api import last_version
from monitr_pipelines.providers.http import Client
from monitr_pipelines.providers.odoo.reading import last_id

SECOND = Call("POST", "/second")


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as served:
        yield served


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    client = server.client()
    yield client
    client.close()


def paths(server: Server) -> list[str]:
    return [path for _, path, _ in server.asked]


def test_the_next_question_is_asked_before_this_answer_is_decoded(server: Server, client: Client) -> None:
    server.order(Order(body=b"1"), Order(body=b"2"))

    def decode(body: bytes) -> Any:  # noqa: ANN401 - what JSON can say
        wait_for(lambda: paths(server) == ["/first", "/second"], "the next question comes only afterwards")
        return json.loads(body)

    first = client.ask("POST", "/first", decode=decode, then=lambda _: SECOND)
    second = client.ask(**SECOND._asdict())
    assert (first.document, second.document) == (1, 2)
    assert paths(server) == ["/first", "/second"], "asked once"


def test_another_question_than_the_foreseen_one_is_asked_all_the_same(server: Server, client: Client) -> None:
    server.order(Order(body=b"1"), Order(body=b"2"), Order(body=b"3"))
    client.ask("POST", "/first", then=lambda _: SECOND)
    assert client.ask("POST", "/other").document == 3
    assert paths(server) == ["/first", "/second", "/other"]
    assert client.ask(**SECOND._asdict()).document == 3, "an answer that was given up is not taken later"
    assert paths(server)[3:] == ["/second"]


def test_a_question_with_another_document_is_another(server: Server, client: Client) -> None:
    server.order(Order(body=b"1"), Order(body=b"2"), Order(body=b"3"))
    client.ask(
        "POST", "/rpc", document={"after": 0}, then=lambda _: Call("POST", "/rpc", document={"after": 1})
    )
    assert client.ask("POST", "/rpc", document={"after": 2}).document == 3


@pytest.mark.parametrize("broken", [Order(drop=True), Order(status=503), Order(body=b"no json")])
def test_what_goes_wrong_ahead_is_tried_again(server: Server, client: Client, broken: Order) -> None:
    server.order(Order(body=b"1"), broken, Order(body=b"2"))
    client.ask("POST", "/first", then=lambda _: SECOND)
    assert client.ask(**SECOND._asdict()).document == 2
    assert paths(server) == ["/first", "/second", "/second"]


def test_an_answer_that_cannot_be_read_is_never_replaced_by_the_one_behind_it(
    server: Server, client: Client
) -> None:
    """What follows is seen in its text all the same, and is on its way when it turns out to be no JSON."""
    third = Call("POST", "/third")
    server.order(*(Order(body=body) for body in (b"1", b"no json", b"3", b"2", b"3")))
    client.ask("POST", "/first", then=lambda _: SECOND)
    assert client.ask(**SECOND._asdict(), then=lambda _: third).document == 2
    assert client.ask(**third._asdict()).document == 3
    assert paths(server) == ["/first", "/second", "/third", "/second", "/third"]


def test_what_goes_wrong_ahead_and_again_is_told(server: Server, client: Client) -> None:
    server.order(Order(body=b"1"), Order(status=500))
    client.ask("POST", "/first", then=lambda _: SECOND)
    with pytest.raises(ProviderDown):
        client.ask(**SECOND._asdict())
    assert len(paths(server)) == 1 + HASTY.tries


def refuse_threads() -> None:
    """Fail where a thread that asks ahead does not end."""
    for thread in threading.enumerate():
        if thread.name == "asking-ahead":
            thread.join(LONGEST_WAIT)
            assert not thread.is_alive()


def test_a_closed_client_asks_nothing_more(server: Server) -> None:
    """A question that still waits for its turn is not asked when it comes: nobody waits for the answer."""
    waits, goes_on = threading.Event(), threading.Event()

    class Turns(CountingLimits):
        def acquire(self, limits: object) -> None:
            if len(paths(server)) == 1:
                waits.set()
                assert goes_on.wait(LONGEST_WAIT)

    server.order(Order(body=b"1"))
    client = Client("Books", server.address, Turns(), patience=HASTY)
    client.ask("POST", "/first", then=lambda _: SECOND)
    assert waits.wait(LONGEST_WAIT)
    client.close()
    goes_on.set()
    refuse_threads()
    assert paths(server) == ["/first"]


def test_a_question_under_way_ends_with_the_client(server: Server) -> None:
    """Its answer drips for as long as the server is there; nobody waits for that."""
    server.order(Order(body=b"1"), Order(body=b"2" * 10_000, drip=True))
    client = server.client()
    client.ask("POST", "/first", then=lambda _: SECOND)
    wait_for(lambda: len(paths(server)) == 2, "the next question")
    client.close()
    refuse_threads()


def test_calls_are_counted_for_what_is_asked_ahead_too(server: Server) -> None:
    limits = CountingLimits()
    day = [RateLimit("day", 9, HASTY.budget)]
    server.order(Order(body=b"1"))
    client = Client("Books", server.address, limits, day, patience=HASTY)
    client.ask("POST", "/first", then=lambda _: SECOND)
    client.ask(**SECOND._asdict())
    client.close()
    assert len(limits.acquired) == 2


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"d":{"results":[{"Timestamp":7,"ID":"a"}],"__next":"https://x/?$skiptoken=7L"}}', 7),
        (b'{"d":{"results":[{"Timestamp": "8"}], "__next": "https://x"}}', 8),
        (b'{"d":{"results":[{"Timestamp":7,"Description":"\\"Timestamp\\":9"}],"__next":"https://x"}}', 7),
        (b'{"d":{"results":[{"Timestamp":7}]}}', None),
        (b'{"d":[{"Timestamp":7}]}', None),
        (b'{"d":{"results":[{"Timestamp":null}],"__next":"https://x"}}', None),
        (b'{"d":{"results":[],"__next":"https://x"}}', None),
        (b"", None),
    ],
)
def test_the_last_row_version_is_seen_in_the_text(body: bytes, found: int | None) -> None:
    assert last_version(body) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'[{"id":7,"ref":"a"},{"id":8,"ref":"b"}]', 8),
        (
            b'{"jsonrpc": "2.0", "id": 1, "result": [{"id": 7, "ref": "a"}, {"id": 8, "ref": "{\\"id\\":"}]}',
            8,
        ),
        (b'[{"id":7}]', None),
        (b'[{"ref":"a","id":7},{"ref":"a","id":8}]', None),
        (b"[]", None),
    ],
)
def test_the_last_id_is_seen_in_the_text(body: bytes, found: int | None) -> None:
    assert last_id(body, 2) == found
