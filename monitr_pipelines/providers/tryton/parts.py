"""A line that several values of an axis share, cut into parts of one value an axis each.

Tryton tells what each value of an axis takes of a line, but not how the axes go together. Each axis's
values are therefore laid end to end along the line, by ascending id, what nobody takes last, and the
line is cut wherever any axis changes its value. So every part has one value of each axis, each value
gets exactly what Tryton says, and nothing is ever rounded.

What an axis allocates beyond the line, or against its sign, cannot lie along it. It adds up to zero with
what is taken back for it, and stands in parts of its own, which all other axes leave unallocated.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from monitr_pipelines.ledger.money import ZERO

# What a value takes of a line, debit positive, by the value's id; None: nobody.
Share: TypeAlias = tuple[int | None, Decimal]


@dataclass(frozen=True)
class Part:
    """A part of a line, and its values by axis; `extra` for what does not lie along the line."""

    amount: Decimal
    values: Mapping[int, int]
    extra: bool = False


def cut(amount: Decimal, allocations: Mapping[int, Mapping[int, Decimal]]) -> list[Part]:
    """The parts of a line, which add up to it; one that nobody shares is a single part.

    Args:
        amount: The line's, debit positive.
        allocations: What each value takes, debit positive, by axis and value.
    """
    along: dict[int, list[Share]] = {}
    extra: list[Part] = []
    for axis, taken in sorted(allocations.items()):
        along[axis], beyond = _lay(amount, _shares(amount, taken))
        extra += [Part(size, {} if value is None else {axis: value}, extra=True) for value, size in beyond]
    return [*_pieces(amount, along), *extra]


def proportion(total: Decimal, parts: Iterable[Part], amount: Decimal) -> list[Decimal | None]:
    """A foreign amount over the parts: what is due up to the end of each, less what went before.

    The parts that lie along the line add up to the total exactly; others have none.
    """
    smallest = Decimal(1).scaleb(min(int(total.as_tuple().exponent), -2))
    shared: list[Decimal | None] = []
    reached = assigned = ZERO
    for part in parts:
        if part.extra:
            shared.append(None)
            continue
        reached += part.amount
        due = total if reached == amount else (total * reached / amount).quantize(smallest)
        shared.append(due - assigned)
        assigned = due
    return shared


def _shares(amount: Decimal, taken: Mapping[int, Decimal]) -> list[Share]:
    shares: list[Share] = [(value, size) for value, size in sorted(taken.items()) if size]
    rest = amount - sum(taken.values(), ZERO)
    return [*shares, (None, rest)] if rest else shares


def _lay(amount: Decimal, shares: Iterable[Share]) -> tuple[list[Share], list[Share]]:
    """Shares that lie along the line and fill it exactly, and those beyond it, which add up to zero."""
    along: list[Share] = []
    beyond: list[Share] = []
    left = abs(amount)
    for value, size in shares:
        fits = min(left, abs(size)) if size * amount > 0 else ZERO
        left -= fits
        inside = fits.copy_sign(amount)
        along += [(value, inside)] if fits else []
        beyond += [(value, size - inside)] if size != inside else []
    return along, beyond


def _pieces(amount: Decimal, along: Mapping[int, list[Share]]) -> list[Part]:
    cuts = sorted({abs(end) for shares in along.values() for _, _, end in _spans(shares)} | {abs(amount)})
    pieces = []
    start = ZERO
    for end in cuts:
        values = {axis: _value_at(shares, start) for axis, shares in along.items()}
        held = {axis: value for axis, value in values.items() if value is not None}
        pieces.append(Part((end - start).copy_sign(amount), held))
        start = end
    return pieces


def _spans(shares: Iterable[Share]) -> list[tuple[int | None, Decimal, Decimal]]:
    spans = []
    start = ZERO
    for value, size in shares:
        spans.append((value, start, start + size))
        start += size
    return spans


def _value_at(shares: Iterable[Share], place: Decimal) -> int | None:
    """The value that holds the line from a place on, measured without sign."""
    for value, start, end in _spans(shares):
        if abs(start) <= place < abs(end):
            return value
    return None
