"""Cutting lines into parts, for any allocation that Tryton lets people type."""

from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.providers.tryton.parts import Part, cut, proportion

CENT = Decimal("0.01")
cents = st.integers(-99_999, 99_999).map(lambda number: number * CENT)
allocations = st.dictionaries(
    st.sampled_from([1, 2, 3]), st.dictionaries(st.integers(10, 14), cents, max_size=4), max_size=3
)


def taken(parts: list[Part]) -> dict[tuple[int, int], Decimal]:
    held: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for part in parts:
        for pair in part.values.items():
            held[pair] += part.amount
    return {pair: amount for pair, amount in held.items() if amount}


@given(cents, allocations)
def test_parts_add_up_to_the_line_and_give_each_value_its_own(
    amount: Decimal, allocated: dict[int, dict[int, Decimal]]
) -> None:
    parts = cut(amount, allocated)
    assert sum(part.amount for part in parts) == amount
    assert taken(parts) == {
        (axis, value): size for axis, values in allocated.items() for value, size in values.items() if size
    }


@given(cents, allocations, cents)
def test_a_foreign_amount_is_shared_exactly(
    amount: Decimal, allocated: dict[int, dict[int, Decimal]], foreign: Decimal
) -> None:
    parts = cut(amount, allocated)
    shared = proportion(foreign, parts, amount)
    assert len(shared) == len(parts)
    assert sum((share for share in shared if share is not None), Decimal(0)) == foreign


def test_a_line_that_nobody_shares_stays_whole() -> None:
    assert cut(Decimal(10), {}) == [Part(Decimal(10), {})]
    assert cut(Decimal(-10), {1: {11: Decimal(-10)}, 2: {21: Decimal(-10)}}) == [
        Part(Decimal(-10), {1: 11, 2: 21})
    ]


def test_what_nobody_takes_is_a_part_of_its_own() -> None:
    assert cut(Decimal(10), {1: {11: Decimal(3)}}) == [Part(Decimal(3), {1: 11}), Part(Decimal(7), {})]


def test_axes_are_cut_wherever_one_of_them_changes() -> None:
    allocated = {1: {11: Decimal(3), 12: Decimal(7)}, 2: {21: Decimal(5), 22: Decimal(5)}}
    assert cut(Decimal(10), allocated) == [
        Part(Decimal(3), {1: 11, 2: 21}),
        Part(Decimal(2), {1: 12, 2: 21}),
        Part(Decimal(5), {1: 12, 2: 22}),
    ]


def test_what_is_allocated_beyond_the_line_is_taken_back() -> None:
    assert cut(Decimal(10), {1: {11: Decimal(12)}, 2: {21: Decimal(10)}}) == [
        Part(Decimal(10), {1: 11, 2: 21}),
        Part(Decimal(2), {1: 11}, extra=True),
        Part(Decimal(-2), {}, extra=True),
    ]
