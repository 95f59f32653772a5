"""Rows of the general ledger as lines: one by one, or by column where nothing is unusual about them.

The report numbers no line. A line is known by its transaction, its account, and its place among the lines
of both, counted in the order of what they say: so it keeps its id when the report lists them otherwise.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from operator import sub

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.columns import (
    LINES,
    ByColumn,
    Column,
    Columns,
    each_once,
    none_if_empty,
    plain_amounts,
)
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.quickbooks.chart import Chart
from monitr_pipelines.providers.quickbooks.datasets import (
    AXES,
    CURRENCY,
    DATE,
    ENTITIES,
    FOREIGN,
    MEMO,
    NAME,
    NUMBER,
    TYPE,
)
from monitr_pipelines.providers.quickbooks.report import Reading, Window
from monitr_pipelines.providers.quickbooks.values import amount, contradicts, day, unknown


@dataclass(frozen=True)
class Page:
    """The lines of a report by column, all of them checked.

    `bookings` are the keys of their transactions, `untold` whether changes of some of these are never told.
    """

    keys: Sequence[str]
    days: Sequence[date]
    accounts: Sequence[str]
    amounts: Sequence[Decimal]
    bookings: Sequence[str]
    journals: Sequence[str]
    texts: Mapping[str, Sequence[str]]
    foreign: Sequence[tuple[Decimal | None, str | None]]
    axes: Sequence[AxisSet]
    untold: bool

    def lines(self) -> Iterator[ByColumn]:
        """The lines both ways, as many at a time as a block has."""
        for start in range(0, len(self.keys), LINES):
            part = self._part(slice(start, start + LINES))
            yield ByColumn(part._one_by_one, part._at_once)  # noqa: SLF001 - the same of fewer lines

    def _part(self, some: slice) -> "Page":
        return Page(
            self.keys[some],
            self.days[some],
            self.accounts[some],
            self.amounts[some],
            self.bookings[some],
            self.journals[some],
            {name: column[some] for name, column in self.texts.items()},
            self.foreign[some],
            self.axes[some],
            self.untold,
        )

    def _one_by_one(self) -> Iterator[LedgerLine]:
        texts = (none_if_empty(self.texts[name]) for name in (NUMBER, NAME, MEMO))
        columns = (self.keys, self.days, self.accounts, self.amounts, self.bookings, self.journals)
        for *line, number, name, memo, foreign, axes in zip(
            *columns, *texts, self.foreign or [(None, None)] * len(self.keys), self.axes, strict=True
        ):
            key, on, account, size, booking, journal = line
            yield LedgerLine(
                key,
                on,
                account,
                size,
                booking,
                journal=journal,
                document_number=number,
                relation=name,
                description=memo,
                foreign_amount=foreign[0],
                foreign_currency=foreign[1],
                axes=axes,
            )

    def _at_once(self) -> Columns | None:
        amounts = plain_amounts(self.amounts)
        told = [size for size, _ in self.foreign if size is not None]
        plain = iter(plain_amounts(told) or ())
        if amounts is None or (told and plain_amounts(told) is None):
            return None
        texts: dict[str, Column] = {
            "external_id": self.keys,
            "booking_date": each_once(str, self.days),
            "account_code": self.accounts,
            "amount": amounts,
            "booking": self.bookings,
            "journal": self.journals,
            "document_number": none_if_empty(self.texts[NUMBER]),
            "relation": none_if_empty(self.texts[NAME]),
            "description": none_if_empty(self.texts[MEMO]),
        }
        if told:
            texts["foreign_amount"] = [None if size is None else next(plain) for size, _ in self.foreign]
            texts["foreign_currency"] = [currency for _, currency in self.foreign]
        return Columns(texts, self.axes if any(self.axes) else ())


def page_of(reading: Reading, chart: Chart, axes: Sequence[str], window: Window, currency: str) -> Page:
    """The lines of a report of a window; `axes` are columns, `currency` is the home one.

    Amounts are debit less credit, in the home currency.

    Raises:
        OurFault: A value cannot be read.
        InconsistentData: A line lies outside the window, or names what is not listed.
    """
    table = reading.table
    days = each_once(_day, table.texts(DATE))
    if days and not (window.start <= min(days) and max(days) < window.end):
        contradicts("a line outside the dates that were asked for")
    kinds, ids = list(map(str.strip, table.texts(TYPE))), table.ids(TYPE)
    if not (all(kinds) and all(ids)):
        unknown(f"{TYPE} or its id is empty")
    entities = each_once(_entity, kinds)
    bookings = [f"{entity}:{id_}" for entity, id_ in zip(entities, ids, strict=True)]
    amounts = list(map(sub, reading.debits, reading.credits))
    texts = {name: list(map(str.strip, table.texts(name))) for name in (NUMBER, NAME, MEMO)}
    accounts = [chart.accounts[account].code for account in table.accounts]
    valued = _axes(reading, chart, axes)
    said = list(zip(days, amounts, *texts.values(), valued, strict=True))
    return Page(
        _keys(bookings, table.accounts, said),
        days,
        accounts,
        amounts,
        bookings,
        kinds,
        texts,
        _foreign(reading, amounts, currency) if FOREIGN in table.places else (),
        valued,
        untold=not ENTITIES.keys() >= set(kinds),
    )


def values_of(reading: Reading, chart: Chart, column: str) -> list[str]:
    """The ids of the values of an axis, empty where a line has none; one without an id by its full name."""
    return each_once(partial(_value_of, chart.named[column]), list(_named(reading, column)))


def values_used(reading: Reading, chart: Chart, column: str) -> set[str]:
    """The same, each once."""
    return set(map(partial(_value_of, chart.named[column]), set(_named(reading, column))))


def _named(reading: Reading, column: str) -> Iterator[tuple[str, str | None]]:
    return zip(reading.table.texts(column), reading.table.ids(column), strict=True)


def _value_of(named: Mapping[str, str], cell: tuple[str, str | None]) -> str:
    value, id_ = cell
    return id_ or (named.get(value.strip(), value) if value else "")


def _day(value: str) -> date:
    return day(value, DATE)


def _entity(kind: str) -> str:
    return ENTITIES.get(kind, kind)


def _axes(reading: Reading, chart: Chart, columns: Sequence[str]) -> Sequence[AxisSet]:
    known: dict[tuple[str, ...], AxisSet] = {}
    found = [values_of(reading, chart, column) for column in columns]
    if not found:
        return [()] * len(reading.table.rows)
    names = sorted((AXES[column], place) for place, column in enumerate(columns))
    for values in set(zip(*found, strict=True)):
        known[values] = tuple((axis, values[place]) for axis, place in names if values[place])
    return [known[values] for values in zip(*found, strict=True)]


def _keys(bookings: Sequence[str], accounts: Sequence[str], said: Sequence[tuple[object, ...]]) -> list[str]:
    """The ids of lines; where a transaction has several on an account, they are counted by what they say."""
    bases = [f"{booking}:{account}" for booking, account in zip(bookings, accounts, strict=True)]
    keys = [f"{base}:1" for base in bases]
    several = {base for base, count in Counter(bases).items() if count > 1}
    if not several:
        return keys
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, base in enumerate(bases):
        if base in several:
            places[base].append(place)
    for base, of_base in places.items():
        for number, place in enumerate(sorted(of_base, key=said.__getitem__), start=1):
            keys[place] = f"{base}:{number}"
    return keys


def _foreign(
    reading: Reading, amounts: Sequence[Decimal], own: str
) -> Sequence[tuple[Decimal | None, str | None]]:
    """Amounts in the currency of the transaction, on the side on which the line stands."""
    told = zip(reading.table.texts(FOREIGN), reading.table.texts(CURRENCY), amounts, strict=True)
    return [
        (abs(amount(value, FOREIGN)).copy_sign(size), currency.strip())
        if value.strip() and currency.strip() not in {"", own}
        else (None, None)
        for value, currency, size in told
    ]
