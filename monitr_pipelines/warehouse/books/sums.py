"""Sums of lines that are taken while they stream, so that nobody reads a ledger again that was just written.

PostgreSQL is busy with the lines before while a block is added up. Amounts are whole ten-thousandths here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import accumulate, compress
from operator import ne

from monitr_pipelines.ledger.blocks import FieldColumns
from monitr_pipelines.ledger.columns import FIELDS, LINES, NULL, joined

# More groups than these would take more memory than a stream may: PostgreSQL adds them up then.
MOST_BALANCES = 200_000
MOST_BOOKINGS = 100_000
DECIMALS = 4
ONE = 10**DECIMALS
# Amounts as most are written. They may be read at once, which costs a third.
CENTS = re.compile(r"(?:-?+\d++\.\d\d\n)++", re.ASCII).fullmatch
# The fields that are looked at, and where they stand.
PLACES = {
    name: FIELDS.index(name)
    for name in ("booking_date", "account_code", "amount", "booking", "opening", "axes")
}
DAY = len("YYYY-MM-DD")


class Sums:
    """What the lines of a ledger add up to; `lines` is how many there were."""

    def __init__(self) -> None:
        self.lines = 0
        self._unbalanced: dict[str, int] | None = {}
        # What each group adds up to: debit less credit, debit, and how many lines it has.
        self._groups: dict[str, list[int]] | None = {}
        self._months: dict[str, str] = {}
        self._last_booking = NULL
        self._left = 0

    def add(self, text: bytes, lines: int, columns: FieldColumns | None = None) -> None:
        """Add lines, as a Block has them.

        What would take too much memory is given up, and so is all where an amount is none.
        """
        if not lines:
            return
        self.lines += lines
        fields = columns or _columns(text, lines)
        amounts = _amounts(_each(fields["amount"], lines)) if fields else []
        if not fields or len(amounts) != lines:
            self._groups = self._unbalanced = None
            return
        self._add_to_months(fields, amounts)
        self._add_to_bookings(_each(fields["booking"], lines), amounts)

    def unbalanced(self) -> list[str] | None:
        """The bookings that do not add up to zero, once all lines are in; None where they are not known."""
        self._close(self._last_booking)
        if self._unbalanced is None or any("\\" in booking for booking in self._unbalanced):
            return None
        return list(self._unbalanced)

    def balances(self, entity_id: int) -> Iterator[bytes] | None:
        """Rows of `raw.month_balance` as COPY reads them, about in its order; None where not known."""
        if self._groups is None:
            return None
        return _rows(self._groups, entity_id)

    def _add_to_months(self, fields: FieldColumns, amounts: Sequence[int]) -> None:
        known = self._groups
        if known is None:
            return
        months = self._months
        days = _each(fields["booking_date"], len(amounts))
        for day in set(days).difference(months):
            if len(day) != DAY:
                self._groups = None
                return
            months[day] = f"{day[:-2]}01"
        groups = [fields["account_code"], map(months.__getitem__, days), fields["axes"], fields["opening"]]
        for key, amount in zip(joined(groups, len(amounts), "\t"), amounts, strict=True):
            group = known.get(key)
            if group is None:
                group = known[key] = [0, 0, 0]
            group[0] += amount
            if amount > 0:
                group[1] += amount
            group[2] += 1
        if len(known) > MOST_BALANCES:
            self._groups = None

    def _add_to_bookings(self, bookings: Sequence[str], amounts: Sequence[int]) -> None:
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
        self._unbalanced.pop(NULL, None)
        if len(self._unbalanced) > MOST_BOOKINGS:
            self._unbalanced = None

    def _close(self, booking: str) -> None:
        """What is left of the last run belongs to its booking."""
        left, self._left = self._left, 0
        if left and booking != NULL and self._unbalanced is not None:
            left += self._unbalanced.pop(booking, 0)
            if left:
                self._unbalanced[booking] = left


def _columns(text: bytes, lines: int) -> FieldColumns | None:
    """The fields that are looked at, None where a row has others than it should."""
    fields = text.decode().replace("\n", "\t").split("\t")
    fields.pop()
    if len(fields) != len(FIELDS) * lines:
        return None
    return {name: fields[place :: len(FIELDS)] for name, place in PLACES.items()}


def _each(column: str | Sequence[str], lines: int) -> Sequence[str]:
    return [column] * lines if isinstance(column, str) else column


def _rows(groups: Mapping[str, Sequence[int]], entity_id: int) -> Iterator[bytes]:
    keys = sorted(groups)
    for start in range(0, len(keys), LINES):
        rows = []
        for key in keys[start : start + LINES]:
            net, debit, lines = groups[key]
            rows.append(f"{entity_id}\t{key}\t{_text(debit)}\t{_text(debit - net)}\t{lines}\n")
        yield "".join(rows).encode()


def _amounts(texts: Sequence[str]) -> list[int]:
    """In ten-thousandths; none where one is no such number."""
    written = "\n".join([*texts, ""])
    if CENTS(written):
        return list(map(int, written.replace(".", "").replace("\n", "00\n").split()))
    try:
        amounts = [Decimal(text) * ONE for text in texts]
        whole = list(map(int, amounts))
    except (InvalidOperation, ValueError, OverflowError):
        return []
    return whole if whole == amounts else []


def _text(amount: int) -> str:
    whole, rest = divmod(amount, ONE)
    return f"{whole}.{rest:04}"
