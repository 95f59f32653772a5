"""Reports of periods that the ledger does not have, or has in part: what there is, and what is said of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.cli.cli_kit import write
from monitr_pipelines_tests.warehouse.warehouse_kit import BANK, COSTS, booking, load, whole

pytestmark = pytest.mark.usefixtures("without_dagster")
RUNS = "The ledger runs from 2023-11 to 2024-10"


@pytest.fixture
def booked(make_entity: Callable[..., str], monitr: Callable, tmp_path: Path) -> str:
    """A cost of 4 a year ago; a sale of 10 in May, a cost of 3 in October, all paid at once."""
    key = make_entity(country="NL")
    rows = [
        ("2023-11-05", "4000", 4),
        ("2023-11-05", "1000", -4),
        ("2024-05-05", "1000", 10),
        ("2024-05-05", "8000", -10),
        ("2024-10-05", "4000", 3),
        ("2024-10-05", "1000", -3),
    ]
    assert monitr("import", key, "--file", write(tmp_path / "books.csv", *rows)).code == 0
    return key


@pytest.fixture
def report(booked: str, monitr: Callable) -> Callable[..., tuple[dict[str, tuple[str, ...]], str]]:
    def rows(name: str, *options: str) -> tuple[dict[str, tuple[str, ...]], str]:
        """The figures of each account or line, and what was said beside them."""
        said = monitr("report", name, booked, "--format", "json", *options)
        assert said.code == 0, said
        figures = ("opening", "debit", "credit", "closing")
        if name != "trial-balance":
            figures = ("amount", "year_to_date", "prior_year")
        key = "account" if name == "trial-balance" else "line"
        return {row[key]: tuple(row[figure] for figure in figures) for row in said.json}, said.err

    return rows


def test_a_balance_sheet_after_the_last_booking_is_that_of_the_last(report: Callable) -> None:
    rows, told = report("balance-sheet", "--from", "2024-12", "--to", "2024-12")
    assert rows["BS:1"][0] == "3.00"
    assert RUNS in told
    within, told = report("balance-sheet", "--to", "2024-10")
    assert {line: row[0] for line, row in within.items()} == {line: row[0] for line, row in rows.items()}
    assert told == ""


def test_a_comparison_with_the_year_before_is_of_the_months_that_are_asked(report: Callable) -> None:
    rows, _ = report("profit-and-loss", "--from", "2024-11", "--to", "2024-11")
    assert rows["PL"] == ("0.00", "7.00", "-4.00")


def test_a_result_ends_with_its_fiscal_year(report: Callable) -> None:
    rows, told = report("profit-and-loss", "--from", "2024-06", "--to", "2025-02")
    assert rows["PL"] == ("-3.00", "0.00", "-4.00")
    assert RUNS in told


def test_a_month_without_bookings_carries_balances(report: Callable) -> None:
    within, told = report("trial-balance", "--from", "2024-07", "--to", "2024-07")
    assert within["1000"] == ("6.00", "0.00", "0.00", "6.00")
    assert within["8000"] == ("-10.00", "0.00", "0.00", "-10.00")
    assert told == ""
    after, _ = report("trial-balance", "--from", "2024-12")
    assert after["1000"] == ("3.00", "0.00", "0.00", "3.00")
    assert after["8000"][3] == "-10.00"


def test_balances_of_a_later_year_hold_the_result_before(report: Callable) -> None:
    rows, _ = report("trial-balance", "--from", "2025-03", "--to", "2025-04")
    assert rows == {
        "(result)": ("-3.00", "0.00", "0.00", "-3.00"),
        "1000": ("3.00", "0.00", "0.00", "3.00"),
    }


def test_nothing_is_known_before_the_first_booking(report: Callable) -> None:
    rows, told = report("balance-sheet", "--to", "2020-12")
    assert rows == {}
    assert RUNS in told
    assert report("profit-and-loss", "--from", "2020-01", "--to", "2020-12")[0] == {}
    assert report("trial-balance", "--to", "2020-12")[0] == {}
    whole, _ = report("trial-balance", "--from", "2020-01", "--to", "2024-10")
    assert whole["1000"] == ("0.00", "10.00", "7.00", "3.00")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Trial balance", "Net result", "Total", "Closing")),
        ("nl", ("Proef- en saldibalans", "Nettoresultaat", "Totaal", "Eindsaldo")),
        ("fr", ("Balance générale", "Résultat net", "Total", "Solde final")),
    ],
)
def test_a_table_has_a_header_and_totals_in_the_readers_language(
    monitr: Callable, booked: str, language: str, words: tuple[str, str, str, str]
) -> None:
    title, line, total, closing = words
    ask = ("--from", "2024-01", "--to", "2024-10", "--language", language)
    table = monitr("report", "trial-balance", booked, *ask).out
    assert f"{title} · Test company ({booked}) · 2024-01..2024-10 · EUR" in table
    assert table.splitlines()[1].endswith(closing)
    assert table.split()[-5:] == [total, "0.00", "13.00", "13.00", "0.00"]
    assert line in monitr("report", "profit-and-loss", booked, *ask).out


def test_profit_and_loss_has_a_column_for_each_value_of_an_axis(
    make_entity: Callable[..., str], monitr: Callable, connection: Connection
) -> None:
    key = make_entity(country="BE")
    lines = [
        *booking("S1", "2024-05-05", (BANK, 7), (COSTS, -7), axes=(("cost", "1"),)),
        *booking("S2", "2024-05-06", (BANK, 3), (COSTS, -3)),
    ]
    load(connection, key, whole(lines))
    asked = ("report", "profit-and-loss", key, "--axis")
    rows = monitr(*asked, "cost", "--format", "json").json
    result = next(row for row in rows if row["line"] == "9904")
    assert {name: result[name] for name in ("Without a value", "cost 1", "Total")} == {
        "Without a value": "3.00", "cost 1": "7.00", "Total": "10.00"
    }  # fmt: skip
    told = monitr(*asked, "cost", "--from", "2020-01", "--language", "nl")
    assert (told.code, "2024-05" in told.err, "7.00" in told.out) == (0, True, True), told
    for refused in (("floor",), ("cost", "--to", "2023-12"), ("cost", "--from", "2025-01")):
        assert monitr(*asked, *refused).code == 1, refused
