"""What servers tell of their limits, and what the client of connectors asks at most because of it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from http_kit import HASTY, Order, Server, serve

from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.providers.contract import RateLimit
from monitr_pipelines.providers.http import Client
from monitr_pipelines.providers.retries import RateHeaders, moment_of


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as served:
        yield served


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(hours=30)])
def test_a_moment_may_be_told_in_four_ways(ahead: timedelta) -> None:
    moment = (datetime.now(UTC) + ahead).replace(microsecond=0)
    seconds = int(moment.timestamp())
    for told in (format_datetime(moment, usegmt=True), str(seconds), str(seconds * 1000 + 7)):
        assert moment_of(told) == moment, told
    from_now = moment_of(f" {int(ahead.total_seconds())} ")
    assert from_now is not None
    assert abs(from_now - moment) < timedelta(minutes=1)


@pytest.mark.parametrize("told", [None, "", "soon", "-5", "1.5", "²", "9" * 400])
def test_what_is_no_moment_is_none_or_far_away(told: str | None) -> None:
    moment = moment_of(told)
    assert moment is None or moment.year > 2200


MINUTE = RateLimit("minute", 60, timedelta(minutes=1))
HEADERS = RateHeaders("minute", "X-Limit", "X-Remaining", "X-Reset")


def in_milliseconds(ahead: timedelta) -> str:
    return str(int((datetime.now(UTC) + ahead).timestamp() * 1000))


def limited(server: Server) -> Client:
    """One that waits for the next window, however little it waits for a single question."""
    patience = replace(HASTY, budget=timedelta(), window=timedelta(minutes=5))
    return server.client(limits=(MINUTE,), rate_headers=(HEADERS,), patience=patience)


def test_who_has_nothing_left_waits_for_the_next_window(server: Server) -> None:
    used_up = {"X-Remaining": "0", "X-Reset": in_milliseconds(timedelta(seconds=2))}
    server.order(Order(headers=used_up), Order())
    client = limited(server)
    assert client.ask("GET", "/").document == {"ok": 1}, "the rows of the last allowed call are kept"
    begun = time.monotonic()
    client.ask("GET", "/")
    assert time.monotonic() - begun >= 0.5
    assert len(server.asked) == 2
    client.close()


def test_a_window_that_is_far_away_ends_the_import_without_asking(server: Server) -> None:
    used_up = {"X-Remaining": "0", "X-Reset": in_milliseconds(timedelta(hours=5))}
    server.order(Order(headers=used_up), Order())
    client = limited(server)
    client.ask("GET", "/")
    with pytest.raises(ProviderDown) as down:
        client.ask("GET", "/")
    assert down.value.retry_at is not None
    assert timedelta(hours=4) < down.value.retry_at - datetime.now(UTC) <= timedelta(hours=5)
    assert len(server.asked) == 1
    client.close()


def test_a_header_that_is_missing_is_no_zero(server: Server) -> None:
    server.order(Order(headers={"X-Reset": in_milliseconds(timedelta(hours=5))}), Order())
    client = limited(server)
    client.ask("GET", "/")
    assert client.ask("GET", "/").document == {"ok": 1}
    client.close()


def test_a_refusal_for_the_limit_tells_when_to_come_back(server: Server) -> None:
    used_up = {"X-Remaining": "0", "X-Reset": in_milliseconds(timedelta(hours=5))}
    server.order(Order(429, headers=used_up))
    client = limited(server)
    with pytest.raises(ProviderDown) as down:
        client.ask("GET", "/")
    assert down.value.retry_at is not None
    assert down.value.retry_at - datetime.now(UTC) > timedelta(hours=4)
    client.close()


def test_the_limit_that_is_told_takes_the_place_of_the_declared_one(server: Server) -> None:
    server.order(Order(headers={"X-Limit": "300"}))
    client = limited(server)
    client.ask("GET", "/")
    client.ask("GET", "/")
    assert [limit.calls for (limit,) in client.rate_limits.acquired] == [60, 300]
    client.close()


def test_repeats_are_bounded_over_all_questions(server: Server) -> None:
    client = server.client(patience=replace(HASTY, tries=3, spare_repeats=5))
    server.order(Order(500))
    for _ in range(6):
        with pytest.raises(ProviderDown):
            client.ask("GET", "/")
    assert len(server.asked) == 6 + 5
    client.close()


def test_questions_that_are_answered_allow_further_repeats(server: Server) -> None:
    client = server.client(patience=replace(HASTY, spare_repeats=1))
    server.order(Order(500), *[Order()] * 10, Order(500), Order())
    for _ in range(11):
        client.ask("GET", "/")
    assert len(server.asked) == 13
    client.close()


def test_waits_are_bounded_over_all_questions(server: Server) -> None:
    client = server.client(patience=replace(HASTY, whole_budget=timedelta(milliseconds=1)))
    server.order(Order(500), Order())
    with pytest.raises(ProviderDown):
        client.ask("GET", "/")
    assert len(server.asked) == 1
    client.close()
