"""Sums of lines that are taken while they stream, so that nobody reads a ledger again that was just written.

PostgreSQL is busy with the lines before while a block is added up. Amounts are whole ten-thousandths here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import accumulate, compress
from operator import ne
from typing import TypeAlias

from monitr_pipelines.ledger.blocks import FieldColumns
from monitr_pipelines.ledger.columns import FIELDS, LINES, NULL

# More groups than these would take more memory than a stream may: PostgreSQL adds them up then.
MOST_BALANCES = 200_000
MOST_BOOKINGS = 100_000
DECIMALS = 4
ONE = 10**DECIMALS
# Amounts as most are written. They may be read at once, which costs a third.
CENTS = re.compile(rb"(?:-?+\d++\.\d\d\n)++").fullmatch
WIDTH = len(FIELDS)
# The fields that are looked at, and where they stand.
PLACES = {
    name: FIELDS.index(name)
    for name in ("booking_date", "account_code", "amount", "booking", "opening", "axes")
}
NO_BOOKING = NULL.encode()
DAY = len("YYYY-MM-DD")

Fields: TypeAlias = Mapping[str, Sequence[bytes]]


class Sums:
    """What the lines of a ledger add up to; `lines` is how many there were."""

    def __init__(self) -> None:
        self.lines = 0
        self._unbalanced: dict[bytes, int] | None = {}
        # What each group adds up to: debit less credit, debit, and how many lines it has.
        self._groups: dict[bytes, list[int]] | None = {}
        self._months: dict[bytes, bytes] = {}
        self._last_booking = NO_BOOKING
        self._left = 0

    def add(self, text: bytes, lines: int, columns: FieldColumns | None = None) -> None:
        """Add lines, as a Block has them.

        What would take too much memory is given up, and so is all where an amount is none.
        """
        if not lines:
            return
        self.lines += lines
        fields = _encoded(columns, lines) if columns else _divided(text, lines)
        try:
            amounts = _amounts(fields["amount"])
        except (InvalidOperation, ValueError, OverflowError):
            amounts = []
        if len(amounts) != lines:
            self._groups = self._unbalanced = None
            return
        self._add_to_months(fields, amounts)
        self._add_to_bookings(fields["booking"], amounts)

    def unbalanced(self) -> list[str] | None:
        """The bookings that do not add up to zero, once all lines are in; None where they are not known."""
        self._close(self._last_booking)
        if self._unbalanced is None or any(b"\\" in booking for booking in self._unbalanced):
            return None
        return [booking.decode() for booking in self._unbalanced]

    def balances(self, entity_id: int) -> Iterator[bytes] | None:
        """Rows of `raw.month_balance` as COPY reads them, about in its order; None where not known."""
        if self._groups is None:
            return None
        return _rows(self._groups, str(entity_id).encode())

    def _add_to_months(self, fields: Fields, amounts: Sequence[int]) -> None:
        known = self._groups
        if known is None:
            return
        months = self._months
        days = fields["booking_date"]
        for day in set(days).difference(months):
            if len(day) != DAY:
                self._groups = None
                return
            months[day] = day[:-2] + b"01"
        groups = zip(
            fields["account_code"],
            map(months.__getitem__, days),
            fields["axes"],
            fields["opening"],
            strict=True,
        )
        for key, amount in zip(map(b"\t".join, groups), amounts, strict=True):
            group = known.get(key)
            if group is None:
                group = known[key] = [0, 0, 0]
            group[0] += amount
            if amount > 0:
                group[1] += amount
            group[2] += 1
        if len(known) > MOST_BALANCES:
            self._groups = None

    def _add_to_bookings(self, bookings: Sequence[bytes], amounts: Sequence[int]) -> None:
        """Lines of a booking most often stand together; where such a run is not zero, each is looked at."""
        if self._unbalanced is None:
            return
        if bookings[0] != self._last_booking:
            self._close(self._last_booking)
        sums = list(accumulate(amounts, initial=self._left))[1:]
        ends = map(ne, bookings, bookings[1:])
        self._last_booking = bookings[-1]
        if not any(compress(sums, ends)):
            self._left = sums[-1]
            return
        self._close(bookings[0])
        known = self._unbalanced
        for booking, amount in zip(bookings, amounts, strict=True):
            known[booking] = known.get(booking, 0) + amount
        self._unbalanced = {booking: left for booking, left in known.items() if left}
        self._unbalanced.pop(NO_BOOKING, None)
        if len(self._unbalanced) > MOST_BOOKINGS:
            self._unbalanced = None

    def _close(self, booking: bytes) -> None:
        """What is left of the last run belongs to its booking."""
        left, self._left = self._left, 0
        if left and booking != NO_BOOKING and self._unbalanced is not None:
            left += self._unbalanced.pop(booking, 0)
            if left:
                self._unbalanced[booking] = left


def _divided(text: bytes, lines: int) -> Fields:
    """The fields that are looked at, by column; none where a row has more or fewer than it should."""
    fields = text.replace(b"\n", b"\t").split(b"\t")
    fields.pop()
    if len(fields) != WIDTH * lines:
        return dict.fromkeys(PLACES, ())
    return {name: fields[place::WIDTH] for name, place in PLACES.items()}


def _encoded(columns: FieldColumns, lines: int) -> Fields:
    """The same of columns that are at hand, in which no text has an end of a line."""
    return {name: _encoded_column(columns[name], lines) for name in PLACES}


def _encoded_column(column: str | Sequence[str], lines: int) -> Sequence[bytes]:
    if isinstance(column, str):
        return [column.encode()] * lines
    return "\n".join(column).encode().split(b"\n")


def _rows(groups: Mapping[bytes, Sequence[int]], entity: bytes) -> Iterator[bytes]:
    keys = sorted(groups)
    for start in range(0, len(keys), LINES):
        rows = []
        for key in keys[start : start + LINES]:
            net, debit, lines = groups[key]
            rows.append(b"%b\t%b\t%b\t%b\t%d\n" % (entity, key, _text(debit), _text(debit - net), lines))
        yield b"".join(rows)


def _amounts(texts: Sequence[bytes]) -> list[int]:
    written = b"\n".join([*texts, b""])
    if CENTS(written):
        return list(map(int, written.replace(b".", b"").replace(b"\n", b"00\n").split()))
    amounts = [Decimal(text.decode()) * ONE for text in texts]
    whole = list(map(int, amounts))
    return whole if whole == amounts else []


def _text(amount: int) -> bytes:
    return b"%d.%04d" % divmod(amount, ONE)
