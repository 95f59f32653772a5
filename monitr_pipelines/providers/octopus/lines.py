"""Rows of bookings as lines of the ledger."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.columns import LINES
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.octopus.datasets import DeletedRow, Key, LineRow
from monitr_pipelines.providers.octopus.values import KEPT, bare, day, exact, unknown

COST_CENTRE = "Cost centre"
# A dossier keeps its books in one currency, that of Belgium: Octopus tells of no other.
CURRENCY = "EUR"
# Costs and income, in the chart that Belgian law gives every dossier (royal decree of 21 October 2018).
PROFIT_AND_LOSS = ("6", "7")
PURCHASES, SALES, FINANCIAL, VARIOUS = JOURNAL_TYPES = (1, 2, 3, 4)
LETTERS = {PURCHASES: "A", SALES: "V", FINANCIAL: "F", VARIOUS: "D"}
# Delivery notes, which are in no ledger.
DELIVERIES = 7


def pages_of(rows: Iterator[LineRow]) -> Iterator[list[LineRow]]:
    """Rows by the thousand, those of a booking together where they follow one another.

    A page is no longer than a block, unless a booking is.
    """
    page: list[LineRow] = []
    while some := list(islice(rows, LINES - len(page) % LINES)):
        page += some
        last = _document(page[-1])
        cut = next((place for place in range(len(page), 0, -1) if _document(page[place - 1]) != last), 0)
        if cut:
            yield page[:cut]
            page = page[cut:]
    if page:
        yield page


def booked(rows: Iterator[LineRow]) -> Iterator[LineRow]:
    """Rows of the ledger: those of delivery notes are left out."""
    return (row for row in rows if row.journal_type != DELIVERIES)


def lines_of(rows: Iterable[LineRow], sign: int) -> Iterator[LedgerLine]:
    """The lines of a page, by its bookings; `sign` makes debits positive."""
    seen: Counter[str] = Counter()
    for row in rows:
        booking = booking_of(row.bookyear.id, journal_of(row.journal_type, row.journal_number), row.document)
        key = f"{booking}.{row.line}"
        foreign, currency = foreign_of(row.foreign_amount, row.currency)
        yield LedgerLine(
            _counted(key, seen),
            day(row.date, "documentDate"),
            account_of(row.account),
            signed(exact(row.amount, "bookingAmount"), sign),
            booking,
            str(row.line),
            str(row.period),
            journal_of(row.journal_type, row.journal_number),
            str(row.document),
            number_of(row.relation),
            description_of(row.comment, row.reference),
            None if foreign is None else signed(exact(foreign, "documentAmount"), sign),
            currency,
            axes_of(row.cost_centre),
        )


def told_apart(keys: Sequence[str]) -> Sequence[str]:
    """The keys of lines of a page: those of one number are counted."""
    seen: Counter[str] = Counter()
    return [_counted(key, seen) for key in keys] if len(set(keys)) < len(keys) else keys


def booking_of(bookyear: int, journal: str, document: int) -> str:
    """The key of a booking: a document has a number of its own within a journal and a bookyear."""
    return f"{bookyear}.{journal}.{document}"


def deleted_of(rows: Iterable[DeletedRow]) -> set[str]:
    """The keys of bookings that are gone."""
    return {
        booking_of(row.bookyear.id, journal_of(row.journal_type, row.journal_number), row.document)
        for row in rows
        if row.journal_type != DELIVERIES
    }


@lru_cache(KEPT)
def journal_of(journal_type: int, number: int) -> str:
    """A journal as Octopus calls it, such as V1: the first one of sales."""
    return f"{LETTERS.get(journal_type) or unknown('journalType is none')}{number}"


@lru_cache(KEPT)
def account_of(number: int) -> str:
    """An account by its number in the chart."""
    return str(number) if number > 0 else unknown("accountKey is none")


def signed(amount: Decimal, sign: int) -> Decimal:
    """An amount, debit positive."""
    return amount if sign > 0 else amount.copy_negate() if amount else amount


def foreign_of(amount: Decimal | None, currency: str | None) -> tuple[Decimal | None, str | None]:
    """An amount in another currency than that of the books, and which it is; neither where it is the same."""
    found = bare(currency)
    return (None, None) if amount is None or found in {None, CURRENCY} else (amount, found)


def number_of(key: Key | None) -> str | None:
    """The number of what a row refers to; None where it refers to nothing."""
    return str(key.id) if key is not None and key.id else None


def description_of(comment: str | None, reference: str | None) -> str | None:
    """What people wrote."""
    return bare(comment) or bare(reference)


@lru_cache(KEPT)
def axes_of(cost_centre: Key | None) -> AxisSet:
    """The cost centre of a line; it has one at most."""
    number = number_of(cost_centre)
    return ((COST_CENTRE, number),) if number else ()


def _counted(key: str, seen: Counter[str]) -> str:
    seen[key] += 1
    return key if seen[key] == 1 else f"{key}.{seen[key]}"


def _document(row: LineRow) -> tuple[int, int, int, int]:
    return row.bookyear.id, row.journal_type, row.journal_number, row.document
