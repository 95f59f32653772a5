"""After each import: the accounts beside the software's own trial balance, wherever one looks."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from process_kit import LONGEST_WAIT
from tie_out_kit import APPLICATIONS, Emulated, asks_balances, connect, emulated

from monitr_pipelines.cli.wording import tie_out_words
from monitr_pipelines.emulators.frame.faults import refused
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.records import NewEntry, NewLine
from monitr_pipelines.importing.ports import NoLimits
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.hook_kit import Web, serving
from monitr_pipelines_tests.web.page_kit import card_text, sign_in

Monitr = Callable[..., Any]


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """With as many calls as one likes: Exact's limit would have the fourth import wait for a minute."""
    monkeypatch.setenv("MONITR_OAUTH_APPLICATIONS", APPLICATIONS)
    monkeypatch.setattr("monitr_pipelines.importing.ports.StoredRateLimits", lambda _: NoLimits())


@pytest.fixture(params=["exact", "odoo"])
def software(request: pytest.FixtureRequest) -> Iterator[Emulated]:
    with emulated(request.param) as running:
        yield running


def imported(monitr: Monitr, entity: str, *options: str) -> dict[str, Any]:
    said = monitr("import", entity, "--json", *options)
    assert said.code == 0, said.err
    return dict(said.json)


@pytest.fixture(scope="module")
def web(home: Path) -> Iterator[Web]:
    with serving() as running:
        yield running


Page = Callable[..., tuple[str, str]]


@pytest.fixture
def page(web: Web, connection: Connection, monitr: Monitr) -> Iterator[Page]:
    """The card of an entity and the page below it, as someone of its organisation sees them."""
    with httpx2.Client(base_url=web.url, timeout=LONGEST_WAIT) as client:

        def show(entity: str, language: str = "en") -> tuple[str, str]:
            if not client.cookies:
                sign_in(client, token_of(connection, monitr, entity))
            headers = {"accept-language": language}
            card = card_text(client.get(f"/entities/{entity}/card", headers=headers).text, entity)
            return card, client.get(f"/entities/{entity}/detail", headers=headers).text

        yield show


def token_of(connection: Connection, monitr: Monitr, entity: str) -> str:
    row = connection.execute(
        """
        select organisations.name from app.entity as entities
        inner join app.organisation as organisations on entities.organisation_id = organisations.id
        where entities.key = %s
        """,
        [entity],
    ).fetchone()
    assert row is not None
    return str(monitr("token", "create", "--org", row["name"]).out.strip())


@pytest.mark.parametrize(
    ("compared", "differing", "told"),
    [
        (0, 0, "has no balances, and neither has the software's own trial balance, as of 2026-11-30"),
        (1, 0, "equals the software's own trial balance on 1 account, as of 2026-11-30"),
        (12, 0, "equals the software's own trial balance on 12 accounts, as of 2026-11-30"),
        (12, 1, "differs from the software's own trial balance on 1 account, as of 2026-11-30"),
    ],
)
def test_what_was_compared_is_told(compared: int, differing: int, told: str) -> None:
    row = {"untold": None, "tied_day": date(2026, 11, 30), "compared": compared, "differing": differing}
    assert tie_out_words(row, entity="1-acme") == told


def book_today(software: Emulated, cents: int) -> None:
    """A sale of this month: an account of the result has a balance then."""
    books = software.books
    of_company = [each for each in books.accounts.values() if each.company == 1]
    income = next(each for each in of_company if each.type is AccountType.PROFIT_AND_LOSS)
    bank = next(each for each in of_company if each.type is AccountType.BALANCE_SHEET)
    journal = next(each.id for each in books.journals.values() if each.company == 1)
    lines = (NewLine(bank.id, cents), NewLine(income.id, -cents))
    Bookkeeper(books).add(NewEntry(1, journal, books.clock.now().date(), lines))


