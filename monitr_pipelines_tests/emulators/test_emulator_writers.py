import csv
import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree

from monitr_pipelines.emulators.books import BELGIAN, DUTCH, FRENCH, Books, generate_books
from monitr_pipelines.emulators.company.charts import Chart
from monitr_pipelines.emulators.writers import write_csv, write_fec, write_xaf
from monitr_pipelines.ledger.records import LedgerLine

SAMPLE = "data/xaf/official_sample_v32/XmlAuditfileFinancieel3.2_test.xml"
FIRST, SECOND = 2024, 2025
XAF = {"x": "http://www.auditfiles.nl/XAF/3.2"}


def make(chart: Chart) -> Books:
    return generate_books(11, "Vélo & Zoon <test>", FIRST, entries_per_month=24, chart=chart)


@pytest.fixture(params=[BELGIAN, DUTCH, FRENCH], ids=lambda chart: chart.country, scope="module")
def books(request: pytest.FixtureRequest) -> Books:
    return make(request.param)


def csv_bytes(books: Books) -> bytes:
    stream = BytesIO()
    write_csv(books, stream)
    assert not stream.closed
    return stream.getvalue()


def fec_rows(books: Books, year: int, *, opening: bool = True, closing: bool = False) -> list[dict[str, str]]:
    stream = BytesIO()
    write_fec(books, stream, year, opening=opening, closing=closing)
    return list(csv.DictReader(stream.getvalue().decode().splitlines(), delimiter="\t"))


def xaf_bytes(books: Books, year: int) -> bytes:
    stream = BytesIO()
    write_xaf(books, stream, year)
    return stream.getvalue()


