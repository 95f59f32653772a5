"""A company with books of a few years, whose figures a test knows by other means."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape

import httpx2

from monitr_pipelines.ledger.records import Account, LedgerLine
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import ACCOUNTS, booking, load, upsert, whole
from monitr_pipelines_tests.web.page_kit import Company, make_company

Ask = Callable[[str], httpx2.Response]
FIRST, LAST = date(2024, 1, 1), date(2026, 3, 1)
# A page of each kind.
PATHS = (
    "profit-and-loss?compare=1",
    "balance-sheet?from=2025-01&by=quarter",
    "profit-and-loss?of=cost=1",
    "profit-and-loss?by=axis:cost&compare=1",
    "cash-flow?by=quarter&compare=1",
    "trial-balance",
    "charts",
    "checks",
    "profit-and-loss/accounts?line=70",
    "cash-flow/accounts?line=CF:O",
    "transactions?account=700000",
    "booking?line=V202603.1",
)
NAMED = ACCOUNTS | {
    code: Account(code, name)
    for code, name in {
        "604000": "Goods for resale",
        "620000": "Salaries",
        "703000": "Services rendered",
        "640000": '=HYPERLINK("http://example.invalid")',
    }.items()
}


def months(first: date = FIRST, last: date = LAST) -> Iterator[date]:
    month = first
    while month <= last:
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def sales_of(month: date) -> int:
    """What is sold in a month: more each month, and more each year."""
    return 10_000 + 1_000 * (month.year - 2024) + 100 * month.month


def books(first: date = FIRST, last: date = LAST) -> Iterator[LedgerLine]:
    """Capital on the first day; then each month sales, purchases, salaries and a cost with a hostile name."""
    yield from booking("C1", first.isoformat(), ("550000", 50_000), ("100000", -50_000))
    for month in months(first, last):
        name = f"{month:%Y%m}"
        day = month.replace(day=5).isoformat()
        sold = sales_of(month)
        yield from booking(
            f"V{name}", day, ("400000", sold), ("700000", 500 - sold), ("703000", -500), description="Invoice"
        )
        yield from booking(f"A{name}", day, ("604000", 4_000), ("550000", -4_000), journal="ACH")
        yield from booking(f"L{name}", day, ("620000", 3_000), ("550000", -3_000), axes=(("cost", "1"),))
        yield from booking(f"B{name}", day, ("550000", sold - 1), ("640000", 1), ("400000", -sold))


def make_reported(connection: Connection, *, name: str | None = None) -> Company:
    """A company whose first entity has books and whose second has none."""
    company = make_company(connection, ("Bakkerij Peeters", "Nieuw & Co"), provider="file", name=name)
    connection.execute("update app.entity set country = 'BE' where key = any(%s)", [list(company.keys)])
    load(connection, company.key, whole(list(books()), accounts=NAMED))
    return company


def make_doubtful(connection: Connection) -> Company:
    """In the last month an account of no report line is booked on one side alone."""
    company = make_reported(connection)
    one_sided = booking("U1", "2026-03", ("090000", 5))
    load(connection, company.key, upsert(one_sided, accounts=NAMED), allow_unbalanced=True)
    return company


def row_of(page: str, name: str) -> list[str]:
    """The cells of a row by what stands at its head."""
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL):
        cells = [
            unescape(re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", cell))).strip()
            for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        ]
        if cells and cells[0] == name:
            return cells[1:]
    raise AssertionError(f"no row {name}")


def link_in(page: str, *parts: str) -> str:
    """The first link of a page whose address has all parts."""
    for found in re.findall(r'href="([^"]*)"', page):
        if all(part in unescape(found) for part in parts):
            return unescape(found)
    raise AssertionError(f"no link {parts}")
