"""A line that several values of axes share, cut into parts of at most one value an axis each.

What is allocated together stays together: an allocation names one value of one axis or of several. Each is
laid along the line where all of its axes are still free, first those that come first, so that single axes
are laid end to end, what nobody takes last, and the line is cut wherever any axis changes its value. So
each value gets exactly what was allocated to it, and nothing is ever rounded.

What is allocated beyond the line, against its sign, or where its axes are nowhere free together, cannot lie
along it. It stands in parts of its own, and one that has no values takes it back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from monitr_pipelines.ledger.money import ZERO


class Allocation(NamedTuple):
    """What one value of an axis takes of a line, or values of several axes together; debit positive."""

    size: Decimal
    values: Mapping[int, int]


class Held(NamedTuple):
    """A stretch of the line, measured without sign, that a value of an axis has."""

    start: Decimal
    end: Decimal
    value: int


Stretch: TypeAlias = tuple[Decimal, Decimal]


@dataclass(frozen=True)
class Part:
    """A part of a line, and its values by axis; `extra` for what does not lie along the line."""

    amount: Decimal
    values: Mapping[int, int]
    extra: bool = False


def cut(amount: Decimal, allocations: Sequence[Allocation]) -> list[Part]:
    """The parts of a line, which add up to it; one that nobody shares is a single part.

    Args:
        amount: The line's, debit positive.
        allocations: In the order in which they are laid.
    """
    held: dict[int, list[Held]] = {}
    extra: list[Part] = []
    for size, values in allocations:
        laid = _lay(abs(amount), held, values, abs(size)) if size * amount > 0 else ZERO
        if rest := size - laid.copy_sign(size):
            extra.append(Part(rest, values, extra=True))
    beyond = sum((part.amount for part in extra), ZERO)
    back = [Part(-beyond, {}, extra=True)] if beyond else []
    return [*_pieces(amount, held), *extra, *back]


def proportion(total: Decimal, parts: Iterable[Part], amount: Decimal) -> list[Decimal | None]:
    """Another amount over the parts: what is due up to the end of each, less what went before.

    The parts that lie along the line add up to the total exactly; others have none.
    """
    smallest = smallest_unit(total)
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


def smallest_unit(total: Decimal) -> Decimal:
    """What amounts that are shared are rounded to: the last digit of the whole, cents at the coarsest."""
    return Decimal(1).scaleb(min(int(total.as_tuple().exponent), -2))


def _lay(length: Decimal, held: dict[int, list[Held]], values: Mapping[int, int], wanted: Decimal) -> Decimal:
    """Give values the first stretches of the line where all of their axes are free; how much there was."""
    left = wanted
    for start, end in _free(length, [one for axis in values for one in held.get(axis, ())]):
        taken = min(left, end - start)
        if not taken:
            break
        for axis, value in values.items():
            held.setdefault(axis, []).append(Held(start, start + taken, value))
        left -= taken
    return wanted - left


def _free(length: Decimal, taken: Iterable[Held]) -> list[Stretch]:
    free = []
    reached = ZERO
    for start, end, _ in sorted(taken):
        if start > reached:
            free.append((reached, start))
        reached = max(reached, end)
    return [*free, (reached, length)] if reached < length else free


def _pieces(amount: Decimal, held: Mapping[int, Sequence[Held]]) -> list[Part]:
    ends = {place for stretches in held.values() for one in stretches for place in one[:2]}
    pieces: list[Part] = []
    start = ZERO
    for end in sorted(ends - {ZERO} | {abs(amount)}):
        size, values = (end - start).copy_sign(amount), dict(_values_at(held, start))
        if pieces and pieces[-1].values == values:
            size += pieces.pop().amount
        pieces.append(Part(size, values))
        start = end
    return pieces


def _values_at(held: Mapping[int, Sequence[Held]], place: Decimal) -> Iterable[tuple[int, int]]:
    """The values that hold the line from a place on."""
    for axis, stretches in sorted(held.items()):
        for start, end, value in stretches:
            if start <= place < end:
                yield axis, value
