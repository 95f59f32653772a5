"""What an uploaded file replaces, and what is asked before that: `monitr import --file`."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_kit import HEADER, assert_sentence, csv_text, sale, write
from common_kit import MARTS, RAW, contents

from monitr_pipelines.cli.person import person
from monitr_pipelines.emulators.books import FRENCH, generate_books
from monitr_pipelines.emulators.writers import write_fec
from monitr_pipelines.warehouse.server.database import Connection

pytestmark = pytest.mark.usefixtures("without_dagster")
TABLES = (*RAW, *MARTS, "app.cursor")
YEARS = [*sale("2025-03-05", 10), *sale("2026-01-05", 100), *sale("2026-02-05", 200)]


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity()


@pytest.fixture
def load(monitr: Callable, entity: str) -> Callable[..., dict]:
    """Imports a file into the entity; what the command says about it."""

    def run(file: Path | None, *options: object, code: int = 0) -> dict:
        given = ["--file", file] if file else []
        said = monitr("import", entity, *given, *options, "--json")
        assert said.code == code, said.out + said.err
        assert said.err == ""
        return said.json

    return run


@pytest.fixture
def books(tmp_path: Path) -> Path:
    return write(tmp_path / "books.csv", *YEARS)


def test_years_replaces_the_fiscal_years_that_the_file_has(
    load: Callable[..., dict], books: Path, tmp_path: Path
) -> None:
    first = load(books)
    assert list(first) >= ["status", "import_id", "mode", "error", "counts", "totals"]
    assert (first["status"], first["error"]) == ("Succeeded", None)
    assert first["counts"] == {"fetched": 6, "new": 6, "changed": 0, "unchanged": 0, "deleted": 0}
    assert first["totals"] == {"debit": "310.00", "credit": "310.00"}
    assert first["seconds"] >= 0
    again = load(books)
    assert again["counts"] == {"fetched": 6, "new": 0, "changed": 0, "unchanged": 6, "deleted": 0}
    changed = write(tmp_path / "new.csv", *sale("2026-01-05", 100), *sale("2026-02-06", 250))
    assert load(changed)["counts"] == {"fetched": 4, "new": 2, "changed": 0, "unchanged": 2, "deleted": 2}


def test_overwrite_replaces_the_ledger(
    load: Callable[..., dict], books: Path, entity: str, connection: Connection, tmp_path: Path
) -> None:
    load(books)
    before = contents(connection, entity, TABLES)
    new = write(tmp_path / "new.csv", *sale("2026-01-05", 100), *sale("2026-02-06", 250))
    refused = load(new, "--mode", "overwrite", code=1)
    assert (refused["status"], refused["error"]["code"]) == ("Failed", "shrunken")
    assert "--allow-shrink" in refused["error"]["message"]
    assert [finding["message"] for finding in refused["findings"]] == [
        "2025-03 has 2 lines now and would have 0"
    ]
    assert contents(connection, entity, TABLES) == before
    assert load(None, code=1)["error"]["code"] == "no_ledger_file"
    assert (
        contents(connection, entity, ["raw.gl_transaction"])["raw.gl_transaction"]
        == before["raw.gl_transaction"]
    )
    allowed = load(new, "--mode", "overwrite", "--allow-shrink")
    assert allowed["counts"] == {"fetched": 4, "new": 2, "changed": 0, "unchanged": 2, "deleted": 4}


def test_months_replaces_the_months_that_the_file_has(
    *,
    load: Callable[..., dict],
    books: Path,
    entity: str,
    connection: Connection,
    monitr: Callable,
    tmp_path: Path,
) -> None:
    load(books)
    load(write(tmp_path / "march.csv", *sale("2026-03-05", 7)), "--mode", "append")
    corrected = [*sale("2026-02-06", 250), *sale("2026-03-05", 7), *sale("2026-03-09", 1)]
    file = write(tmp_path / "corrected.csv", *corrected)
    done = load(file, "--mode", "months")
    assert done["counts"] == {"fetched": 6, "new": 6, "changed": 0, "unchanged": 0, "deleted": 4}
    again = load(file, "--mode", "months")
    assert again["counts"] == {"fetched": 6, "new": 0, "changed": 0, "unchanged": 6, "deleted": 0}
    rows = monitr("report", "trial-balance", entity, "--format", "json").json
    assert {row["account"]: row["closing"] for row in rows}["700000"] == "-368.00"
    before = contents(connection, entity, TABLES)
    assert monitr("reset", entity).code == 0
    assert load(None)["mode"] == "full"
    assert contents(connection, entity, TABLES) == before


def test_months_that_would_lose_most_of_their_lines_are_kept(
    load: Callable[..., dict], entity: str, connection: Connection, tmp_path: Path
) -> None:
    rows = [row for day in (5, 6, 7) for row in sale(f"2026-01-0{day}", day)]
    load(write(tmp_path / "whole.csv", *rows))
    before = contents(connection, entity, TABLES)
    file = write(tmp_path / "part.csv", *sale("2026-01-09", 4))
    refused = load(file, "--mode", "months", code=1)
    assert refused["error"]["code"] == "shrunken"
    assert [each["message"] for each in refused["findings"]] == ["2026-01 has 6 lines now and would have 2"]
    assert contents(connection, entity, TABLES) == before
    assert load(file, "--mode", "months", "--allow-shrink")["counts"]["deleted"] == 6


def test_append_adds_a_file_once(load: Callable[..., dict], books: Path, tmp_path: Path) -> None:
    load(books, "--mode", "append")
    again = load(books, "--mode", "append")
    assert again["counts"]["new"] == again["counts"]["changed"] == again["counts"]["deleted"] == 0
    assert again["findings"] == []
    other = write(tmp_path / "other.csv", *sale("2026-02-05", 200), *sale("2026-03-05", 7))
    added = load(other, "--mode", "append")
    assert added["counts"] == {"fetched": 4, "new": 4, "changed": 0, "unchanged": 0, "deleted": 0}
    assert [(found["code"], found["severity"]) for found in added["findings"]] == [("equal_rows", "warning")]
    assert added["findings"][0]["message"].startswith("2 added rows equal rows that were already there")


def test_a_reset_replays_the_uploads_in_their_order(
    *,
    load: Callable[..., dict],
    books: Path,
    entity: str,
    connection: Connection,
    monitr: Callable,
    tmp_path: Path,
) -> None:
    load(books)
    load(write(tmp_path / "a.csv", *sale("2026-02-05", 200), *sale("2026-03-05", 7)), "--mode", "append")
    load(write(tmp_path / "bad.csv", ("2026-04-05", "400000", 3)), "--mode", "append", code=1)
    load(write(tmp_path / "b.csv", *sale("2025-03-06", 11)), "--mode", "years")
    load(write(tmp_path / "c.csv", *sale("2026-04-05", 3)), "--mode", "append")
    before = contents(connection, entity, TABLES)
    files = connection.execute("select id, state from app.upload order by id").fetchall()
    assert (monitr("reset", entity).code, contents(connection, entity, TABLES)) == (0, before)
    asked = connection.execute("select reset_by from app.entity where key = %s", [entity]).fetchone()
    assert asked == {"reset_by": person()}
    again = load(None)
    assert again["mode"] == "full"
    assert contents(connection, entity, TABLES) == before
    assert connection.execute("select id, state from app.upload order by id").fetchall() == files
    assert load(None)["mode"] == "incremental"
    assert load(None, "--full")["mode"] == "full"
    assert contents(connection, entity, TABLES) == before


def test_columns_are_kept_for_the_entity(load: Callable[..., dict], tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("Dag;Rek;Bedrag\n2026-01-05;400000;12,50\n2026-01-05;700000;-12,50\n")
    columns = tmp_path / "columns.json"
    columns.write_text(json.dumps({"date": "Dag", "account_code": "Rek", "amount": "Bedrag"}))
    asked = load(file, code=2)
    assert (asked["status"], asked["counts"]) == ("Refused", {})
    example = re.search(r"--columns columns\.json, a file that holds (\{.*\})", asked["error"]["message"])
    assert example
    assert set(json.loads(example.group(1))) == {"date", "account_code", "amount"}
    assert load(file, "--columns", columns)["totals"] == {"debit": "12.50", "credit": "12.50"}
    file.write_text("Dag;Rek;Bedrag\n2026-01-05;400000;13,50\n2026-01-05;700000;-13,50\n")
    assert load(file)["totals"]["debit"] == "13.50"


@pytest.mark.parametrize(
    "columns", ["", "[1]", '{"date": null}', '{"date": ["a"]}', '{"colour": "Dag"}', '{"date": "Nowhere"}']
)
def test_columns_that_are_none(
    *, monitr: Callable, entity: str, books: Path, connection: Connection, tmp_path: Path, columns: str
) -> None:
    path = tmp_path / "columns.json"
    path.write_text(columns)
    said = monitr("import", entity, "--file", books, "--columns", path)
    assert_sentence(said, 2, "column")
    row = connection.execute("select settings from app.entity where key = %s", [entity]).fetchone()
    assert row == {"settings": {}}


def test_ambiguous_dates_are_asked_for(
    load: Callable[..., dict], monitr: Callable, entity: str, connection: Connection, tmp_path: Path
) -> None:
    file = tmp_path / "dates.csv"
    file.write_text(csv_text(*sale("05/02/2026", 100)))
    assert_sentence(monitr("import", entity, "--file", file), 2, "--date-format")
    refused = load(file, code=2)
    assert refused["error"]["code"] == "needs_answer"
    kept = connection.execute(
        "select count(*) as n from app.upload as u join app.entity as e "
        "on u.entity_id = e.id where e.key = %s",
        [entity],
    ).fetchone()
    assert kept == {"n": 0}
    assert load(file, "--date-format", "MM/DD/YYYY")["status"] == "Succeeded"
    said = monitr("report", "trial-balance", entity, "--from", "2026-05", "--format", "json")
    assert [row["closing"] for row in said.json] == ["100.00", "-100.00"]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (
            "date;account_code;debit;credit\n05|02|2026;1;1.234,50;\n05|02|2026;2;;1.234,50\n",
            ["--delimiter", ";", "--decimal", ",", "--thousands", ".", "--date-format", "DD|MM|YYYY"],
        ),
        (
            "date\taccount_code\tdebit\tcredit\n2026-02-05\t1\t1'234.50\t\n2026-02-05\t2\t\t1'234.50\n",
            ["--delimiter", "tab", "--decimal", ".", "--thousands", "'"],
        ),
        (
            "date|account_code|account_name|debit|credit\n2026-02-05|1|café|1234,5|\n2026-02-05|2||-0|1234,5\n",
            ["--delimiter", "|", "--decimal", ",", "--encoding", "cp1252"],
        ),
    ],
)
def test_how_to_read_a_file(
    load: Callable[..., dict], tmp_path: Path, content: str, options: list[str]
) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(content.encode("cp1252"))
    outcome = load(file, *options)
    assert outcome["totals"] == {"debit": "1234.50", "credit": "1234.50"}
    told = " ".join(outcome["files"][0]["interpretation"].values())
    assert "(given)" in told


def test_a_difference_is_refused_until_it_is_accepted_and_then_remembered(
    load: Callable[..., dict], entity: str, connection: Connection, tmp_path: Path
) -> None:
    rows = [*sale("2026-01-05", 100), ("2026-01-06", "550000", 3)]
    file = write(tmp_path / "file.csv", *rows)
    refused = load(file, code=1)
    assert refused["error"]["code"] == "unbalanced"
    assert "--allow-unbalanced" in refused["error"]["message"]
    assert "3.00 more debit than credit" in refused["findings"][0]["message"]
    assert contents(connection, entity)["raw.gl_transaction"] == []
    accepted = load(file, "--allow-unbalanced")
    assert accepted["totals"] == {"debit": "103.00", "credit": "100.00"}
    assert load(file)["status"] == "Succeeded"
    grown = write(tmp_path / "grown.csv", *rows, ("2026-01-07", "550000", 1))
    again = load(grown, code=1)
    assert "3.00 was accepted before" in again["findings"][0]["message"]


def test_a_fec_of_a_broken_year_is_refused_with_the_way_out(
    load: Callable[..., dict], monitr: Callable, make_entity: Callable[..., str], tmp_path: Path
) -> None:
    """Two files of years from July: the second would empty the months from January to June."""
    books = generate_books(3, "Dupont", 2024, 2, entries_per_month=6, chart=FRENCH)
    whole = tmp_path / "whole.txt"
    write_fec(books, whole, 2024, opening=False)
    header, *lines = whole.read_text().splitlines(keepends=True)
    first_half, second_half = tmp_path / "one.txt", tmp_path / "two.txt"
    first_half.write_text("".join([header, *(line for line in lines if line.split("\t")[3] < "20240701")]))
    second_half.write_text("".join([header, *(line for line in lines if line.split("\t")[3] >= "20240701")]))
    key = make_entity(country="FR")
    assert monitr("import", key, "--file", first_half).code == 0
    refused = monitr("import", key, "--file", second_half, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "shrunken")
    assert f"monitr entity set {key} --fiscal-year-start 7" in refused.json["error"]["message"]
    assert_sentence(monitr("import", key, "--file", second_half), 1, "--fiscal-year-start 7")
    assert monitr("entity", "set", key, "--fiscal-year-start", "7").code == 0
    accepted = monitr("import", key, "--file", second_half, "--json")
    assert (accepted.code, accepted.json["counts"]["deleted"]) == (0, 0)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--file", "nowhere.csv"], "There is no file nowhere.csv"),
        (["--file", "."], ". is a folder, not a file."),
        (["--file", "/dev/null"], "/dev/null is no file that can be read twice."),
        (["--file", "a" * 300], "cannot be opened: File name too long"),
        (["--mode", "sideways"], "'sideways' is not one of"),
        (["--decimal", "x"], "--decimal x is not understood"),
        (["--thousands", "xx"], "--thousands xx is not understood"),
        (["--delimiter", "xx"], "--delimiter xx is not understood"),
        (["--encoding", "klingon"], "--encoding klingon is not the name"),
        (["--date-format", "foo"], "--date-format foo is not understood"),
        (["--columns", "nowhere.json"], "nowhere.json cannot be read: No such file or directory"),
    ],
)
def test_what_is_refused_before_it_starts(
    monitr: Callable, entity: str, books: Path, options: list[str], told: str
) -> None:
    file = [] if options[0] == "--file" else ["--file", books]
    assert_sentence(monitr("import", entity, *file, *options), 2, told)


@pytest.mark.parametrize(
    "content", [b"", b"\n \n", b"%PDF-1.7", b"PK\x03\x04", HEADER.encode(), b"<auditfile", b"\x00" * 99]
)
def test_a_file_that_is_none_is_refused_before_it_starts(
    monitr: Callable, entity: str, connection: Connection, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    said = monitr("import", entity, "--file", file, "--json")
    assert said.code in {1, 2}
    assert (said.json["error"]["code"], said.err) != ("our_fault", "")
    assert said.json["error"]["message"]
    assert contents(connection, entity)["raw.gl_transaction"] == []


def test_an_organisation_that_lapsed(monitr: Callable, make_entity: Callable[..., str], books: Path) -> None:
    key = make_entity(subscription="past_due")
    said = monitr("import", key, "--file", books, "--json")
    assert (said.code, said.json["status"]) == (2, "Refused")
    assert said.json["error"]["code"] == "subscription_inactive"
    assert_sentence(monitr("import", key), 2, "subscription of this organisation is past due")
    assert_sentence(monitr("import", "nobody"), 2, "There is no entity 'nobody'")
