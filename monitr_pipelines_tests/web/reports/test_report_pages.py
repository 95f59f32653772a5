"""The pages of reports: the figures, the way down to the booking, the files, and who sees them."""

import csv
import io
import re
from datetime import date, datetime
from decimal import Decimal
from html import unescape

import httpx2
import openpyxl
import pytest

from monitr_pipelines.reports import drill
from monitr_pipelines.reports.standing import Standing, read_standing
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.reports import visits
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.warehouse.warehouse_kit import booking, load, start, upsert, whole
from monitr_pipelines_tests.web.page_kit import Company, make_company, sign_in
from monitr_pipelines_tests.web.reports.reports_kit import (
    NAMED,
    Ask,
    link_in,
    make_reported,
    months,
    row_of,
    sales_of,
)

SHEETS = ("profit-and-loss", "balance-sheet", "cash-flow", "trial-balance")
TURNOVER = {"en": "Turnover", "nl": "Omzet", "fr": "Chiffre d'affaires"}


def year(of: int, last: int = 12) -> int:
    return sum(sales_of(month) for month in months(date(of, 1, 1), date(of, last, 1)))


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_months_stand_beside_the_year_before(ask: Ask, signed: httpx2.Client, language: str) -> None:
    """By default the last fiscal year, as far as the books run."""
    signed.cookies.set(i18n.LANGUAGE_COOKIE, language)
    page = ask("profit-and-loss?compare=1").text
    cells = row_of(page, TURNOVER[language])
    shown = [Decimal(12_100), Decimal(11_100), Decimal(1_000)]
    assert cells[:3] == [i18n.amount(language, each) for each in shown]
    assert cells[3] == {"en": "9.0 %", "nl": "9,0 %", "fr": "9,0 %"}[language]
    assert len(cells) == 4 * 3 + 4
    assert cells[-4] == i18n.amount(language, Decimal(year(2026, 3)))
    assert "EUR" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("by=quarter&from=2025-01&to=2025-12", [(2025, 1, 3), (2025, 4, 6), (2025, 7, 9), (2025, 10, 12)]),
        ("by=fiscal-year&from=2024-01", [(2024, 1, 12), (2025, 1, 12), (2026, 1, 3)]),
        ("by=year-to-date&from=2025-11&to=2025-12", [(2025, 1, 11), (2025, 1, 12)]),
        ("from=2020-01&to=1999-01", [(2024, 1, 1)]),
        ("from=x&to=y&by=z", [(2026, 1, 1), (2026, 2, 2), (2026, 3, 3)]),
    ],
)
def test_columns_are_periods_of_the_fiscal_year(
    ask: Ask, query: str, expected: list[tuple[int, int, int]]
) -> None:
    """Whatever is asked for is kept within the books."""
    cells = row_of(ask(f"profit-and-loss?{query}").text, "Turnover")
    sums = [sum(map(sales_of, months(date(of, first, 1), date(of, last, 1)))) for of, first, last in expected]
    if "to-date" not in query:
        sums.append(sum(sums))
    assert cells == [f"{each:,}.00" for each in sums]


def test_a_year_before_the_books_is_unknown(ask: Ask) -> None:
    cells = row_of(ask("profit-and-loss?from=2024-01&to=2024-02&compare=1").text, "Turnover")
    assert cells == ["10,100.00", "–", "–", "–", "10,200.00", "–", "–", "–", "20,300.00", "–", "–", "–"]  # noqa: RUF001


def test_the_balance_sheet_balances_and_the_trial_balance_too(ask: Ask) -> None:
    page = ask("balance-sheet?from=2026-03").text
    assets = Decimal(row_of(page, "Total assets")[0].replace(",", ""))
    result = Decimal(row_of(ask("profit-and-loss").text, "Profit (loss) of the period")[-1].replace(",", ""))
    assert result == year(2026, 3) - 3 * 7_001
    assert assets == 50_000 + sum(map(sales_of, months())) - 27 * 7_001
    totals = row_of(ask("trial-balance").text, "Total")
    assert (totals[0], totals[3]) == ("0.00", "0.00")
    assert totals[1] == totals[2]


