"""The HTTP client of connectors against a real server that misbehaves on order."""

import gzip
import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest
from http_kit import CANARY, HASTY, CountingLimits, Order, Server, serve

from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.providers.contract import Credentials, RateLimit
from monitr_pipelines.providers.http import Client

Refused = Callable[..., ImportProblem]


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as served:
        yield served


@pytest.fixture
def refused(server: Server, caplog: pytest.LogCaptureFixture) -> Refused:
    """The error of a question; nothing of credentials or answers is in it, nor in what was logged."""

    def ask(**options: object) -> ImportProblem:
        caplog.set_level(logging.DEBUG)
        with pytest.raises(ImportProblem) as raised:
            server.ask(**options)
        error = raised.value
        shown = "".join(traceback.format_exception(error)) + repr(error) + error.detail + caplog.text
        assert CANARY not in shown
        assert "secret row" not in shown
        return error

    return ask


@pytest.mark.parametrize("character", ["\n", "\r", "\x7f", "\u2026"])
def test_a_credential_that_no_request_can_carry_is_not_quoted(server: Server, character: str) -> None:
    with closing(server.client()) as client, pytest.raises(ReconnectNeeded) as raised:
        client.ask("GET", "/", headers={"Authorization": f"Bearer {CANARY}{character}"})
    shown = "".join(traceback.format_exception(raised.value)) + repr(raised.value) + raised.value.detail
    assert CANARY not in shown
    assert "Authorization" in raised.value.detail
    assert not server.asked


def test_numbers_keep_their_digits(server: Server) -> None:
    server.order(Order(body=b'{"a": 12345678901234.56, "b": 1e2, "c": 7, "d": [0.10]}'))
    answered = server.ask().document
    assert answered == {"a": Decimal("12345678901234.56"), "b": Decimal(100), "c": 7, "d": [Decimal("0.10")]}
    assert str(answered["d"][0]) == "0.10"
    assert not any(isinstance(value, float) for value in answered.values())


@pytest.mark.parametrize("body", [b'{"a": NaN}', b'{"a": -Infinity}'])
def test_what_is_no_number_is_no_answer(server: Server, body: bytes, refused: Refused) -> None:
    server.order(Order(body=body))
    assert isinstance(refused(), ProviderDown)


def test_a_compressed_answer_is_read(server: Server) -> None:
    server.order(Order(body=gzip.compress(b'{"a": 1.5}'), headers={"Content-Encoding": "gzip"}))
    assert server.ask().document == {"a": Decimal("1.5")}


def test_a_connector_names_its_own_types(server: Server) -> None:
    server.order(Order(body=b'{"kind": "date", "day": 4}'))
    client = server.client(object_hook=lambda found: (found["kind"], found["day"]))
    assert client.ask("GET", "/").document == ("date", 4)
    client.close()


def test_the_moment_of_an_answer_is_that_of_the_server(server: Server) -> None:
    server.order(Order())
    moment = server.ask().sent_at
    assert moment is not None
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)


def test_overload_is_waited_out_as_long_as_the_server_asks_for(server: Server) -> None:
    server.order(Order(429, headers={"Retry-After": "1"}), Order())
    begun = time.monotonic()
    assert server.ask().document == {"ok": 1}
    assert time.monotonic() - begun >= 1
    assert len(server.asked) == 2


def test_a_moment_to_come_back_may_be_a_date(server: Server, refused: Refused) -> None:
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    server.order(Order(503, headers={"Retry-After": format_datetime(moment, usegmt=True)}))
    error = refused()
    assert isinstance(error, ProviderDown)
    assert error.retry_at == moment
    assert len(server.asked) == 1


def test_a_longer_wait_ends_the_import_and_tells_until_when(server: Server, refused: Refused) -> None:
    server.order(Order(429, headers={"Retry-After": "3600"}))
    error = refused()
    assert isinstance(error, ProviderDown)
    assert error.retry_at is not None
    assert timedelta(minutes=59) < error.retry_at - datetime.now(UTC) <= timedelta(hours=1)
    assert len(server.asked) == 1


