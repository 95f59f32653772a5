"""What an import would do is shown without doing it; several files are imported in the order they belong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.cli.cli_kit import sale, write
from monitr_pipelines_tests.common_kit import entity_id

pytestmark = pytest.mark.usefixtures("without_dagster")


@pytest.fixture
def year(make_entity: Callable[..., str], monitr: Callable, tmp_path: Path) -> str:
    """An entity that sold 10 a month in the first three months of 2024."""
    key = make_entity()
    rows = [row for month in (1, 2, 3) for row in sale(f"2024-{month:02d}-03", 10)]
    assert monitr("import", key, "--file", write(tmp_path / "year.csv", *rows)).code == 0
    return key


def test_what_an_import_would_do(year: str, monitr: Callable, connection: Connection, tmp_path: Path) -> None:
    rows = [row for month in (1, 2, 3, 4) for row in sale(f"2024-{month:02d}-03", 25)]
    file = write(tmp_path / "new.csv", *rows, ("2024-04-30", "615000", 40), ("2024-04-30", "550000", -40))
    said = monitr("import", year, "--file", file, "--check", "--json")
    assert said.code == 0, said
    told = said.json
    assert (told["first"], told["last"], told["lines"]) == ("2024-01", "2024-04", 10)
    assert (told["replaced_lines"], told["replaced_months"]) == (6, ["2024-01", "2024-02", "2024-03"])
    assert told["new_accounts"] == ["550000", "615000"]
    (fiscal_year,) = told["years"]
    assert (fiscal_year["net_result_now"], fiscal_year["net_result_then"]) == ("30.00", "60.00")
    assert (fiscal_year["balance_total_now"], fiscal_year["balance_total_then"]) == ("30.00", "100.00")
    stored = connection.execute(
        "select count(*) as lines from raw.gl_transaction where entity_id = %s", [entity_id(connection, year)]
    ).fetchone()
    assert stored["lines"] == 6
    assert monitr("import", year, "--file", file).code == 0
    rows = monitr("report", "profit-and-loss", year, "--format", "json").json
    assert fiscal_year["net_result_then"] in {row["year_to_date"] for row in rows}


def test_it_is_said_in_sentences(year: str, monitr: Callable, tmp_path: Path) -> None:
    file = write(tmp_path / "off.csv", *sale("2024-01-03", 10), ("2024-02-05", "BANK", 3))
    said = monitr("import", year, "--file", file, "--check", "--mode", "append")
    words = " ".join((said.err + said.out).split())
    assert "3 lines of 2 months, from 2024-01 to 2024-02: debit 13.00, credit 10.00" in words
    assert "Replaces nothing that is stored" in words
    assert "Adds to the lines that are stored of 2024-01" in words
    assert "Debit and credit differ by 3.00: 2024-02-05 (3.00)" in words
    assert "counted on the balance sheet: BANK" in words


def test_what_the_import_would_ask_is_asked_before(year: str, monitr: Callable, tmp_path: Path) -> None:
    part = write(tmp_path / "part.csv", *sale("2024-04-03", 10))
    said = monitr("import", year, "--file", part, "--check")
    assert said.code == 2
    assert "import it with --mode months" in said.err
    mistyped = write(tmp_path / "mistyped.csv", *sale("2042-04-03", 10), text="Bakery")
    said = monitr("import", year, "--file", mistyped, "--check", "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "odd_dates")
    assert "2042-04-03, account 400000, 10.00 Bakery" in said.json["error"]["message"]
    assert monitr("import", year, "--file", mistyped, "--check", "--allow-dates").code == 0
    gone = monitr("import", year, "--file", tmp_path / "nothing.csv", "--check")
    assert gone.code == 1


def test_several_files_are_imported_in_the_order_they_belong(
    make_entity: Callable[..., str], monitr: Callable, tmp_path: Path
) -> None:
    key = make_entity()
    later = write(tmp_path / "a.csv", *sale("2025-02-03", 5))
    earlier = write(tmp_path / "b.csv", *sale("2024-02-03", 7))
    chart = tmp_path / "c.csv"
    chart.write_text("account_code,account_name\n400000,Customers\n")
    bad = tmp_path / "d.csv"
    bad.write_text("date,account_code,account_name,debit,credit\n2024-13-45,400000,X,1.00,\n")
    files = [part for file in (later, bad, earlier, chart) for part in ("--file", file)]
    said = monitr("import", key, *files, "--json")
    assert [end["files"][0]["file_name"] for end in said.json] == [
        "c.csv",
        "b.csv",
        "a.csv",
        "d.csv",
    ]
    assert [end["status"] for end in said.json[:3]] == ["Succeeded"] * 3
    assert said.json[3]["status"] in {"Failed", "Refused"}
    assert said.code != 0
    checked = monitr("import", key, *files, "--check", "--json").json
    assert [each["file"] for each in checked] == ["c.csv", "b.csv", "a.csv", "d.csv"]
