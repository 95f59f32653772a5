"""A night over all software that can be emulated, of which four are in trouble: each card says its own truth.

The emulators are real servers and the runs those of `monitr up`.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import httpx2
import pytest
from dagster_kit import Dagster, applications, import_rows
from process_kit import LONGEST_WAIT, wait_for

from monitr_pipelines import emulators, providers
from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.messages import Request
from monitr_pipelines.emulators.frame.server import serve
from monitr_pipelines.emulators.quickbooks.sign_in import APPS
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import Size, invented_books
from monitr_pipelines.importing import connecting
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.registry import administrations
from monitr_pipelines.warehouse.registry.administrations import Choice
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.providers.exact.exact_kit import APPLICATION
from monitr_pipelines_tests.providers.tie_out_kit import Emulated
from monitr_pipelines_tests.web.page_kit import Company, card_text, make_company, sign_in

DOWN, LIMITED, REVOKED, LYING = "octopus", "xero", "quickbooks", "odoo"
IN_TROUBLE = (DOWN, LIMITED, REVOKED, LYING)
# One question in so many is answered.
ONE_IN = 10
LATER = timedelta(hours=2)
TRUTHS = {
    DOWN: "Octopus does not answer.",
    LIMITED: "Xero allows no more requests for now.",
    REVOKED: "QuickBooks Online no longer accepts the connection.",
    LYING: "Differs from Odoo&#39;s own trial balance on 1 account",
}
KEPT = "The figures of the import before stay visible."
OPTIONS = {"exact": {"client_id": APPLICATION.id, "client_secret": APPLICATION.secret}}


@dataclass(frozen=True)
class Night:
    """The entities, by the name of their software, and what plays it."""

    company: Company
    keys: Mapping[str, str]
    playing: Mapping[str, Emulated]


@pytest.fixture
def night(dagster: Dagster, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """All of it connected, and imported once."""
    monkeypatch.setenv("MONITR_OAUTH_APPLICATIONS", json.dumps(applications()))
    monkeypatch.setenv("MONITR_PREVIEW_CONNECTORS", ",".join(providers.connectors()))
    company = make_company(connection, (), provider="file")
    with ExitStack() as running:
        playing = {name: _play(name, running) for name in emulators.kinds()}
        keys = {name: _connected(connection, company, software) for name, software in playing.items()}
        _ended(connection, keys, 1)
        assert {name: import_rows(connection, key)[0]["error_code"] for name, key in keys.items()} == (
            dict.fromkeys(keys)
        )
        connection.execute("delete from app.rate_usage")  # the first import was yesterday
        yield Night(company, keys, playing)


def _play(name: str, running: ExitStack) -> Emulated:
    clock = Clock()
    books = invented_books(Size(entries_per_month=2, companies=1), clock)
    kind = emulators.kinds()[name]
    emulator = kind.build(books, {**kind.without_limits, **OPTIONS.get(name, {})})
    return Emulated(name, books, running.enter_context(serve(emulator, clock)))


def _connected(connection: Connection, company: Company, software: Emulated) -> str:
    number = connecting.connect(
        connection, str(company.organisation_id), software.provider, software.settings, "An Peeters"
    )
    administrations.choose(connection, number, {software.administration: Choice.NORMAL}, "An Peeters")
    (row,) = administrations.listed(connection, number)
    return str(row["entity_key"])


def _ended(connection: Connection, keys: Mapping[str, str], times: int) -> None:
    def all_ended() -> bool:
        rows = [import_rows(connection, key) for key in keys.values()]
        return all(len(each) == times and each[-1]["finished_at"] for each in rows)

    wait_for(all_ended, f"the end of {times} imports of each")


def _trouble(night: Night) -> None:
    """What befalls the four."""
    asked = count()
    clock = night.playing[LIMITED].server.clock

    def too_often(_: Request) -> bool:
        return next(asked) % ONE_IN > 0

    night.playing[DOWN].server.faults.inject(faults.down_for_now(LATER), times=None)
    night.playing[LIMITED].server.faults.inject(
        faults.too_many("seconds", clock, LATER), too_often, times=None
    )
    httpx2.post(f"{night.playing[REVOKED].server.address}{APPS}").raise_for_status()
    night.playing[LYING].lies()


def test_each_card_says_its_own_truth_and_the_others_succeed(
    night: Night, dagster: Dagster, connection: Connection
) -> None:
    _trouble(night)
    for key in night.keys.values():
        requests.request(connection, key, trigger=Trigger.SCHEDULED, requested_by="schedule")
    _ended(connection, night.keys, 2)
    outcomes = {name: import_rows(connection, key)[1] for name, key in night.keys.items()}
    told = {name: (row["outcome"], row["error_code"]) for name, row in outcomes.items()}
    well = ("succeeded", None)
    assert told == {
        **dict.fromkeys(night.keys, well),
        DOWN: ("failed", "provider_down"),
        LIMITED: ("failed", "provider_down"),
        REVOKED: ("failed", "reconnect_needed"),
    }
    with httpx2.Client(base_url=dagster.pages, timeout=LONGEST_WAIT) as client:
        sign_in(client, night.company.token)
        page = client.get("/entities").text
    cards = {name: card_text(page, key) for name, key in night.keys.items()}
    for name, words in TRUTHS.items():
        for other, card in cards.items():
            assert (words in card) == (name == other), f"{name} {other} {card}"
    for name, card in cards.items():
        assert (KEPT in card) == (name in IN_TROUBLE and name != LYING), card
    assert "Reconnect needed" in cards[REVOKED]
