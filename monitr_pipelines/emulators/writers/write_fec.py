"""Books as a French audit file (FEC, article A47 A-1 LPF): one file a fiscal year."""

import csv
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import chain

from monitr_pipelines.emulators.books import Books
from monitr_pipelines.emulators.company.charts import Journal, Role
from monitr_pipelines.emulators.writers.targets import Target, text
from monitr_pipelines.ledger.money import ZERO, plain
from monitr_pipelines.ledger.records import LedgerLine

COLUMNS = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
)
OPENING = Journal("AN", "A nouveaux")


def write_fec(
    books: Books,
    target: Target,
    year: int,
    *,
    opening: bool = True,
    closing: bool = False,
) -> None:
    """Write one year: tabs, decimal commas, UTF-8.

    `opening` writes the entries of journal AN that bring in the balances of before. `closing` ends the
    year with an entry that carries its result over; without it the result appears in the opening
    entries of the next year's file only, which are the same either way.
    """
    entries = chain(
        books.opening(year) if opening else (),
        books.of_year(year),
        books.closing(year) if closing else (),
    )
    with text(target) as stream:
        writer = csv.writer(stream, delimiter="\t", lineterminator="\r\n", quoting=csv.QUOTE_NONE)
        writer.writerow(COLUMNS)
        writer.writerows(_rows(books, entries))


def _rows(books: Books, lines: Iterator[LedgerLine]) -> Iterator[tuple[str, ...]]:
    names = {account.code: account.name for account in books.accounts}
    journals = dict(books.chart.journals.values())
    parties = {books.chart.accounts[role].code for role in (Role.CUSTOMERS, Role.SUPPLIERS)}
    for line in lines:
        code = line.journal or ""
        journal = OPENING if line.opening else Journal(code, journals[code])
        relation = line.relation if line.account_code in parties else None
        yield (
            *journal,
            line.booking or "",
            _compact(line.booking_date),
            line.account_code,
            names[line.account_code],
            books.relations[relation] if relation else "",
            relation or "",
            line.document_number or "",
            _compact(line.booking_date),
            line.description or "",
            _comma(max(line.amount, ZERO)),
            _comma(max(-line.amount, ZERO)),
            "",
            "",
            _compact(_month_end(line.booking_date)),
            "",
            "",
        )


def _compact(day: date) -> str:
    return f"{day:%Y%m%d}"


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _comma(amount: Decimal) -> str:
    return plain(amount).replace(".", ",")
