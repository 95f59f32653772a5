"""Adjusting entries on the pages of reports: summed in where that is asked for, and told apart below."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from urllib.parse import quote

import httpx2
import openpyxl
import pytest

from monitr_pipelines.ledger.reported.adjusting import read_entries
from monitr_pipelines.warehouse.reports import adjustments
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.warehouse.warehouse_kit import id_of
from monitr_pipelines_tests.web.page_kit import Company, sign_in
from monitr_pipelines_tests.web.reports.reports_kit import link_in, make_reported, row_of

# Revenue that was earned before it is invoiced, and its reversal in the next fiscal year; salaries on a line.
ENTRIES = """month,account,line,amount,reason
2025-12,400000,,250.00,Work not invoiced yet
2025-12,700000,,-250.00,Work not invoiced yet
2026-02,700000,,250.00,Invoiced in February
2026-02,400000,,-250.00,Invoiced in February
2026-03,,62,40,Holiday pay
2026-03,,454/9,-40,Holiday pay
"""


@pytest.fixture(scope="module")
def company(home: object) -> Iterator[Company]:
    with database.connect(autocommit=True) as connection:
        company = make_reported(connection)
        read = read_entries(ENTRIES)
        assert read.findings == []
        adjustments.add(connection, company.key, read.entries, "An Peeters", replace=False)
        yield company


@pytest.fixture
def ask(client: httpx2.Client, company: Company) -> Callable[[str], str]:
    sign_in(client, company.token)
    return lambda path: client.get(path if path.startswith("/") else f"/reports/{company.key}/{path}").text


def amounts(page: str, name: str) -> list[Decimal]:
    return [Decimal(cell.replace(",", "")) for cell in row_of(page, name) if cell[-1].isdigit()]


def test_figures_with_and_without_them(ask: Callable[[str], str]) -> None:
    period = "from=2025-12&to=2026-03"
    plain, adjusted = (ask(f"profit-and-loss?{period}{more}") for more in ("", "&adjusted=1"))
    assert 'name="adjusted" value="1"' in plain
    assert "(adjusted)" not in plain
    assert i18n.text("en", "reports.adjusted.notice") in adjusted
    assert "Dec 2025 (adjusted)" in adjusted
    assert "Dec 2024 (adjusted)" in ask(f"profit-and-loss?{period}&compare=1&adjusted=1")
    difference = [
        with_them - without
        for without, with_them in zip(amounts(plain, "Turnover"), amounts(adjusted, "Turnover"), strict=True)
    ]
    assert difference == [250, 0, -250, 0, 0]
    sheets = [ask(f"balance-sheet?{period}{more}") for more in ("", "&adjusted=1")]
    for name, changes in {
        "Result carried forward": [0, -250, -250, -250],
        "Result not yet carried forward": [-250, 0, 250, 290],
    }.items():
        without, with_them = (amounts(sheet, name) for sheet in sheets)
        assert [after - before for before, after in zip(without, with_them, strict=True)] == changes
    assets = [amounts(sheet, "Total assets") for sheet in sheets]
    assert [after - before for before, after in zip(*assets, strict=True)] == [250, 250, 0, 0]


def test_every_adjusted_cell_equals_its_accounts_and_entries(
    connection: Connection, ask: Callable[[str], str], company: Company
) -> None:
    """Down from every line and month that entries change: ledger and entries add up to the figure."""
    rows = connection.execute(
        """
        select marts.line, marts.month, marts.amount, lines.statement
        from marts.adjustment as marts
        inner join mapped.account_line as carried
            on marts.entity_id = carried.entity_id and carried.account_code = '(result)'
        inner join app.report_line as lines
            on carried.structure_id = lines.structure_id and marts.line = lines.line
        where marts.entity_id = %s and marts.month >= '2025-12-01' and marts.amount <> 0
        """,
        [id_of(connection, company.key)],
    ).fetchall()
    assert len(rows) > 15
    for row in rows:
        sheet, month = row["statement"].replace("_", "-"), f"{row['month']:%Y-%m}"
        page = ask(f"{sheet}/accounts?line={row['line']}&from={month}&to={month}&adjusted=1")
        sums = page.partition('<dl class="facts sums">')[2]
        ledger, entries, together = (
            Decimal(part.partition("</dd>")[0].replace(",", "")) for part in sums.split("<dd>")[1:4]
        )
        assert entries == row["amount"], row
        assert ledger + entries == together


def test_entries_are_told_apart_from_ledger_lines(ask: Callable[[str], str]) -> None:
    page = ask("profit-and-loss?from=2025-12&to=2025-12&adjusted=1")
    drill = ask(link_in(page, "/accounts?line=70&", "adjusted=1"))
    entries = drill.partition('id="entries"')[2]
    assert row_of(entries, "Dec 2025")[:2] == [
        "700000 Sales",
        "Work not invoiced yet adjusting entry",
    ]
    assert row_of(entries, "Dec 2025")[-1] == "250.00"
    assert "An Peeters" in entries
    unadjusted = ask("profit-and-loss?from=2025-12&to=2025-12")
    assert 'id="entries"' not in ask(link_in(unadjusted, "/accounts?line=70&"))


def test_files_say_that_they_are_adjusted(client: httpx2.Client, company: Company) -> None:
    sign_in(client, company.token)
    address = f"/reports/{company.key}/profit-and-loss/download"
    answer = client.get(f"{address}.csv?adjusted=1&from=2025-12&to=2025-12")
    assert answer.headers["content-disposition"].endswith('2025-12-2025-12-adjusted.csv"')
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[2] == "Dec 2025 (adjusted)"
    without = client.get(f"{address}.csv?from=2025-12&to=2025-12").content.decode("utf-8-sig")
    turnover = {row[0]: row[2] for row in csv.reader(io.StringIO(without))}["70"]
    assert Decimal({row[0]: row[2] for row in rows}["70"]) == Decimal(turnover) + 250
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}.xlsx?adjusted=1").content))
    assert str(book.active["A1"].value).startswith("Profit and loss (adjusted) · ")
    balance = client.get(f"/reports/{company.key}/trial-balance/download.csv?adjusted=1")
    assert "adjusted" not in balance.headers["content-disposition"]


def test_without_entries_there_is_nothing_to_switch(connection: Connection, client: httpx2.Client) -> None:
    company = make_reported(connection)
    sign_in(client, company.token)
    assert 'name="adjusted"' not in client.get(f"/reports/{company.key}/profit-and-loss").text


def test_figures_of_one_value_of_an_axis_are_never_called_adjusted(
    ask: Callable[[str], str], client: httpx2.Client, company: Company
) -> None:
    found = re.search(r'<select name="of".*?<option value="([^"]+=[^"]*)"', ask("profit-and-loss"), re.DOTALL)
    assert found, "the company has no axis"
    query = f"of={quote(found[1])}&adjusted=1"
    page = ask(f"profit-and-loss?{query}")
    assert "(adjusted)" not in page
    assert i18n.text("en", "reports.adjusted.notice") not in page
    answer = client.get(f"/reports/{company.key}/profit-and-loss/download.csv?{query}")
    assert "adjusted" not in answer.headers["content-disposition"]
    assert "(adjusted)" not in answer.text
