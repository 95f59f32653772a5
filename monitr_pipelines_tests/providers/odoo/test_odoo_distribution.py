"""Percentages become money: exact for the line, within a cent for each value."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.records import AxisValue, LedgerLine
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.providers.odoo.chart import Chart
from monitr_pipelines.providers.odoo.distribution import accounts_of, divided

CENT = Decimal("0.01")
ROOTS = {3: 1, 4: 1, 7: 2, 8: 2, 9: 3}
VALUES = {id_: AxisValue(f"plan {root}", f"{id_}", "") for id_, root in ROOTS.items()}
CHART = Chart({}, VALUES, ROOTS, {})


def line(amount: str, foreign: str | None = None) -> LedgerLine:
    return LedgerLine(
        "12",
        date(2026, 1, 31),
        "610000",
        Decimal(amount),
        foreign_amount=None if foreign is None else Decimal(foreign),
        foreign_currency=None if foreign is None else "USD",
    )


def shown(lines: list[LedgerLine]) -> list[tuple[str, str, str]]:
    return [(each.external_id, f"{each.amount:f}", " ".join(code for _, code in each.axes)) for each in lines]


@pytest.mark.parametrize("distribution", [False, None, {}])
def test_a_line_without_a_distribution_stays_whole(distribution: object) -> None:
    assert divided(line("250.0"), distribution, CHART) == [line("250.0")]


@pytest.mark.parametrize(
    ("amount", "distribution", "parts"),
    [
        ("250.0", {"3": 100.0}, [("12", "250.0", "3")]),
        ("250.0", {"3": 100, "7": 100}, [("12", "250.0", "3 7")]),
        ("250.0", {"3,7": 100}, [("12", "250.0", "3 7")]),
        ("250.0", {"3": 60, "4": 40}, [("12/1", "150.00", "3"), ("12/2", "100.00", "4")]),
        ("-250.0", {"3": 60, "4": 40}, [("12/1", "-150.00", "3"), ("12/2", "-100.00", "4")]),
        ("80.0", {"4": 50}, [("12/1", "40.00", "4"), ("12/2", "40.00", "")]),
        (
            "100.0",
            {"3,8": 60, "4,7": 40},
            [("12/1", "60.00", "3 8"), ("12/2", "40.00", "4 7")],
        ),
        (
            "100.0",
            {"3,7": 60, "4": 40},
            [("12/1", "60.00", "3 7"), ("12/2", "40.00", "4")],
        ),
        (
            "100.0",
            {"3": 60, "4": 40, "7": 50},
            [("12/1", "50.00", "3 7"), ("12/2", "10.00", "3"), ("12/3", "40.00", "4")],
        ),
        (
            "100.0",
            {"3": 80, "4": 50},
            [("12/1", "80.00", "3"), ("12/2", "20.00", "4"), ("12/3", "30.00", "4"), ("12/4", "-30.00", "")],
        ),
        ("100.0", {"3": -20}, [("12/1", "100.0", ""), ("12/2", "-20.00", "3"), ("12/3", "20.00", "")]),
        (
            "100.0",
            {"3": "33.33", "4": "33.33", "9": "0"},
            [("12/1", "33.33", "3"), ("12/2", "33.33", "4"), ("12/3", "33.34", "")],
        ),
        ("0.01", {"3": 50, "4": 50}, [("12", "0.01", "4")]),
        ("0.0", {"3": 50, "4": 50}, [("12", "0.0", "3")]),
        ("100.0", {"3,4": 50}, [("12/1", "50.00", "4"), ("12/2", "50.00", "3")]),
        ("100.0", {"99": 100}, [("12", "100.0", "")]),
        ("100.0", {"99,7": 100}, [("12", "100.0", "7")]),
    ],
)
def test_percentages_are_laid_along_the_line(
    amount: str, distribution: dict[str, Any], parts: list[tuple[str, str, str]]
) -> None:
    exact = {key: Decimal(str(percentage)) for key, percentage in distribution.items()}
    assert shown(divided(line(amount), exact, CHART)) == parts


def test_foreign_amounts_are_divided_too() -> None:
    parts = divided(line("92.59", "100.0"), {"3": 60, "4": Decimal("40.0")}, CHART)
    assert [part.foreign_amount for part in parts] == [Decimal(60), Decimal(40)]
    assert {part.foreign_currency for part in parts} == {"USD"}


@pytest.mark.parametrize("distribution", [{"3;4": 50}, {"": 50}, {"3": "50"}, {"3": None}, [3], "3"])
def test_what_is_no_distribution_is_refused(distribution: object) -> None:
    with pytest.raises(InconsistentData):
        accounts_of(distribution)


percentages = st.integers(1, 12_000).map(lambda number: number * CENT)
keys = st.sampled_from(["3", "4", "7", "8", "9", "3,7", "4,8", "3,8,9", "8,9"])


@given(
    st.integers(-9_999_999, 9_999_999).map(lambda number: number * CENT),
    st.dictionaries(keys, percentages, max_size=6),
)
def test_parts_are_the_line_and_each_value_its_share_within_a_cent_a_part(
    amount: Decimal, distribution: dict[str, Decimal]
) -> None:
    parts = divided(line(str(amount), str(amount * 3)), distribution, CHART)
    assert sum(part.amount for part in parts) == amount
    assert sum(part.foreign_amount or 0 for part in parts) == amount * 3
    taken: defaultdict[str, Decimal] = defaultdict(Decimal)
    pieces: defaultdict[str, int] = defaultdict(int)
    for part in parts:
        for _, code in part.axes:
            taken[code] += part.amount
            pieces[code] += 1
    wanted: defaultdict[str, Decimal] = defaultdict(Decimal)
    for key, percentage in distribution.items():
        for code in key.split(","):
            wanted[code] += amount * percentage / 100
    if amount:
        for code in wanted.keys() | taken.keys():
            assert abs(taken[code] - wanted[code]) <= CENT * max(pieces[code], 1)
