"""Shared books of invented companies: believable ones, or as many lines as a measurement wants."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import groupby
from random import Random

from monitr_pipelines.emulators.books import BELGIAN, generate_books
from monitr_pipelines.emulators.company.names import companies
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.records import (
    WHOLE,
    Account,
    Axis,
    Company,
    Entry,
    Journal,
    Line,
    Relation,
    Share,
    Stamp,
    State,
    Value,
)
from monitr_pipelines.emulators.shared.seasoning import Seasoning, cents
from monitr_pipelines.emulators.volume import VOLUME_AXES, generate_lines, volume_accounts
from monitr_pipelines.ledger.records import Account as ChartAccount
from monitr_pipelines.ledger.records import AxisValue, LedgerLine

FIRST_YEAR, YEARS = 2024, 2
# The clock of books whose changes are to have the same times at every run.
MORNING = datetime(2026, 1, 15, 8, tzinfo=UTC)
TAX_NUMBERS = ("BE0123456749", "BE0403170701", "BE0202239951")


@dataclass(frozen=True)
class Size:
    """How large the books are, and what is in them.

    Args:
        lines: So many lines over all companies, all posted, without remarks and splits; None for the
            books of small companies, with whatever the flags below allow.
        companies: How many companies.
        seed: The same seed gives the same books for ever.
        entries_per_month: Of a small company; see `generate_books`.
        splits: Whether lines are divided over several values of an axis, in full, in part or too much.
        remarks: Whether entries have lines without account and amount.
    """

    lines: int | None = None
    companies: int = 2
    seed: int = 1
    entries_per_month: int = 8
    splits: bool = False
    remarks: bool = False


@dataclass(frozen=True)
class _Drawn:
    """What a generator gave for one company."""

    company: Company
    accounts: Mapping[str, int]
    journals: Mapping[str, int]
    relations: Mapping[str, int]
    values: Mapping[tuple[str, str], int]
    lines: Iterable[LedgerLine]
    _shares: dict[tuple[tuple[str, str], ...], tuple[Share, ...]] = field(default_factory=dict)

    def shares(self, axes: tuple[tuple[str, str], ...]) -> tuple[Share, ...]:
        """The values of a line as one share of it; lines with the same values have the same object."""
        if not axes:
            return ()
        if axes not in self._shares:
            self._shares[axes] = (Share(tuple(self.values[pair] for pair in axes), WHOLE),)
        return self._shares[axes]


def invented_books(size: Size | None = None, clock: Clock | None = None) -> SharedBooks:
    """Books of companies that do not exist; their changes are stamped by the clock (default: `MORNING`)."""
    size = size or Size()
    books = SharedBooks(clock or Clock(MORNING))
    random = Random(f"shared/{size.seed}")  # noqa: S311 - invented figures, not secrets
    names = companies(random, size.companies, BELGIAN.legal_form)
    drawn = [_draw(books, size, number, name) for number, name in enumerate(names, start=1)]
    days = merge(*(_entries(each) for each in drawn), key=lambda pair: pair[1][0].booking_date)
    seasoning = None if size.lines else Seasoning(books, splits=size.splits, remarks=size.remarks)
    for of, lines in days:
        _book(books, of, lines, seasoning)
    books.version += 1
    return books


def _draw(books: SharedBooks, size: Size, number: int, name: str) -> _Drawn:
    start = Stamp(1, _noon(date(FIRST_YEAR, 1, 1)))
    company = Company(number, name, "BE", "EUR", TAX_NUMBERS[(number - 1) % len(TAX_NUMBERS)], 1, start)
    books.companies[number] = company
    books.version = start.version
    lines: Iterable[LedgerLine]
    if size.lines is None:
        own = generate_books(
            size.seed * 1000 + number, name, FIRST_YEAR, YEARS, entries_per_month=size.entries_per_month
        )
        chart, axes, relations, lines = own.accounts, own.axes, own.relations, own.lines
    else:
        share = size.lines // size.companies + (size.lines % size.companies if number == 1 else 0)
        chart, axes, relations = volume_accounts(), VOLUME_AXES, {}
        lines = generate_lines(share, size.seed * 1000 + number)
    return _Drawn(
        company,
        _accounts(books, number, chart, start),
        _journals(books, number, start),
        _relations(books, number, relations, start),
        _values(books, axes, start),
        lines,
    )


def _accounts(
    books: SharedBooks, company: int, chart: Sequence[ChartAccount], stamp: Stamp
) -> dict[str, int]:
    ids: dict[str, int] = {}
    for account_id, account in enumerate(chart, start=len(books.accounts) + 1):
        if account.type is None:
            raise ValueError(f"{account.code} has no type")
        books.accounts[account_id] = Account(
            account_id, company, account.code, account.name, account.type, stamp
        )
        ids[account.code] = account_id
    return ids


def _journals(books: SharedBooks, company: int, stamp: Stamp) -> dict[str, int]:
    ids: dict[str, int] = {}
    for number, (kind, journal) in enumerate(BELGIAN.journals.items(), start=len(books.journals) + 1):
        books.journals[number] = Journal(number, company, journal.code, journal.name, kind.value, stamp)
        ids[journal.code] = number
    return ids


def _relations(
    books: SharedBooks, company: int, relations: Mapping[str, str], stamp: Stamp
) -> dict[str, int]:
    ids: dict[str, int] = {}
    for number, (name, code) in enumerate(relations.items(), start=len(books.relations) + 1):
        books.relations[number] = Relation(number, company, code, name, stamp)
        ids[name] = number
    return ids


def _values(books: SharedBooks, axes: Sequence[AxisValue], stamp: Stamp) -> dict[tuple[str, str], int]:
    """Axes and their values are shared by the companies: the first one brings them."""
    by_code = {axis.code: axis.id for axis in books.axes.values()}
    ids = {(books.axes[value.axis].code, value.code): value.id for value in books.values.values()}
    for each in axes:
        if each.axis not in by_code:
            by_code[each.axis] = len(books.axes) + 1
            books.axes[by_code[each.axis]] = Axis(
                by_code[each.axis], each.axis, each.axis.capitalize(), stamp
            )
        if (each.axis, each.code) not in ids:
            ids[each.axis, each.code] = len(books.values) + 1
            books.values[len(books.values) + 1] = Value(
                len(books.values) + 1, by_code[each.axis], each.code, each.name, None, stamp
            )
    return ids


def _entries(drawn: _Drawn) -> Iterator[tuple[_Drawn, list[LedgerLine]]]:
    for _, lines in groupby(drawn.lines, key=lambda line: line.booking):
        yield drawn, list(lines)


def _book(books: SharedBooks, of: _Drawn, lines: Sequence[LedgerLine], seasoning: Seasoning | None) -> None:
    """An entry as it was booked the day after, a second after the one before it."""
    head = lines[0]
    books.last_entry += 1
    books.version += 1
    entry_id = books.last_entry
    stamp = Stamp(books.version, _noon(head.booking_date) + entry_id % 36_000 * 1_000_003)
    booked = tuple(
        Line(
            line_id,
            of.accounts[line.account_code],
            cents(line.amount),
            stamp,
            line.description or "",
            of.relations.get(line.relation or ""),
            of.shares(line.axes),
        )
        for line_id, line in zip(books.new_line_ids(entry_id, len(lines)), lines, strict=True)
    )
    entry = Entry(
        entry_id,
        of.company.id,
        of.journals[head.journal or "DIV"],
        head.booking_date,
        head.booking or "",
        booked,
        stamp,
        stamp,
        State.POSTED,
        head.document_number or "",
    )
    books.entries[entry_id] = seasoning.applied(entry) if seasoning else entry


def _noon(day: date) -> int:
    """Noon of the day after, in µs since 1970."""
    moment = datetime.combine(day + timedelta(days=1), time(12), UTC)
    return int(moment.timestamp()) * 1_000_000