def test_a_folded_line_hides_its_parts_without_a_script(ask: Ask) -> None:
    page = ask("profit-and-loss").text
    assert 'aria-expanded="false"' not in page
    folded = ask("profit-and-loss" + link_in(page, "shut=70%2F76A")).text
    hidden = re.findall(r'data-line="([^"]*)"[^>]*hidden', folded)
    assert hidden == ["70"]
    (unfold,) = re.findall(r'data-fold href="([^"]*)" aria-expanded="false"', folded)
    again = ask("profit-and-loss" + unescape(unfold)).text
    assert 'aria-expanded="false"' not in again
    assert not re.search(r"data-line[^>]*hidden", again)


def test_three_links_lead_from_a_cell_to_the_booking(ask: Ask) -> None:
    page = ask("profit-and-loss").text
    accounts = ask(link_in(page, "/accounts?", "line=70&", "from=2026-02")).text
    assert row_of(accounts, "700000 Sales") == ["11,700.00"]
    assert row_of(accounts, "Total") == ["12,200.00"]
    lines = ask(link_in(accounts, "/transactions?", "account=700000")).text
    found = ask(link_in(lines, "/booking?", "line=V202602")).text
    assert "12,200.00" in row_of(found, "Total of 3 lines")


def test_every_cell_is_the_sum_of_its_accounts(ask: Ask) -> None:
    """Of all statements, subtotals among them; and accounts are the sum of their lines."""
    checked = 0
    for sheet in SHEETS[:3]:
        page = ask(f"{sheet}?from=2025-01&to=2026-03&by=quarter").text
        cells = re.findall(r'<a href="([^"]*/accounts[^"]*)">([^<]*)</a>', page)
        for address, amount in cells[::7]:
            accounts = ask(unescape(address)).text
            assert row_of(accounts, "Total")[-1] == amount, address
            checked += 1
    assert checked > 10


def test_the_cash_flow_leads_from_cash_to_cash(ask: Ask) -> None:
    """Of several months the first has the cash at the start, the last that at the end; a total too."""
    page = ask("cash-flow?from=2025-01&to=2026-03&by=fiscal-year&compare=1").text
    sheet = ask("balance-sheet?from=2024-12&to=2026-03").text
    cash = row_of(sheet, "Cash at bank and in hand")
    start, end = row_of(page, "Cash at the start"), row_of(page, "Cash at the end")
    assert (start[0], start[4], start[8]) == (cash[0], cash[12], cash[0])
    assert (end[0], end[4], end[8]) == (cash[12], cash[15], cash[15])
    net = [Decimal(cell.replace(",", "")) for cell in row_of(page, "Net cash flow")[::4]]
    assert net[0] == Decimal(end[0].replace(",", "")) - Decimal(start[0].replace(",", ""))
    assert net[2] == net[0] + net[1]
    assert "Not linked" not in page


