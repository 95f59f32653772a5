"""Fiscal corrections: what is booked for the tax return alone, at the end of each year."""

from collections.abc import Iterable, Iterator
from datetime import date

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Company, Entry, Line
from monitr_pipelines.ledger.records import AccountType

# No row of the books has a number as high.
FIRST_NUMBER = 2**40
YEARS = 10_000
CENTS = 1_234_56
TEXT = "Fiscal correction"


def corrections(books: SharedBooks, company: Company, years: Iterable[int]) -> Iterator[Entry]:
    """One entry a year, on its last day: a cost that the balance sheet bears."""
    journals = [each for each in books.journals.values() if each.company == company.id]
    memorial = next((each for each in journals if each.kind == "M"), journals[-1])
    cost = _first(books, company, AccountType.PROFIT_AND_LOSS)
    balance = _first(books, company, AccountType.BALANCE_SHEET)
    for year in years:
        number = FIRST_NUMBER + company.id * YEARS + year
        lines = tuple(
            Line(2 * number + place, account, cents, company.stamp, TEXT)
            for place, (account, cents) in enumerate(((cost, CENTS), (balance, -CENTS)))
        )
        day = date(year, 12, 31)
        yield Entry(number, company.id, memorial.id, day, "", lines, company.stamp, company.stamp)


def _first(books: SharedBooks, company: Company, kind: AccountType) -> int:
    own = (each for each in books.accounts.values() if (each.company, each.type) == (company.id, kind))
    return min(own, key=lambda account: account.code).id
