"""Books in the standard CSV layout of the import wizard."""

import csv
from decimal import Decimal

from monitr_pipelines.emulators.books import Books
from monitr_pipelines.emulators.company.journal import DEPARTMENT, PROJECT
from monitr_pipelines.emulators.writers.targets import Target, text
from monitr_pipelines.ledger.money import plain

HEADER = (
    "date",
    "account_code",
    "account_name",
    "description",
    "debit",
    "credit",
    "dimension1",
    "dimension2",
)


def write_csv(books: Books, target: Target) -> None:
    """Write all lines: ISO dates, decimal points, commas, UTF-8; dimensions are department and project."""
    names = {account.code: account.name for account in books.accounts}
    with text(target) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        for line in books.lines:
            axes = dict(line.axes)
            writer.writerow(
                (
                    line.booking_date.isoformat(),
                    line.account_code,
                    names[line.account_code],
                    line.description,
                    _positive(line.amount),
                    _positive(-line.amount),
                    axes.get(DEPARTMENT, ""),
                    axes.get(PROJECT, ""),
                )
            )


def _positive(amount: Decimal) -> str:
    return plain(amount) if amount > 0 else ""
