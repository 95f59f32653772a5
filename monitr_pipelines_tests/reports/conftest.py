"""An invented company of two years, imported as any other; and one that has no figures yet."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from monitr_pipelines.emulators.books import BELGIAN, Books, generate_books
from monitr_pipelines.ledger.changes import Replace, WholeLedger
from monitr_pipelines.warehouse.server import database
from monitr_pipelines_tests.warehouse.warehouse_kit import Given, load
from monitr_pipelines_tests.web.page_kit import make_company

FIRST_YEAR = 2024


@dataclass(frozen=True)
class Reported:
    """The key of the company, its books, and the key of another that has none."""

    key: str
    books: Books
    empty: str


@pytest.fixture(scope="session")
def reported(home: Path) -> Reported:
    books = generate_books(11, "Vélo & Zoon", FIRST_YEAR, years=2, entries_per_month=10, chart=BELGIAN)
    with database.connect(autocommit=True) as connection:
        company = make_company(connection, ("Vélo & Zoon", "Nieuw"), provider="file")
        connection.execute("update app.entity set country = 'BE' where key = any(%s)", [list(company.keys)])
        accounts = {account.code: account for account in books.accounts}
        whole = Given([Replace(WholeLedger(), books.lines)], accounts, frozenset(books.axes))
        load(connection, company.key, whole)
    return Reported(company.keys[0], books, company.keys[1])