def test_lines_are_paged_and_newer_ones_are_marked(
    connection: Connection, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(connection, provider="file")
    lines = [
        line
        for nth in range(7)
        for line in booking(f"S{nth}", "2025-01-15", ("550000", 10 + nth), ("700000", -10 - nth))
    ]
    load(connection, company.key, whole(lines, accounts=NAMED))
    load(
        connection,
        company.key,
        upsert(booking("N1", "2025-01-20", ("550000", 5), ("700000", -5)), accounts=NAMED),
        with_marts=False,
    )
    monkeypatch.setattr(drill, "PAGE_SIZE", 3)
    sign_in(client, company.token)
    address, seen = f"/reports/{company.key}/transactions?account=700000", []
    for _ in range(3):
        page = client.get(address).text
        seen += re.findall(r"booking\?line=([A-Z0-9]+)", page)
        if len(seen) < 8:
            address = link_in(page, "after=")
    assert seen == [f"S{nth}" for nth in range(7)] + ["N1"]
    assert page.count("newer than the figures") == 1
    assert "Newer lines came in" in page
    assert {client.get(f"{address}&{bad}").status_code for bad in ("day=x", "day=99999")} == {404}
    whole_page = client.get(f"/reports/{company.key}/booking?line=S3.1").text
    assert "Total of 2 lines" in whole_page


def test_an_import_that_publishes_while_a_page_is_read_changes_none_of_it(
    connection: Connection, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(connection, provider="file")
    connection.execute("update app.entity set country = 'BE' where key = %s", [company.key])
    sale = booking("S1", "2025-01-15", ("550000", 10), ("700000", -10))
    load(connection, company.key, whole(sale, accounts=NAMED))
    more = upsert(booking("S2", "2025-01-16", ("550000", 5), ("700000", -5)), accounts=NAMED)

    def publishing(tenant: Connection, key: str) -> Standing | None:
        standing = read_standing(tenant, key)
        monkeypatch.undo()
        load(connection, company.key, more)
        return standing

    sign_in(client, company.token)
    monkeypatch.setattr(visits, "read_standing", publishing)
    pages = [client.get(f"/reports/{company.key}/profit-and-loss").text for _ in range(2)]
    imports = [re.findall(r"Figures of import \d+", page) for page in pages]
    assert imports[0] != imports[1]
    assert [row_of(page, TURNOVER["en"])[0] for page in pages] == ["10.00", "15.00"]


@pytest.mark.parametrize(
    "path",
    [
        "", "/profit-and-loss", "/balance-sheet", "/trial-balance", "/charts", "/checks",
        "/transactions?account=700000",
        "/profit-and-loss/download.csv", "/profit-and-loss/download.xlsx",
        "/profit-and-loss/accounts?line=70",
        "/booking?line=V202401.1",
    ],
)  # fmt: skip
def test_another_organisation_finds_nothing(
    connection: Connection, client: httpx2.Client, company: Company, path: str
) -> None:
    sign_in(client, company.token)
    assert client.get(f"/reports/{company.key}{path}").status_code in (200, 303)
    sign_in(client, make_company(connection).token)
    assert client.get(f"/reports/{company.key}{path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["nothing", "trial-balance/accounts?line=70", "profit-and-loss/accounts?line=no", "booking?line=%00",
     "transactions?account=nope", "booking?line=nope", "profit-and-loss/download.pdf"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(ask: Ask, path: str) -> None:
    assert ask(path).status_code == 404


def test_without_figures_every_page_says_so(client: httpx2.Client, company: Company) -> None:
    sign_in(client, company.token)
    empty = f"/reports/{company.keys[1]}"
    assert client.get(empty).headers["location"] == f"{empty}/profit-and-loss"
    for sheet in (*SHEETS, "charts", "checks"):
        assert "No figures yet" in client.get(f"{empty}/{sheet}").text
    assert client.get(f"{empty}/profit-and-loss/download.csv").status_code == 404
    overview = client.get("/reports").text
    assert row_of(overview, "Bakkerij Peeters")[0] == "Jan 2024 – Mar 2026 · EUR"  # noqa: RUF001
    assert row_of(overview, "Nieuw & Co")[0] == "No figures yet"
    assert "Nieuw" not in client.get("/reports?q=bakker").text
    assert "Bakkerij" not in client.get(f"/reports?after={company.key}").text.partition("<main")[2]


def test_files_hold_the_figures_of_the_page(ask: Ask) -> None:
    answer = ask("profit-and-loss/download.csv?compare=1&from=2026-03")
    assert answer.headers["content-disposition"].endswith('profit-and-loss-2026-03-2026-03.csv"')
    rows = {row[0]: row[2:] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))}
    assert rows["70"] == ["12300.00", "11300.00", "12300.00", "11300.00"]
    book = openpyxl.load_workbook(io.BytesIO(ask("profit-and-loss/download.xlsx").content))
    cells = {row[0].value: row for row in book.active.iter_rows(min_row=3)}
    assert [cell.value for cell in cells["70"][2:]] == [12_100, 12_200, 12_300, 36_600]
    assert {cell.data_type for cell in cells["70"][2:]} == {"n"}
    assert isinstance(book.active["A2"].value, datetime)


def test_no_name_becomes_a_formula(ask: Ask) -> None:
    hostile = '=HYPERLINK("http://example.invalid")'
    text = ask("trial-balance/download.csv").content.decode("utf-8-sig")
    rows = {row[0]: row for row in csv.reader(io.StringIO(text))}
    assert rows["640000"][1] == f"'{hostile}"
    assert rows["100000"][2] == "-50000.00"
    book = openpyxl.load_workbook(io.BytesIO(ask("trial-balance/download.xlsx").content))
    (cell,) = [row[1] for row in book.active.iter_rows() if row[0].value == "640000"]
    assert (cell.value, cell.data_type) == (hostile, "s")


def test_charts_show_what_their_tables_say(ask: Ask) -> None:
    page = ask("charts").text
    assert page.count('role="img"') == 5
    assert "<style" not in page
    assert "style=" not in page
    assert page.count("<script") == 0
    assert row_of(page, "Mar 2026")[:2] == ["12,300.00", "11,300.00"]
    before, now = year(2025, 3) - 3 * 7_001, year(2026, 3) - 3 * 7_001
    assert row_of(page, "Result a year before") == [f"{before:,}.00"]
    assert row_of(page, "Result now") == [f"{now:,}.00"]
    assert row_of(page.partition("Profit (loss)")[0], "Turnover") == [f"{now - before:,}.00"]
    first = ask("charts?to=2024-01").text
    assert "do not reach back a year" in first
    assert first.count('role="img"') == 4


def test_a_ledger_of_one_month_and_one_of_twenty_years(connection: Connection, client: httpx2.Client) -> None:
    for first, last in ((date(2026, 3, 1), date(2026, 3, 1)), (date(2005, 4, 1), date(2025, 3, 1))):
        company = make_company(connection, provider="file")
        connection.execute("update app.entity set country = 'BE' where key = %s", [company.key])
        sales = [
            line
            for month in months(first, last)
            for line in booking(
                f"S{month:%y%m}", month.replace(day=5).isoformat(), ("550000", 100), ("700000", -100)
            )
        ]
        load(connection, company.key, whole(sales, accounts=NAMED))
        sign_in(client, company.token)
        page = client.get(f"/reports/{company.key}/profit-and-loss?from=2000-01&compare=1").text
        count = len(list(months(first, last)))
        assert row_of(page, "Turnover")[-4] == f"{100 * count:,}.00"
        assert client.get(f"/reports/{company.key}/charts").status_code == 200
    years = client.get(f"/reports/{company.key}/profit-and-loss?from=2000-01&by=fiscal-year").text
    assert row_of(years, "Turnover") == ["900.00", *["1,200.00"] * 19, "300.00", "24,000.00"]


def test_the_card_leads_to_the_reports_and_tells_how_far_the_books_run(
    client: httpx2.Client, company: Company
) -> None:
    with database.connect(autocommit=True) as connection:
        connection.execute(
            """
            update app.import set counts = '{"new": 1, "changed": 0, "deleted": 0}'
            where entity_id = (select id from app.entity where key = %s)
            """,
            [company.key],
        )
    sign_in(client, company.token)
    page = client.get(f"/entities/{company.key}").text
    assert f'href="/reports/{company.key}"' in page
    assert "The books run to Mar 2026." in page


def test_figures_are_old_while_an_import_runs(connection: Connection, client: httpx2.Client) -> None:
    company = make_reported(connection)
    start(connection, company.key)
    sign_in(client, company.token)
    page = client.get(f"/reports/{company.key}/profit-and-loss").text
    assert "Newer lines" not in page
    assert "The books run from Jan 2024 to Mar 2026. Figures of import" in page
