"""Sums that are taken while lines stream are those of the lines, or are not known."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.blocks import AxisNumbers
from monitr_pipelines.ledger.columns import block_of, columns_of
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.books import sums
from monitr_pipelines.warehouse.books.sums import Sums

Balances: TypeAlias = dict[tuple[str, ...], tuple[Decimal, Decimal, int]]
AMOUNTS = st.decimals(-9, 9, places=2) | st.decimals(-9, 9, places=4) | st.integers(-9, 9).map(Decimal)
LINES = st.builds(
    LedgerLine,
    st.just("k"),
    st.dates(date(2025, 12, 30), date(2026, 1, 2)),
    st.sampled_from(["400", "700", "a\tb\\"]),
    st.decimals(-9, 9, places=2) | AMOUNTS,
    booking=st.sampled_from(["B1", "B2", None]),
    description=st.sampled_from(["", "two\nlines"]),
    axes=st.sampled_from([(), (("a", "1"),), (("a", "2"),)]),
    opening=st.booleans(),
)
PAIRS = st.lists(LINES, max_size=4).map(
    lambda lines: [side for line in lines for side in (line, line._replace(amount=-line.amount))]
)


@given(blocks=st.lists(st.lists(LINES, max_size=6) | PAIRS, max_size=5), columns=st.booleans())
def test_sums_are_those_of_the_lines(blocks: list[list[LedgerLine]], *, columns: bool) -> None:
    lines = [line for block in blocks for line in block]
    numbers = AxisNumbers()
    added = _added(blocks, numbers, columns=columns)
    assert added.lines == len(lines)
    assert _balances(added) == _expected(lines, numbers)
    left: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        left[line.booking or ""] += line.amount
    unbalanced = added.unbalanced()
    assert unbalanced is not None
    assert sorted(unbalanced) == sorted(booking for booking, amount in left.items() if booking and amount)


def test_what_would_take_too_much_memory_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    line = LedgerLine("k", date(2026, 1, 1), "400", Decimal(5), booking="B1")
    blocks = [[line, line._replace(account_code="700", booking="B2")]]
    monkeypatch.setattr(sums, "MOST_BOOKINGS", 1)
    few = _added(blocks)
    assert (few.unbalanced(), len(_balances(few) or ())) == (None, 2)
    monkeypatch.setattr(sums, "MOST_BALANCES", 1)
    monkeypatch.setattr(sums, "MOST_BOOKINGS", 2)
    few = _added(blocks * 2)
    assert (few.unbalanced(), few.balances(1)) == (["B1", "B2"], None)


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize("amount", ["", "\\N", "NaN", "Infinity", "1.00001", "five"])
def test_no_sum_is_known_of_what_is_no_amount(amount: str, *, columns: bool) -> None:
    line = {"external_id": ["k"], "booking_date": ["2026-01-01"], "account_code": ["1"]}
    added = Sums()
    block = block_of(line | {"amount": [amount]})
    added.add(block.text, 1, block.columns if columns else None)
    assert (added.balances(1), added.unbalanced()) == (None, None)


def _added(
    blocks: Iterable[Sequence[LedgerLine]], numbers: AxisNumbers | None = None, *, columns: bool = False
) -> Sums:
    """Each block is added as its text, or as columns where it has these."""
    added = Sums()
    numbers = AxisNumbers() if numbers is None else numbers
    for lines in blocks:
        if lines:
            block = block_of(columns_of(lines, numbers))
            added.add(block.text, len(lines), block.columns if columns else None)
        else:
            added.add(b"", 0)
    return added


def _balances(added: Sums) -> Balances | None:
    """The rows that COPY is given, and that they belong to the entity."""
    rows = added.balances(7)
    if rows is None:
        return None
    fields = [row.split("\t") for row in b"".join(rows).decode().splitlines()]
    assert all(entity == "7" for entity, *_ in fields)
    told = {tuple(key): (Decimal(debit), Decimal(credit), int(n)) for _, *key, debit, credit, n in fields}
    assert len(told) == len(fields)
    return told


def _expected(lines: Iterable[LedgerLine], numbers: AxisNumbers) -> Balances:
    sides: Balances = {}
    for line in lines:
        account = line.account_code.replace("\\", "\\\\").replace("\t", "\\t")
        month = f"{line.booking_date:%Y-%m}-01"
        key = (account, month, numbers[line.axes], "ft"[line.opening])
        debit, credit, number = sides.get(key, (Decimal(), Decimal(), 0))
        sides[key] = (debit + max(line.amount, 0), credit + max(-line.amount, 0), number + 1)
    return sides
