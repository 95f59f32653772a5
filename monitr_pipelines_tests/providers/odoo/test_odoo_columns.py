"""Pages of Odoo by column: the lines, the counts and the refusals of rows that are read one by one."""

from datetime import date
from decimal import Decimal
from itertools import starmap

from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.changes import WholeLedger
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.providers.odoo.chart import Chart
from monitr_pipelines.providers.odoo.columns import Page
from monitr_pipelines.providers.odoo.datasets import LineRow, Reference
from monitr_pipelines.providers.odoo.lines import sides_of
from monitr_pipelines_tests.warehouse.books.by_column_kit import one_by_one, outcome

ROOTS = {3: 1, 4: 1, 7: 2}
VALUES = {id_: AxisValue(f"plan {root}", f"{id_}", "") for id_, root in ROOTS.items()}
CHART = Chart({1: Account("700000", ""), 2: Account("400", "")}, VALUES, ROOTS, {5: "BNK"})
EUR, USD = Reference(125, "EUR"), Reference(2, "USD")
TEXTS = st.sampled_from(["", "a", "two\nlines", False, True])
CENTS = st.decimals(-5, 5, places=2)
SIDES = CENTS.map(lambda each: (max(each, Decimal(0)), max(-each, Decimal(0)), each))
ODD_AMOUNTS = list(
    map(Decimal, ["1E+3", "-0.0", "1e13", "0.30000000000000004", "0.12345", "123456789012.25"])
)
ODD_SIDES = st.sampled_from(
    [
        *((each, Decimal(0), each) for each in ODD_AMOUNTS),
        *starmap(
            lambda *each: tuple(map(Decimal, each)), [("3", "2", "1"), ("3", "0", "1"), ("0", "0", "0")]
        ),
    ]
)
USUAL = {
    "id": st.integers(1, 99),
    "move_id": st.sampled_from([Reference(1, "E1"), Reference(2, name=False)]),
    "move_name": TEXTS,
    "date": st.dates(date(2026, 1, 1), date(2026, 1, 3)),
    "company_id": st.just(Reference(1, "Peeters")),
    "company_currency_id": st.just(EUR),
    "account_id": st.sampled_from([Reference(1, "of another company"), Reference(2, name=False)]),
    "journal_id": st.sampled_from([Reference(5, "Bank"), Reference(6, "Sales"), Reference(7, name=False)]),
    "partner_id": st.sampled_from([Reference(1, "Janssens"), Reference(2, ""), False, True]),
    "name": TEXTS,
    "ref": TEXTS,
    "currency_id": st.sampled_from([EUR, EUR, USD, Reference(3, name=False), False]),
    "amount_currency": CENTS,
    "analytic_distribution": st.sampled_from(
        [False, None, {}, {"3": Decimal(100)}, {"4,7": Decimal("100.0")}]
    ),
}
ODD = USUAL | {
    "name": TEXTS | st.sampled_from(["a\0", "b\ud800", "c" * 32_768]),
    "amount_currency": CENTS | st.sampled_from(ODD_AMOUNTS),
    "analytic_distribution": st.sampled_from(
        [
            False,
            {"3": Decimal(60), "4": Decimal(40)},
            {"3": Decimal(120)},
            {"9": Decimal(100)},
            True,
            {"x": Decimal(1)},
        ]
    ),
}


def rows_of(sides: st.SearchStrategy[tuple[Decimal, ...]], **fields: st.SearchStrategy[object]) -> object:
    """Rows whose three amounts belong together."""
    return st.builds(
        lambda amounts, **rest: LineRow(debit=amounts[0], credit=amounts[1], balance=amounts[2], **rest),
        sides,
        **fields,
    )


ROWS, ODD_ROWS = rows_of(SIDES, **USUAL), rows_of(SIDES | ODD_SIDES, **ODD)


@given(st.lists(ROWS, min_size=1, max_size=6))
def test_usual_rows_are_read_by_column(rows: list[LineRow]) -> None:
    lines = Page(rows).lines(CHART)
    assert lines.at_once() is not None
    assert outcome(lines, WholeLedger()) == outcome(one_by_one(lines), WholeLedger())


@given(st.lists(ROWS | ODD_ROWS, min_size=1, max_size=4))
def test_odd_rows_are_written_or_refused_as_they_are_one_by_one(rows: list[LineRow]) -> None:
    lines = Page(rows).lines(CHART)
    assert outcome(lines) == outcome(one_by_one(lines))


@given(st.lists(ROWS | ODD_ROWS, min_size=1, max_size=4))
def test_rows_are_counted_or_refused_as_they_are_one_by_one(rows: list[LineRow]) -> None:
    assert counts(rows, by_column=True) == counts(rows, by_column=False)


def counts(rows: list[LineRow], *, by_column: bool) -> object:
    """Entry, day, debit and balance of each line, or what is told of why not."""
    try:
        if by_column:
            return list(zip(*Page(rows).counted(), strict=True))
        return [(row.move_id.id, row.date, *sides_of(row)) for row in rows]
    except InconsistentData as refused:
        return refused.detail, refused.message, list(refused.findings)