@pytest.mark.parametrize("value", ["soon", "", "-5", "1.5", "9" * 400])
def test_an_odd_moment_to_come_back_is_no_fault(server: Server, refused: Refused, value: str) -> None:
    server.order(Order(429, headers={"Retry-After": value}))
    assert isinstance(refused(), ProviderDown)


def test_a_server_that_is_away_for_a_moment_is_asked_again(server: Server) -> None:
    server.order(Order(503), Order(drop=True), Order())
    assert server.ask().document == {"ok": 1}
    assert len(server.asked) == 3


def test_tries_are_bounded(server: Server, refused: Refused) -> None:
    server.order(Order(500, body=b"secret row"))
    assert isinstance(refused(), ProviderDown)
    assert len(server.asked) == HASTY.tries


def test_what_is_not_repeatable_is_asked_once(server: Server, refused: Refused) -> None:
    server.order(Order(503))
    assert isinstance(refused(repeatable=False), ProviderDown)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, ReconnectNeeded), (403, ReconnectNeeded), (404, EntityGone), (400, OurFault), (422, OurFault)],
)
def test_a_refusal_tells_who_must_act(server: Server, refused: Refused, status: int, kind: type) -> None:
    server.order(Order(status, body=b"secret row"))
    assert type(refused()) is kind
    assert len(server.asked) == 1


def test_a_connector_may_read_a_refusal_otherwise(server: Server) -> None:
    server.order(Order(403))
    client = server.client(meanings={403: EntityGone})
    with pytest.raises(EntityGone):
        client.ask("GET", "/")
    client.close()


@pytest.mark.parametrize(
    "order",
    [
        Order(body=b"<html>secret row</html>", headers={"Content-Type": "text/html"}),
        Order(body=b'{"rows": [{"secret row'),
        Order(body=b'{"rows": ["secret row"]}', claimed_length=500),
        Order(body=b""),
        Order(body=b"[" * 9000),
        Order(body=b"not gzip", headers={"Content-Encoding": "gzip"}),
        Order(drop=True),
    ],
    ids=["a page", "cut JSON", "cut body", "nothing", "deep", "not gzip", "dropped"],
)
def test_an_answer_that_is_none_is_never_an_empty_page(
    server: Server, refused: Refused, order: Order
) -> None:
    server.order(order)
    assert isinstance(refused(), ProviderDown)
    assert len(server.asked) == HASTY.tries


def test_a_server_that_drips_is_cut_off(server: Server, refused: Refused) -> None:
    server.order(Order(body=b'{"secret row": ' + b" " * 5000 + b"1}", drip=True))
    error = refused(repeatable=False, patience=replace(HASTY, whole_answer=timedelta(seconds=1)))
    assert isinstance(error, ProviderDown)
    assert error.detail == "took too long"


def test_an_answer_that_does_not_fit_is_not_read_to_its_end(server: Server, refused: Refused) -> None:
    server.order(Order(body=b"secret row" * 100_000))
    assert isinstance(refused(), OurFault)


def test_a_small_answer_that_unfolds_does_not_fit_either(server: Server, refused: Refused) -> None:
    server.order(Order(body=gzip.compress(b" " * 5_000_000), headers={"Content-Encoding": "gzip"}))
    assert isinstance(refused(), OurFault)


def test_credentials_do_not_follow_a_redirect(server: Server, refused: Refused) -> None:
    with serve() as elsewhere:
        elsewhere.order(Order())
        server.order(Order(307, headers={"Location": elsewhere.address + "/rpc"}))
        assert isinstance(refused(), ReconnectNeeded)
        assert elsewhere.asked == []


def test_a_server_that_is_not_there(server: Server, refused: Refused) -> None:
    server.address = "http://127.0.0.1:1"
    assert isinstance(refused(), ProviderDown)


def test_every_try_counts_against_the_limits(server: Server) -> None:
    limits, minute = CountingLimits(), RateLimit("minute", 60, timedelta(minutes=1))
    client = Client("Books", server.address, limits, (minute,), patience=HASTY)
    server.order(Order(503), Order())
    client.ask("GET", "/")
    client.close()
    assert limits.acquired == [(minute,), (minute,)]