def test_a_difference_is_seen_wherever_one_looks_until_an_import_agrees(
    software: Emulated, page: Page, monitr: Monitr, without_dagster: object
) -> None:
    book_today(software, 12_345)
    entity = connect(software, monitr)
    first = imported(monitr, entity)
    assert re.match(r"equals the software's own trial balance on \d+ accounts", first["tie_out"])
    assert first["differences"] == []
    card, detail = page(entity)
    assert "Differs" not in card + detail

    software.lies()
    second = imported(monitr, entity)
    (found,) = second["differences"]
    assert Decimal(found["difference"]) == -1
    told = "differs from the software's own trial balance on 1 account, as of "
    assert second["tie_out"].startswith(told)
    assert second["status"] == "Succeeded", "the lines are what the software gave"
    (row, *_) = monitr("history", entity, "--json").json
    assert row["tie_out"].startswith(told)
    listed = {each["key"]: each["tie_out"] for each in monitr("entities", "--json").json}
    assert listed[entity].startswith(told)
    card, detail = page(entity)
    assert "own trial balance on 1 account" in card
    assert f"{found['account']}: " in card
    assert "Reset this entity" in card
    assert "Differs" in card
    assert f"<td>{found['account']}</td>" in detail
    card, _ = page(entity, "nl")
    theirs = f"{Decimal(found['theirs']):,.2f}".translate(str.maketrans(",.", ".,"))
    assert theirs in card, "in the reader's own form of numbers"

    assert imported(monitr, entity)["tie_out"].startswith("equals")
    card, detail = page(entity)
    assert "Differs" not in card
    assert 'id="differences"' not in detail
    assert "on 1 account" in detail, "the history keeps it"


def test_books_that_changed_tie_out_after_an_increment(
    software: Emulated, monitr: Monitr, without_dagster: object
) -> None:
    entity = connect(software, monitr)
    imported(monitr, entity)
    book_today(software, 777)
    keeper = Bookkeeper(software.books)
    entries = [each for each in software.books.company_entries(1) if each.state.name == "POSTED"]
    keeper.redate(entries[3].id, date(2025, 3, 7))
    keeper.delete(entries[5].id)
    assert imported(monitr, entity, "--allow-shrink")["tie_out"].startswith("equals")


def test_what_the_software_does_not_tell_costs_no_import(
    software: Emulated, monitr: Monitr, without_dagster: object
) -> None:
    entity = connect(software, monitr)
    software.server.faults.inject(refused(403), asks_balances, times=None)
    told = imported(monitr, entity)["tie_out"]
    assert told.startswith("not compared with the software's own trial balance: ")
    software.server.faults.clear()
    assert imported(monitr, entity)["tie_out"].startswith("equals")


@pytest.mark.parametrize("way", ["administrations", "entity add"])
def test_whoever_chooses_an_administration_gets_its_fiscal_year(
    way: str, connection: Connection, monitr: Monitr, without_dagster: object
) -> None:
    """Exact tells it of one division alone; the process of the pages cannot ask, the first import does."""
    with emulated("exact", fiscal_year_start=7) as software:
        book_today(software, 500)
        if way == "administrations":
            entity = connect(software, monitr)
        else:
            other = connect(software, monitr)
            found = connection.execute(
                """
                select organisations.name, entities.integration_id as number from app.entity as entities
                inner join app.organisation as organisations on entities.organisation_id = organisations.id
                where key = %s
                """,
                [other],
            ).fetchone()
            assert found is not None
            command = ("--org", found["name"], "--connection", found["number"])
            added = monitr("entity", "add", *command, "--administration", software.administration)
            entity = added.out.strip()
            assert start_month(connection, entity) == 7
        assert imported(monitr, entity)["tie_out"].startswith("equals")
        assert start_month(connection, entity) == 7
        rows = connection.execute(
            """
            select distinct extract(month from fiscal_year_start)::int as month from mapped.fiscal_month
            where entity_id = (select id from app.entity where key = %s)
            """,
            [entity],
        ).fetchall()
        assert [row["month"] for row in rows] == [7], "its first reports know it too"
        assert monitr("entity", "set", entity, "--fiscal-year-start", "4").code == 0
        imported(monitr, entity)
        assert start_month(connection, entity) == 4, "what a person set stays"


def start_month(connection: Connection, entity: str) -> int | None:
    row = connection.execute("select fiscal_year_start from app.entity where key = %s", [entity]).fetchone()
    assert row is not None
    return row["fiscal_year_start"]  # type: ignore[no-any-return]
