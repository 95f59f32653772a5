"""The page of checks, and what a card says of them."""

from collections.abc import Iterator
from decimal import Decimal

import httpx2
import pytest

from monitr_pipelines.ledger.finding_texts import FINDINGS
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.reported.figure_checks import CODES, Check
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.warehouse.warehouse_kit import id_of
from monitr_pipelines_tests.web.page_kit import Company, sign_in
from monitr_pipelines_tests.web.reports.reports_kit import make_doubtful, make_reported, row_of

MARCH, ZERO, FIVE = Month(2026, 3), Decimal(0), Decimal(5)


@pytest.fixture(scope="module")
def company(home: object) -> Iterator[Company]:
    with database.connect(autocommit=True) as connection:
        yield make_reported(connection)


@pytest.fixture(scope="module")
def doubtful(home: object) -> Iterator[Company]:
    with database.connect(autocommit=True) as connection:
        yield make_doubtful(connection)


def test_every_check_passes_in_books_that_are_right(client: httpx2.Client, company: Company) -> None:
    sign_in(client, company.token)
    page = client.get(f"/reports/{company.key}/checks").text
    for check in set(Check) - {Check.TIE_OUT}:
        assert row_of(page, i18n.text("en", f"reports.check.{check}.name")) == ["Passed", "All 27 months"]
    tied = row_of(page, i18n.text("en", f"reports.check.{Check.TIE_OUT}.name"))
    assert tied == ["Not compared", "The source tells no trial balance."]
    assert "What to do" not in page
    assert "checks" not in client.get(f"/entities/{company.key}").text.partition("<article")[2]


def test_figures_of_an_older_release_are_not_said_to_pass(
    connection: Connection, client: httpx2.Client
) -> None:
    """What they were made from was not kept then, and most checks were not made."""
    company = make_reported(connection)
    connection.execute(
        "update app.import set balances_from = null where entity_id = %s", [id_of(connection, company.key)]
    )
    sign_in(client, company.token)
    page = client.get(f"/reports/{company.key}/checks").text
    unknown = [i18n.text("en", "reports.checks.unknown"), i18n.text("en", "reports.checks.not_yet")]
    for check in set(Check) - {Check.TIE_OUT}:
        assert row_of(page, i18n.text("en", f"reports.check.{check}.name")) == unknown
    assert i18n.text("en", "reports.older_release") in client.get(f"/reports/{company.key}/cash-flow").text


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_checks_that_fail_tell_their_months_and_what_to_do(
    client: httpx2.Client, doubtful: Company, language: str
) -> None:
    sign_in(client, doubtful.token)
    client.cookies.set(i18n.LANGUAGE_COOKIE, language)
    page = client.get(f"/reports/{doubtful.key}/checks").text
    march = i18n.month_in_short(language, MARCH)
    fails = i18n.text(language, "reports.checks.failed")
    for check in (Check.BALANCE_SHEET, Check.BOOKINGS, Check.MAPPED):
        name = i18n.text(language, f"reports.check.{check}.name")
        assert row_of(page, name) == [fails, march]
        assert i18n.text(language, f"reports.check.{check}.remedy") in page.replace("&#39;", "'")
    five = i18n.amount(language, FIVE)
    assert row_of(page, march)[1:] == [i18n.amount(language, ZERO), five]
    assert f"U1{': ' if language != 'fr' else ' : '}{five}" in page


def test_the_card_tells_how_many_checks_fail_and_the_worst(client: httpx2.Client, doubtful: Company) -> None:
    sign_in(client, doubtful.token)
    card = client.get(f"/entities/{doubtful.key}").text
    worst = i18n.text("en", "reports.check.balance_sheet.name")
    assert i18n.text("en", "failing.many", count=3, check=worst) in card
    assert f'href="/reports/{doubtful.key}/checks"' in card


def test_differences_from_the_software_are_a_check_too(connection: Connection, client: httpx2.Client) -> None:
    company = make_reported(connection)
    sign_in(client, company.token)
    name = i18n.text("en", f"reports.check.{Check.TIE_OUT}.name")
    expected = {
        (9, 0): ["Passed", "Agrees on all 9 accounts, as of 31 Mar 2026"],
        (9, 2): ["Fails", "Accounts that differ, as of 31 Mar 2026: 2"],
        (0, 0): ["Passed", "No account has a balance there or here, as of 31 Mar 2026"],
    }
    for number, ((compared, differing), told) in enumerate(expected.items()):
        connection.execute(
            """
            insert into raw.tie_out (entity_id, import_id, day, compared, differing)
            select id, figures_import_id + %s, '2026-03-31', %s, %s from app.entity where id = %s
            """,
            [number, compared, differing, id_of(connection, company.key)],
        )
        assert row_of(client.get(f"/reports/{company.key}/checks").text, name) == told


def test_what_a_check_finds_has_its_words() -> None:
    assert {code for codes in CODES.values() for code in codes if f"figures_{code}" not in FINDINGS} == set()
    told = {kind.removeprefix("figures_") for kind in FINDINGS if kind.startswith("figures_")}
    assert told - {code for codes in CODES.values() for code in codes} == {"part", "parts_more"}