@pytest.mark.parametrize(
    "address",
    [
        "http://books.example",
        "ftp://books.example",
        "https://",
        "books.example",
        "https://me:pw@books.example",
    ],
)
def test_credentials_travel_safely_or_not_at_all(address: str) -> None:
    with pytest.raises(ReconnectNeeded):
        Client("Books", address, CountingLimits())


def test_requests_name_the_program(server: Server) -> None:
    server.order(Order())
    server.ask()
    assert server.asked[0][2]["User-Agent"] == "monitr"


def test_credentials_never_show_their_values() -> None:
    credentials = Credentials({"password": CANARY, "url": "x"})
    assert CANARY not in repr(credentials) + str(credentials)


# Questions


def test_a_question_may_be_a_form_or_have_a_query(server: Server) -> None:
    server.order(Order())
    client = server.client()
    client.ask("POST", "/form", form={"a": "é &", "b": "2"})
    client.ask("GET", "/list", query={"$filter": "Timestamp gt 5L"})
    assert server.sent[0] == b"a=%C3%A9+%26&b=2"
    assert server.asked[0][2]["Content-Type"] == "application/x-www-form-urlencoded"
    assert server.asked[1][1] == "/list?%24filter=Timestamp+gt+5L"
    client.close()


class Badges:
    """Credentials that are renewed one after the other."""

    def __init__(self) -> None:
        self.number = 1

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {CANARY}-{self.number}"}

    def renew(self) -> None:
        self.number += 1


def test_credentials_that_end_are_renewed_and_the_same_question_is_asked_again(server: Server) -> None:
    server.order(Order(), Order(401), Order(body=b'{"page": 2}'))
    client = server.client(authorization=Badges())
    client.ask("POST", "/pages?page=1", document={"after": 1})
    assert client.ask("POST", "/pages?page=2", document={"after": 2}).document == {"page": 2}
    (_, refused, repeated) = zip(server.asked, server.sent, strict=True)
    assert refused[0][1] == repeated[0][1] == "/pages?page=2"
    assert refused[1] == repeated[1] == b'{"after": 2}'
    badges = [headers["Authorization"].rpartition("-")[2] for _, _, headers in server.asked]
    assert badges == ["1", "1", "2"]
    client.close()


def test_new_credentials_that_are_refused_too_need_a_person(server: Server) -> None:
    server.order(Order(401))
    client = server.client(authorization=Badges())
    with pytest.raises(ReconnectNeeded):
        client.ask("GET", "/")
    assert len(server.asked) == 2
    client.close()


def test_no_credentials_are_renewed_where_the_refusal_has_another_reason(server: Server) -> None:
    server.order(Order(401, body=b"no scope"))
    badges = Badges()
    client = server.client(
        authorization=badges,
        refusal=lambda reply: ReconnectNeeded("No scope.") if reply.body == b"no scope" else None,
    )
    with pytest.raises(ReconnectNeeded, match="No scope"):
        client.ask("GET", "/")
    assert (badges.number, len(server.asked)) == (1, 1)
    client.close()


def test_without_new_credentials_nobody_insists(server: Server) -> None:
    """Refusals are counted by some software, and lock out who makes too many."""
    badges = Badges()
    server.order(Order(401))
    client = server.client(authorization=badges)

    def too_early() -> None:
        raise ProviderDown("It is too early for new credentials.")

    badges.renew = too_early
    with pytest.raises(ProviderDown, match="too early"):
        client.ask("GET", "/")
    assert len(server.asked) == 1
    client.close()


def test_a_connector_may_read_a_refusal_by_its_headers(server: Server) -> None:
    server.order(Order(403, headers={"Reason": "DivisionBlocked"}), Order(403))
    client = server.client(
        refusal=lambda reply: EntityGone("Blocked.") if reply.headers.get("Reason") else None
    )
    for kind in (EntityGone, ReconnectNeeded):
        with pytest.raises(kind):
            client.ask("GET", "/")
    client.close()
