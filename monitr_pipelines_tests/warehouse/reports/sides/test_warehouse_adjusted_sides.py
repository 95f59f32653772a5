"""Adjusting entries on an account that stands by its side, beside a part of it: always with their account."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from sides_kit import BANK, ELSEWHERE, INTEREST, PAID, RECEIVED, SALES, use_rgs
from warehouse_kit import booking, id_of, load, often, whole

from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.reported.adjusting import AdjustingEntry
from monitr_pipelines.reports.adjusting import adjusting_entries_of_cell
from monitr_pipelines.reports.columns import Span
from monitr_pipelines.reports.standing import read_standing
from monitr_pipelines.reports.statement import Kind
from monitr_pipelines.warehouse.reports import adjustments
from monitr_pipelines.warehouse.server.database import Connection

MONTHS = [Month(2024, 10).plus(nth) for nth in range(7)]

amounts = st.integers(-50, 50).filter(bool)
booked = st.lists(st.tuples(st.sampled_from(MONTHS), amounts, st.sampled_from(["", "1"])), max_size=6)
adjusted = st.lists(st.tuples(st.sampled_from(MONTHS), amounts), min_size=1, max_size=4)


def side(amount: int) -> str:
    return RECEIVED if amount < 0 else PAID


def walk(
    interest: Sequence[tuple[Month, int, str]], entries: Sequence[tuple[Month, int]], *, placed: bool
) -> dict[tuple[str, Month], Decimal]:
    """What the entries add to both lines in each month: they stand where what remains of the account does."""
    found: defaultdict[tuple[str, Month], Decimal] = defaultdict(Decimal)
    for month in MONTHS:
        for sign, until in ((1, month), (-1, month.plus(-1))):
            if until.year == month.year:
                ledger = sum(
                    amount
                    for when, amount, value in interest
                    if when.year == month.year and when <= until and not (placed and value)
                )
                added = sum(amount for when, amount in entries if when.year == month.year and when <= until)
                found[side(ledger), month] -= sign * added
    return {key: amount for key, amount in found.items() if amount}


@often(8)
@given(interest=booked, entries=adjusted, part_on=st.sampled_from([None, ELSEWHERE]))
def test_entries_go_with_their_account_from_side_to_side(
    connection: Connection,
    make_entity: Callable[..., str],
    interest: Sequence[tuple[Month, int, str]],
    entries: Sequence[tuple[Month, int]],
    part_on: str | None,
) -> None:
    entity = make_entity(country="NL")
    use_rgs(connection, entity, part_on)
    lines = [line for month in MONTHS for line in booking(f"S{month}", str(month), (BANK, 1), (SALES, -1))]
    for nth, (month, amount, cost) in enumerate(interest):
        axes = (("cost", cost),) if cost else ()
        lines += booking(f"I{nth}", str(month), (INTEREST, amount), (BANK, -amount), axes=axes)
    # The account has a line in the books, so that entries can name it.
    lines += booking("Z", str(MONTHS[0]), (INTEREST, 1), (INTEREST, -1))
    load(connection, entity, whole(lines), calendar=FiscalCalendar())
    made = [
        AdjustingEntry(
            month, account=account, line="", axis="", axis_value="", amount=Decimal(of), reason="x"
        )
        for month, amount in entries
        for account, of in ((INTEREST, amount), (BANK, -amount))
    ]
    adjustments.add(connection, entity, made, "Ann", replace=False)
    rows = connection.execute(
        "select line, month, amount from marts.adjustment where entity_id = %s and line = any(%s)",
        [id_of(connection, entity), [PAID, RECEIVED]],
    )
    found = {(row["line"], Month.of(row["month"])): row["amount"] for row in rows if row["amount"]}
    assert found == walk(interest, entries, placed=part_on is not None)
    _drill(connection, entity, found)


def _drill(connection: Connection, entity: str, found: dict[tuple[str, Month], Decimal]) -> None:
    """The entries of each cell add up to it, of one month and of all."""
    standing = read_standing(connection, entity)
    assert standing is not None
    assert standing.published is not None
    spans = [Span(month, month) for month in MONTHS] + [Span(MONTHS[1], MONTHS[-2])]
    for line in (PAID, RECEIVED):
        for span in spans:
            entries = adjusting_entries_of_cell(
                connection, standing, standing.published, line, span, kind=Kind.PROFIT_AND_LOSS
            )
            amounts = [
                found.get((line, month), Decimal(0)) for month in MONTHS if span.first <= month <= span.last
            ]
            assert sum(entry.effect for entry in entries) == sum(amounts)
