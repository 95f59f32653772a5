"""The ledger lines of an account cost what they are, whoever else has lines of the same account and days."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest

from monitr_pipelines.emulators.volume import VOLUME_AXES, generate_lines, volume_accounts
from monitr_pipelines.ledger.changes import Replace, WholeLedger
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.reports.columns import Span
from monitr_pipelines.reports.drill import Lines, Place, transactions_of
from monitr_pipelines.reports.standing import read_standing
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.plans_kit import REMOVED, Explained, explained, nodes
from monitr_pipelines_tests.warehouse.warehouse_kit import Given, load
from monitr_pipelines_tests.web.page_kit import Company, make_company

MONTHS = Span(Month(2023, 1), Month(2027, 12))
LINES = list(generate_lines(20_000, 5, months=60))
BANK, COST = "550000", "610012"
PAGE = 100
# The index leads to two pages of the table; and to some that have no line of the account.
READ_FOR_A_LINE = 200


@pytest.fixture(scope="module")
def company(home: Path) -> Company:
    """One between others that have lines of the same accounts and days, after a vacuum."""
    accounts = {account.code: account for account in volume_accounts()}
    delivery = Given([Replace(WholeLedger(), LINES)], accounts, frozenset(VOLUME_AXES))
    with database.connect(autocommit=True) as connection:
        companies = [make_company(connection, provider="file") for _ in range(3)]
        for each in companies:
            load(connection, each.key, delivery)
    _summarise()
    return companies[1]


@pytest.fixture
def elsewhere(company: Company, connection: Connection) -> Iterator[str]:
    """The key of a line of the bank that reports count in a later month than that of its date."""
    key = next(line.external_id for line in LINES if line.account_code == BANK)
    given = {"key": company.key, "line": key, "month": MONTHS.first.plus(1).first_day}
    connection.execute(
        "insert into mapped.line_month (entity_id, external_id, month) "
        "select id, %(line)s, %(month)s from app.entity where key = %(key)s",
        given,
    )
    yield key
    connection.execute("delete from mapped.line_month where external_id = %(line)s", given)


@pytest.mark.parametrize("account", [COST, BANK])
def test_a_page_reads_the_lines_around_it_wherever_it_begins(
    home: Path, company: Company, account: str
) -> None:
    expected = _keys(account)
    tenancy.close_pool()
    with explained(home, database.WEB) as statements:
        pages = list(_pages(company, account, MONTHS))
        tenancy.close_pool()
    assert [row["external_id"] for page in pages for row in page.rows] == expected
    found = [statement for statement in statements if statement.name == "statements/transactions.sql"]
    assert len(found) == len(pages)
    read = [_lines_read(statement) for statement in found]
    most = len(LINES) / 10 if account == BANK else min(READ_FOR_A_LINE * len(expected), len(LINES) / 3)
    assert max(read) < most, read


def test_lines_stand_once_whatever_month_counts_them(company: Company, elsewhere: str) -> None:
    first, second = (MONTHS.first.plus(number) for number in (0, 1))
    assert elsewhere not in _listed(company, BANK, Span(first, first))
    assert _listed(company, BANK, Span(second, second))[0] == elsewhere
    assert _listed(company, BANK, MONTHS) == _keys(BANK)


def _keys(account: str) -> list[str]:
    found = [line for line in LINES if line.account_code == account]
    return [line.external_id for line in sorted(found, key=_by_day)]


def _by_day(line: LedgerLine) -> tuple[date, str]:
    return line.booking_date, line.external_id


def _listed(company: Company, account: str, span: Span) -> list[str]:
    return [row["external_id"] for page in _pages(company, account, span) for row in page.rows]


def _pages(company: Company, account: str, span: Span) -> Iterator[Lines]:
    """All pages, as visitors turn them: each in a transaction of its own."""
    after: Place | None = None
    while True:
        with tenancy.as_tenant(company.organisation_id, of_one_moment=True) as connection:
            standing = read_standing(connection, company.key)
            assert standing
            page = transactions_of(connection, standing, account, span, after, size=PAGE)
        yield page
        after = page.next
        if after is None:
            return


def _lines_read(statement: Explained) -> float:
    """Lines of the ledger that were looked at, to find a page and to show it."""
    return sum(
        (node["Actual Rows"] + sum(node.get(removed, 0) for removed in REMOVED)) * node["Actual Loops"]
        for node in nodes(statement.plan)
        if node.get("Relation Name") == "gl_transaction"
    )


def _summarise() -> None:
    with psycopg.connect(database.owner_url(), autocommit=True) as owner:
        owner.execute("vacuum analyze raw.gl_transaction, raw.month_balance, mapped.line_month")
