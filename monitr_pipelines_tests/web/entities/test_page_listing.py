"""Pages of many entities: each shown once, counted right, and kept by whatever changes."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import httpx2
import pytest
from psycopg.types.json import Json

from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.lifecycle.status import Status
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.entities import listing
from monitr_pipelines.web.entities.cards import Card, read_cards
from monitr_pipelines.web.entities.listing import Wanted, read_counts, read_listing, syncable_keys
from monitr_pipelines_tests.web.page_kit import Company, make_company, run, sign_in

HOUR = timedelta(hours=1)


def keys_on(page: str) -> list[str]:
    return re.findall(r'<article class="card" id="card-([^"]+)"', page)


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return html.unescape(found[1]) if found else None


def walk(client: httpx2.Client, address: str | None, rel: str) -> Iterator[str]:
    """A page and those that its links lead to."""
    while address:
        page = client.get(address).text
        yield page
        address = link(page, rel)


@pytest.fixture
def many(client: httpx2.Client, connection: Connection) -> Company:
    """120 entities, of which two each have the same name."""
    made = make_company(connection, tuple(f"Company {nth // 2:03}" for nth in range(120)))
    sign_in(client, made.token)
    return made


@pytest.mark.parametrize("query", ["", "?q=company", "?status=never"])
def test_every_entity_is_on_one_page_there_and_back(client: httpx2.Client, many: Company, query: str) -> None:
    pages = list(walk(client, f"/entities{query}", "next"))
    assert [key for page in pages for key in keys_on(page)] == sorted(many.keys, key=order_of(many))
    assert [re.findall(r"(\d+\u2013\d+ of \d+)<", page) for page in pages] == [
        ["1\u201350 of 120"] * 2,
        ["51\u2013100 of 120"] * 2,
        ["101\u2013120 of 120"] * 2,
    ]
    back = list(walk(client, link(pages[-1], "prev"), "prev"))
    assert [keys_on(page) for page in back] == [keys_on(page) for page in pages[1::-1]]


def order_of(company: Company) -> Callable[[str], tuple[int, str]]:
    return lambda key: (company.keys.index(key) // 2, key)


def test_a_page_begins_behind_the_one_before_whatever_was_removed(
    client: httpx2.Client, many: Company, connection: Connection
) -> None:
    first = client.get("/entities").text
    removed = keys_on(first)[-1]
    connection.execute(
        "update app.entity set status = 'Deleted' where key = any(%s)", [[removed, many.keys[0]]]
    )
    second = client.get(link(first, "next") or "").text
    assert not set(keys_on(first)) & set(keys_on(second))
    assert "49\u201398 of 118" in second


def test_where_nothing_is_left_behind_the_last_page_is_shown(
    client: httpx2.Client, many: Company, connection: Connection
) -> None:
    last = max(many.keys, key=order_of(many))
    assert "71\u2013120 of 120" in client.get(f"/entities?after={last}").text
    assert "1\u201350 of 120" in client.get(f"/entities?before={min(many.keys, key=order_of(many))}").text
    assert "1\u201350 of 120" in client.get("/entities?after=nobody&before=nobody").text
    other = make_company(connection, ("Another",))
    for key in (other.key, "nobody"):
        assert "71\u2013120 of 120" in client.get(f"/entities?after={key}").text


@pytest.mark.parametrize("word", ["100%", "a_b", "back\\slash", "ÉTÉ", "éTé", "  %  "])
def test_a_search_finds_letters_as_they_are(client: httpx2.Client, connection: Connection, word: str) -> None:
    names = ("at 100% of", "a_b", "back\\slash", "Été", "axb", "1000 of")
    made = make_company(connection, names)
    sign_in(client, made.token)
    found = keys_on(client.get("/entities", params={"q": word}).text)
    assert found == [
        key for key, name in zip(made.keys, names, strict=True) if word.strip().lower() in name.lower()
    ]


def test_a_search_of_what_no_name_can_hold_finds_as_if_it_were_not_there(
    client: httpx2.Client, many: Company
) -> None:
    assert len(keys_on(client.get("/entities", params={"q": "company\0 000"}).text)) == 2


def test_what_is_counted_is_told_alone(client: httpx2.Client, many: Company, connection: Connection) -> None:
    page = client.get("/entities?status=never").text
    address = html.unescape(re.findall(r'data-counts="([^"]+)"', page)[0])
    run(connection, many.keys[-1], ProviderDown("Down."))
    counted = client.get(address).text
    assert re.findall(r'class="count">(\d+)<', counted) == ["120", "0", "0", "0", "1", "119"]
    assert "1\u201350 of 119" in counted
    assert "Sync all that match (119)" in counted
    assert len(counted) < 2_000


# What a card says of each combination of facts, and what the listing counts it as.

POPULATE = """
with cases as (
    select * from jsonb_to_recordset(%(cases)s::jsonb) as cases (
        key text, status text, provider text, connection text, waiting text, lease timestamptz, outcome text,
        ended_at timestamptz
    )
),

connections as (
    insert into app.integration (organisation_id, provider, state)
    select distinct %(organisation)s::bigint, provider, connection from cases
    returning id, provider, state
),

