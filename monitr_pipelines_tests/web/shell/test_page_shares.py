"""No organisation keeps another from its answer, however much it asks for."""

import asyncio
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack

import httpx2
import pytest
from common_kit import entity_id, organisation_of
from process_kit import LONGEST_WAIT

from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.tenancy import OrganisationBusy
from monitr_pipelines.web.shell import i18n, sessions, shares
from monitr_pipelines.web.shell.shares import AT_ONCE, Shares
from monitr_pipelines_tests.web.hook_kit import Sender, code_of
from monitr_pipelines_tests.web.page_kit import make_company, sign_in

ASKING = 40


async def hold(places: Shares, organisation: int, held: list[int], end: asyncio.Event) -> None:
    async with places.place(organisation):
        held.append(organisation)
        await end.wait()


def test_so_many_go_in_and_the_others_follow_in_their_order() -> None:
    async def run() -> None:
        places, ends, held = Shares(), [asyncio.Event() for _ in range(AT_ONCE + 3)], list[int]()
        tasks = [asyncio.create_task(hold(places, 1, held, end)) for end in ends]
        await asyncio.sleep(0)
        await asyncio.wait_for(hold(places, 2, others := [], ended()), 5)
        assert (len(held), others) == (AT_ONCE, [2])
        for end in ends:
            end.set()
        await asyncio.gather(*tasks)
        assert len(held) == len(ends)
        assert not places._shares, "nothing is kept of who has gone"

    asyncio.run(run())


def ended() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


def test_a_line_has_an_end_and_patience_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "LONGEST_LINE", 2)
    monkeypatch.setattr(shares, "PATIENCE_SECONDS", 0.05)

    async def run() -> None:
        places, end, held = Shares(), asyncio.Event(), list[int]()
        inside = [asyncio.create_task(hold(places, 1, held, end)) for _ in range(AT_ONCE)]
        await asyncio.sleep(0)
        line = [asyncio.create_task(hold(places, 1, held, end)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(OrganisationBusy):
            await hold(places, 1, held, end)
        assert [type(each) for each in await asyncio.gather(*line, return_exceptions=True)] == [
            OrganisationBusy
        ] * 2
        end.set()
        await asyncio.gather(*inside)
        await hold(places, 1, held, end)
        assert len(held) == AT_ONCE + 1

    asyncio.run(run())


def test_who_comes_to_stand_in_line_is_known_though_the_share_is_taken(
    connection: Connection, client: httpx2.Client
) -> None:
    company = make_company(connection, name="A busy one")
    sign_in(client, company.token)
    secret = client.cookies[sessions.SESSION_COOKIE]
    with ExitStack() as opened:
        for _ in range(tenancy.LARGEST_SHARE):
            opened.enter_context(tenancy.as_tenant(organisation_of(connection, company.key)["id"]))
        found = sessions.find(secret)
    assert found is not None
    assert found.organisation == "A busy one"


def test_no_organisation_has_the_whole_pool(home: object) -> None:
    with ExitStack() as opened:
        for _ in range(tenancy.LARGEST_SHARE):
            opened.enter_context(tenancy.as_tenant(1))
        with pytest.raises(OrganisationBusy), tenancy.as_tenant(1):
            pass
        with tenancy.as_tenant(2) as connection:
            connection.execute("select 1")
    with tenancy.as_tenant(1) as connection:
        connection.execute("select 1")
    assert tenancy.LARGEST_SHARE < tenancy.POOL_SIZE
    assert tenancy.LARGEST_SHARE > AT_ONCE
    tenancy.close_pool()


def test_an_organisation_whose_requests_hang_leaves_the_others_alone(
    new_sender: Callable[..., Sender],
    new_client: Callable[[], httpx2.Client],
    client: httpx2.Client,
    connection: Connection,
) -> None:
    """Its program asks forty times at once about an entity that is locked."""
    hanging, other = new_sender(), new_sender()
    company = make_company(connection)
    visitor = new_client()
    sign_in(visitor, company.token)
    with ThreadPoolExecutor(ASKING) as programs:
        with connection.transaction():
            locked = entity_id(connection, hanging.entities[0])
            connection.execute("select from app.entity where id = %s for update", [locked])
            asking = [programs.submit(hanging.ask) for _ in range(ASKING)]
            assert other.ask().status_code == 202
            assert visitor.get("/entities").status_code == 200
            assert not wait(asking, 0, FIRST_COMPLETED).done, "they still hang"
        answers = [each.result(LONGEST_WAIT) for each in asking]
    assert {answer.status_code for answer in answers} <= {202, 503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers if answer.status_code == 503)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_who_asks_for_too_much_is_told_when_to_come_back(
    client: httpx2.Client,
    connection: Connection,
    sender: Sender,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    company = make_company(connection)
    sign_in(client, company.token)
    monkeypatch.setattr(shares, "AT_ONCE", 0)
    monkeypatch.setattr(shares, "LONGEST_LINE", 0)
    page = client.get("/entities", headers={"accept": "text/html", "accept-language": language})
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert i18n.text(language, "problem.503") in page.text
    told = sender.ask()
    assert (told.status_code, code_of(told), told.headers["retry-after"]) == (503, "organisation_busy", "5")