def by_account(pairs: Iterator[tuple[str, Decimal]]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for code, amount in pairs:
        totals[code] += amount
    return {code: amount for code, amount in totals.items() if amount}


def of_lines(lines: list[LedgerLine]) -> dict[str, Decimal]:
    return by_account((line.account_code, line.amount) for line in lines)


def euros(text: str) -> Decimal:
    return Decimal(text.replace(",", ".") or "0")


def of_fec(rows: list[dict[str, str]]) -> dict[str, Decimal]:
    return by_account((row["CompteNum"], euros(row["Debit"]) - euros(row["Credit"])) for row in rows)


def test_same_seed_same_bytes(books: Books) -> None:
    again = make(books.chart)
    assert csv_bytes(books) == csv_bytes(again)
    assert fec_rows(books, SECOND) == fec_rows(again, SECOND)
    assert xaf_bytes(books, FIRST) == xaf_bytes(again, FIRST)


def test_writing_to_a_path(books: Books, tmp_path: Path) -> None:
    write_csv(books, tmp_path / "books.csv")
    assert (tmp_path / "books.csv").read_bytes() == csv_bytes(books)
    write_csv(books, str(tmp_path / "again.csv"))
    assert (tmp_path / "again.csv").read_bytes() == csv_bytes(books)


def test_csv_holds_all_lines(books: Books) -> None:
    content = csv_bytes(books).decode()
    assert content.startswith(
        "date,account_code,account_name,description,debit,credit,dimension1,dimension2\n"
    )
    rows = list(csv.DictReader(content.splitlines()))
    assert len(rows) == len(books.lines)
    names = {account.code: account.name for account in books.accounts}
    for row, line in zip(rows, books.lines, strict=True):
        assert date.fromisoformat(row["date"]) == line.booking_date
        assert (row["account_code"], row["account_name"]) == (line.account_code, names[line.account_code])
        assert euros(row["debit"]) - euros(row["credit"]) == line.amount
        assert [row["dimension1"], row["dimension2"]] == [
            dict(line.axes).get(axis, "") for axis in ("department", "project")
        ]


def test_fec_holds_one_year(books: Books) -> None:
    rows = fec_rows(books, FIRST)
    assert list(rows[0])[:3] == ["JournalCode", "JournalLib", "EcritureNum"]
    assert len(rows[0]) == 18
    assert of_fec(rows) == of_lines(books.opening(FIRST) + books.of_year(FIRST))
    assert {row["EcritureDate"][:4] for row in rows} == {str(FIRST)}
    assert all(None not in row and None not in row.values() for row in rows)
    assert all(bool(row["CompAuxNum"]) == bool(row["CompAuxLib"]) for row in rows)


def test_opening_entries_of_the_second_fec_are_the_closing_balances_of_the_first(books: Books) -> None:
    opening = [row for row in fec_rows(books, SECOND) if row["JournalCode"] == "AN"]
    assert {row["JournalLib"] for row in opening} == {"A nouveaux"}
    assert {row["EcritureDate"] for row in opening} == {f"{SECOND}0101"}
    assert of_fec(opening) == books.balances(FIRST)
    without = fec_rows(books, SECOND, opening=False)
    assert not [row for row in without if row["JournalCode"] == "AN"]
    assert of_fec(without) == of_lines(books.of_year(SECOND))


def test_first_fec_with_or_without_its_result_carried_over(books: Books) -> None:
    result = books.chart.accounts
    losses = {account.code for account in result.values() if account.type == "profit_and_loss"}
    plain = of_fec(fec_rows(books, FIRST))
    closed = of_fec(fec_rows(books, FIRST, closing=True))
    assert sum(amount for code, amount in plain.items() if code in losses) == -books.profit(FIRST)
    assert sum(amount for code, amount in closed.items() if code in losses) == 0
    kept = {code: amount for code, amount in closed.items() if code not in losses}
    assert kept == of_fec([row for row in fec_rows(books, SECOND) if row["JournalCode"] == "AN"])


def test_xaf_controls_and_content(books: Books) -> None:
    root = etree.fromstring(xaf_bytes(books, SECOND))
    assert root.tag == f"{{{XAF['x']}}}auditfile"
    for section, line_tag, expected in (
        ("openingBalance", "obLine", books.opening(SECOND)),
        ("transactions", "trLine", books.of_year(SECOND)),
    ):
        (parent,) = root.findall(f".//x:{section}", XAF)
        lines = parent.findall(f".//x:{line_tag}", XAF)
        values = [{etree.QName(child).localname: child.text or "" for child in line} for line in lines]
        signed = [(value, (1 if value["amntTp"] == "D" else -1) * Decimal(value["amnt"])) for value in values]
        assert by_account((value["accID"], amount) for value, amount in signed) == of_lines(expected)
        assert parent.findtext("x:linesCount", None, XAF) == str(len(lines)) == str(len(expected))
        debit = sum(amount for _, amount in signed if amount > 0)
        assert Decimal(parent.findtext("x:totalDebit", "", XAF)) == debit
        assert Decimal(parent.findtext("x:totalCredit", "", XAF)) == debit
        costs = sorted(value.get("costID", "") for value in values)
        assert costs == sorted(dict(line.axes).get("department", "") for line in expected)
    assert root.findtext(".//x:companyName", None, XAF) == "Vélo & Zoon <test>"


def test_xaf_keys_are_unique_and_short(books: Books) -> None:
    root = etree.fromstring(xaf_bytes(books, FIRST))
    for path in ("ledgerAccount/x:accID", "customerSupplier/x:custSupID", "journal/x:jrnID"):
        keys = [element.text for element in root.findall(f".//x:{path}", XAF)]
        assert len(set(keys)) == len(keys) > 0
        assert all(key and len(key) <= 35 for key in keys)
    assert all(len(name.text or "") <= 50 for name in root.findall(".//x:custSupName", XAF))


def test_xaf_elements_come_in_the_order_of_the_schema(books: Books) -> None:
    sample = Path(__file__).parents[3] / "shared/reference" / SAMPLE
    if not sample.exists():
        if os.environ.get("MONITR_REQUIRE_REFERENCE") == "1":
            pytest.fail(f"the reference data is not here: {sample}")
        pytest.skip("the official sample of the audit file is not here")

    def shapes(root: etree._Element, path: str = "") -> Iterator[tuple[str, list[str]]]:
        name = etree.QName(root).localname
        children = list(dict.fromkeys(etree.QName(child).localname for child in root))
        yield f"{path}/{name}", children
        for child in root:
            yield from shapes(child, f"{path}/{name}")

    order = dict(shapes(etree.parse(str(sample)).getroot()))
    for path, children in shapes(etree.fromstring(xaf_bytes(books, FIRST))):
        assert path in order, f"the schema knows no {path}"
        assert children == [child for child in order[path] if child in children], path
