"""What stands side by side and below one another: values of axes, main lines."""

import csv
import io

import openpyxl
import pytest

from monitr_pipelines_tests.web.reports.reports_kit import Ask, row_of


def test_profit_and_loss_of_one_value_of_an_axis(ask: Ask) -> None:
    page = ask("profit-and-loss?from=2026-01&to=2026-03&of=cost=1").text
    salaries = row_of(page, "Remuneration, social security and pensions")
    assert salaries == ["-3,000.00"] * 3 + ["-9,000.00"]
    assert row_of(page, "Profit (loss) of the period") == salaries
    assert "/accounts?" not in page, "accounts have all values: they would not add up to the figure"
    rest = ask("profit-and-loss?from=2026-01&to=2026-03&of=cost=").text
    assert row_of(rest, "Turnover") == row_of(ask("profit-and-loss").text, "Turnover")
    assert ask("profit-and-loss?of=cost=7").text.count("/accounts?") > 0
    file = ask("profit-and-loss/download.csv?from=2026-01&to=2026-03&of=cost=1").text
    assert "-9000" in file
    book = ask("profit-and-loss/download.xlsx?from=2026-01&to=2026-03&of=cost=1").content
    assert openpyxl.load_workbook(io.BytesIO(book)).active["A1"].value.endswith("· cost: 1")


def test_profit_and_loss_by_the_values_of_an_axis(ask: Ask) -> None:
    period = "from=2026-01&to=2026-03"
    page = ask(f"profit-and-loss?{period}&by=axis:cost&of=cost=1&adjusted=1").text
    heads = row_of(page, "Line")
    assert heads == ["without a value", "1 cost 1", "Total"]
    salaries = row_of(page, "Remuneration, social security and pensions")
    assert salaries == ["0.00", "-9,000.00", "-9,000.00"]
    result = row_of(page, "Profit (loss) of the period")
    assert result[-1] == row_of(ask(f"profit-and-loss?{period}").text, "Profit (loss) of the period")[-1]
    assert "/accounts?" not in page, "accounts have all values: they would not add up to the figure"
    assert '<option value="axis:cost" selected>By cost</option>' in page
    assert "leads to its accounts" not in page
    beside = ask(f"profit-and-loss?{period}&by=axis:cost&compare=1").text
    assert row_of(beside, "Remuneration, social security and pensions")[4:8] == [
        "-9,000.00", "-9,000.00", "0.00", "0.0 %",
    ]  # fmt: skip
    file = ask(f"profit-and-loss/download.csv?{period}&by=axis:cost").text
    assert next(csv.reader(io.StringIO(file.lstrip("\ufeff"))))[2:] == heads
    book = ask(f"profit-and-loss/download.xlsx?{period}&by=axis:cost").content
    assert openpyxl.load_workbook(io.BytesIO(book)).active["A1"].value.endswith("· By cost")


def test_main_lines_stand_alone_on_the_page_and_in_files(ask: Ask) -> None:
    whole_of, main = ask("profit-and-loss").text, ask("profit-and-loss?lines=main").text
    for name in ("Operating income", "Operating profit (loss)", "Profit (loss) of the period"):
        assert row_of(main, name) == row_of(whole_of, name)
    with pytest.raises(AssertionError, match="no row Turnover"):
        row_of(main, "Turnover")
    assert 'name="lines" value="main" checked' in main
    file = list(csv.reader(io.StringIO(ask("profit-and-loss/download.csv?lines=main").text)))
    assert [row[0] for row in file[1:]] == [
        "(14)",
        "9905",
        "9904",
        "9903",
        "9901",
        "70/76A",
        "60/66A",
        "693/793",
    ]
    assert ask("balance-sheet?lines=main").text.count("data-line=") < ask("balance-sheet").text.count(
        "data-line="
    )


@pytest.mark.parametrize("path", ["profit-and-loss?by=axis:gone", "balance-sheet?by=axis:cost"])
def test_an_axis_that_a_statement_does_not_have_leaves_its_months(ask: Ask, path: str) -> None:
    assert "Jan 2026" in ask(path).text.replace("\u00a0", " ")
    assert ">By cost</option>" not in ask("balance-sheet?by=axis:cost").text