entities as (
    insert into app.entity (key, organisation_id, integration_id, name, status)
    select cases.key, %(organisation)s, connections.id, cases.key, cases.status
    from cases inner join connections
        on cases.provider = connections.provider and cases.connection = connections.state
    returning id, key
)

insert into app.import (entity_id, trigger, run_id, started_at, lease_until, finished_at, outcome)
select entities.id, made.trigger, made.run_id, made.started_at, made.lease, made.ended_at, made.outcome
from entities inner join cases on entities.key = cases.key
cross join lateral (
    values
    (waiting, null, null::timestamptz, null::timestamptz, null::timestamptz, null),
    (case when lease is not null then 'cli' end, 'runs ' || cases.key, lease, lease, null, null),
    (left(outcome, 0) || 'cli', 'ends ' || cases.key, ended_at, ended_at, ended_at, outcome),
    ('cli', 'canceled ' || cases.key, now(), now(), now(), 'canceled')
) as made (trigger, run_id, started_at, lease, ended_at, outcome)
where made.trigger is not null
"""


def make_every_case(connection: Connection) -> Company:
    """An organisation in which each combination of facts is an entity."""
    now = datetime.now(UTC)
    made = make_company(connection, ())
    combinations = product(
        ("Active", "Not found", "Deleted"),
        ("tryton", "unknown", "file"),
        ("connected", "reconnect needed"),
        (None, *requests.PRIORITIES, "manual", "hook", "cli"),
        (None, now - HOUR, now + HOUR),
        ((None, None), ("succeeded", now), ("failed", now), ("failed", now - 2 * HOUR)),
    )
    cases: list[Mapping[str, Any]] = [
        {
            "key": f"{made.organisation_id}-{nth}",
            "status": status,
            "provider": provider,
            "connection": state,
            "waiting": waiting,
            "lease": lease and lease.isoformat(),
            "outcome": outcome,
            "ended_at": ended_at and ended_at.isoformat(),
        }
        for nth, (status, provider, state, waiting, lease, (outcome, ended_at)) in enumerate(combinations)
    ]
    connection.execute(POPULATE, {"cases": Json(cases), "organisation": made.organisation_id})
    return made


@pytest.fixture(scope="module")
def every_case(home: object) -> Company:
    """Of which tests change the subscription alone, and each sets it before it looks."""
    with database.connect(autocommit=True) as connection:
        return make_every_case(connection)


def all_cards(connection: Connection, now: datetime) -> list[Card]:
    rows = connection.execute("select id from app.entity").fetchall()
    return read_cards(connection, [row["id"] for row in rows], now)


@pytest.mark.parametrize("subscription", ["active", "canceled"])
@pytest.mark.parametrize("state", ["", *listing.STATES])
def test_what_is_listed_counted_and_synchronised_is_what_the_cards_say(
    connection: Connection, every_case: Company, state: str, subscription: str
) -> None:
    connection.execute(
        "update app.organisation set subscription = %s where id = %s",
        [subscription, every_case.organisation_id],
    )
    now, wanted = datetime.now(UTC), Wanted(state=state)
    with tenancy.as_tenant(every_case.organisation_id) as web:
        cards = all_cards(web, now)
        counts = read_counts(web, wanted, "", now)
        keys = syncable_keys(web, wanted, now)
        page = read_listing(web, wanted, now)
    matching = [card for card in cards if state in ("", card.state)]
    assert matching
    assert {card.state for card in cards} == {status.name.lower() for status in Status}
    for name in listing.STATES:
        assert counts.by_state[name] == sum(card.state == name for card in cards), name
    assert counts.matching == len(matching)
    can_sync = [card.facts["key"] for card in matching if card.can_import and not card.takes_files]
    assert (counts.syncable, keys) == (len(can_sync), can_sync)
    assert [card.facts["key"] for card in page.cards] == [card.facts["key"] for card in matching][:50]


def test_a_listing_follows_every_change_of_an_import(connection: Connection) -> None:
    """Whatever is written, and in whichever order: it is what the facts say anew."""
    every_case = make_every_case(connection)
    for change in (
        "update app.import set finished_at = now(), outcome = 'canceled' where started_at is null {}",
        "update app.import set finished_at = now(), outcome = 'failed' where finished_at is null {}",
        "update app.import set cures = false where outcome = 'failed' {}",
        "update app.import set finished_at = finished_at - interval '1 day' where outcome = 'succeeded' {}",
        "update app.import set cures = true where outcome = 'failed' {}",
        "delete from app.import where outcome = 'failed' {}",
        "update app.entity set name = upper(name), status = 'Active' where true {}",
        "update app.integration set state = 'connected' where true {}",
        "delete from app.import where true {}",
    ):
        connection.execute(change.format("and organisation_id = %s"), [every_case.organisation_id])
        kept = listed(connection, every_case)
        with database.connect_as_owner(autocommit=True) as owner:
            owner.execute(
                "select app.list_anew(array(select id from app.entity where organisation_id = %s))",
                [every_case.organisation_id],
            )
        assert kept == listed(connection, every_case), change


def listed(connection: Connection, company: Company) -> list[dict[str, Any]]:
    return connection.execute(
        "select * from app.listing where organisation_id = %s order by entity_id", [company.organisation_id]
    ).fetchall()
