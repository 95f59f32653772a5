"""Cutting lines into parts, for any allocation that people can type."""

from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.providers.parts import Allocation, Part, cut, proportion

CENT = Decimal("0.01")
cents = st.integers(-99_999, 99_999).map(lambda number: number * CENT)
together = st.dictionaries(st.sampled_from([1, 2, 3]), st.integers(10, 14), min_size=1, max_size=3)
allocations = st.lists(st.builds(Allocation, cents, together), max_size=6)


def apart(allocated: dict[int, dict[int, Decimal]]) -> list[Allocation]:
    """Axes that have nothing to do with one another."""
    return [
        Allocation(size, {axis: value}) for axis, taken in allocated.items() for value, size in taken.items()
    ]


def taken(parts: list[Part]) -> dict[tuple[int, int], Decimal]:
    held: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for part in parts:
        for pair in part.values.items():
            held[pair] += part.amount
    return {pair: amount for pair, amount in held.items() if amount}


def wanted(allocated: list[Allocation]) -> dict[tuple[int, int], Decimal]:
    held: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for size, values in allocated:
        for pair in values.items():
            held[pair] += size
    return {pair: amount for pair, amount in held.items() if amount}


@given(cents, allocations)
def test_parts_add_up_to_the_line_and_give_each_value_its_own(
    amount: Decimal, allocated: list[Allocation]
) -> None:
    parts = cut(amount, allocated)
    assert sum(part.amount for part in parts) == amount
    assert taken(parts) == wanted(allocated)


@given(st.lists(st.builds(Allocation, st.integers(1, 9).map(Decimal), together), max_size=6))
def test_what_is_allocated_together_stays_together(allocated: list[Allocation]) -> None:
    parts = cut(Decimal(60), allocated)
    for axes in {frozenset(values) for _, values in allocated}:
        alone = [each for each in allocated if each.values.keys() >= axes]
        assert sum(part.amount for part in parts if part.values.keys() >= axes) >= sum(
            size for size, _ in alone
        )


@given(cents, allocations, cents)
def test_a_foreign_amount_is_shared_exactly(
    amount: Decimal, allocated: list[Allocation], foreign: Decimal
) -> None:
    parts = cut(amount, allocated)
    shared = proportion(foreign, parts, amount)
    assert len(shared) == len(parts)
    assert sum((share for share in shared if share is not None), Decimal(0)) == foreign


def test_a_line_that_nobody_shares_stays_whole() -> None:
    assert cut(Decimal(10), []) == [Part(Decimal(10), {})]
    assert cut(Decimal(-10), apart({1: {11: Decimal(-10)}, 2: {21: Decimal(-10)}})) == [
        Part(Decimal(-10), {1: 11, 2: 21})
    ]


def test_what_nobody_takes_is_a_part_of_its_own() -> None:
    assert cut(Decimal(10), apart({1: {11: Decimal(3)}})) == [Part(Decimal(3), {1: 11}), Part(Decimal(7), {})]


def test_axes_are_cut_wherever_one_of_them_changes() -> None:
    allocated = {1: {11: Decimal(3), 12: Decimal(7)}, 2: {21: Decimal(5), 22: Decimal(5)}}
    assert cut(Decimal(10), apart(allocated)) == [
        Part(Decimal(3), {1: 11, 2: 21}),
        Part(Decimal(2), {1: 12, 2: 21}),
        Part(Decimal(5), {1: 12, 2: 22}),
    ]


def test_what_is_allocated_beyond_the_line_is_taken_back() -> None:
    assert cut(Decimal(10), apart({1: {11: Decimal(12)}, 2: {21: Decimal(10)}})) == [
        Part(Decimal(10), {1: 11, 2: 21}),
        Part(Decimal(2), {1: 11}, extra=True),
        Part(Decimal(-2), {}, extra=True),
    ]


def test_values_of_two_axes_that_cross_are_kept_crossed() -> None:
    crossed = [Allocation(Decimal(60), {1: 11, 2: 22}), Allocation(Decimal(40), {1: 12, 2: 21})]
    assert cut(Decimal(100), crossed) == [
        Part(Decimal(60), {1: 11, 2: 22}),
        Part(Decimal(40), {1: 12, 2: 21}),
    ]


def test_a_value_alone_is_laid_beside_those_that_cross() -> None:
    mixed = [
        Allocation(Decimal(60), {1: 11, 2: 21}),
        Allocation(Decimal(40), {1: 12}),
        Allocation(Decimal(40), {2: 22}),
    ]
    assert cut(Decimal(100), mixed) == [
        Part(Decimal(60), {1: 11, 2: 21}),
        Part(Decimal(40), {1: 12, 2: 22}),
    ]


def test_axes_that_are_nowhere_free_together_stand_beside_the_line() -> None:
    half = Decimal(50)
    ring = [
        Allocation(half, {1: 11, 2: 21}),
        Allocation(half, {2: 22, 3: 31}),
        Allocation(half, {1: 12, 3: 32}),
    ]
    parts = cut(Decimal(100), ring)
    assert Part(half, {1: 12, 3: 32}, extra=True) in parts
    assert parts[-1] == Part(-half, {}, extra=True)
