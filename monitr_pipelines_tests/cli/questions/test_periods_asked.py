"""What only people know of a file's dates is asked before anything is stored, and one option answers it."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from monitr_pipelines.emulators.books import FRENCH, generate_books
from monitr_pipelines.emulators.writers import write_fec
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.cli.cli_kit import sale, write
from monitr_pipelines_tests.common_kit import entity_id

pytestmark = pytest.mark.usefixtures("without_dagster")

FEC = (
    "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|CompAuxLib|PieceRef|PieceDate"
    "|EcritureLib|Debit|Credit|EcritureLet|DateLet|ValidDate|Montantdevise|Idevise"
)
BOOKED = (
    ("AN", "A nouveaux", "20220401", "512000", "101000", "1000,00"),
    ("VE", "Ventes", "20220615", "512000", "706000", "100,00"),
    ("VE", "Ventes", "20230210", "512000", "706000", "200,00"),
)


def fec(path: Path, entries: Iterable[tuple[str, ...]] = BOOKED) -> Path:
    rows = [FEC]
    for number, (code, label, day, debit, credit, amount) in enumerate(entries, start=1):
        start, end = f"{code}|{label}|{number}|{day}", f"P{number}|{day}|x"
        rows.append(f"{start}|{debit}|a|||{end}|{amount}|0,00|||{day}||")
        rows.append(f"{start}|{credit}|b|||{end}|0,00|{amount}|||{day}||")
    path.write_text("\n".join(rows) + "\n")
    return path


def opening_csv(path: Path) -> Path:
    path.write_text(
        "date,account_code,account_name,amount,opening\n"
        "2023-07-01,1000,Bank,50.00,yes\n2023-07-01,0500,Capital,-50.00,yes\n"
        "2023-09-01,1000,Bank,5.00,no\n2023-09-01,8000,Sales,-5.00,no\n"
    )
    return path


def lines_of(connection: Connection, entity: str) -> int:
    row = connection.execute(
        "select count(*) as lines from raw.gl_transaction where entity_id = %s",
        [entity_id(connection, entity)],
    ).fetchone()
    return row["lines"]


@pytest.mark.parametrize(
    "case", [(fec, "FR", "2022-04", 4), (opening_csv, "NL", "2023-07", 7)], ids=["FEC", "CSV"]
)
def test_another_fiscal_year_is_asked_for_and_set_with_one_command(
    make_entity: Callable[..., str],
    monitr: Callable,
    connection: Connection,
    tmp_path: Path,
    case: tuple[Callable[[Path], Path], str, str, int],
) -> None:
    make, country, first, start = case
    key = make_entity(country=country)
    file = make(tmp_path / "books.txt")
    said = monitr("import", key, "--file", file)
    assert said.code == (2 if make is fec else 1), "a FEC tells it as soon as it is opened"
    words = " ".join(said.err.split())
    assert f"The file says that a fiscal year runs from {first}" in words
    command = f"monitr entity set {key} --fiscal-year-start {start}"
    assert command in words
    assert "--keep-calendar" in words
    assert lines_of(connection, key) == 0
    assert monitr(*command.split()[1:]).code == 0
    assert monitr("import", key, "--file", file).code == 0
    assert lines_of(connection, key) > 0


def test_april_to_march_is_one_year_once_it_is_set(
    make_entity: Callable[..., str], monitr: Callable, tmp_path: Path
) -> None:
    key = make_entity(country="FR", fiscal_year_start=4)
    assert monitr("import", key, "--file", fec(tmp_path / "fec.txt")).code == 0
    rows = monitr("report", "profit-and-loss", key, "--to", "2023-02", "--format", "json").json
    assert {row["year_to_date"] for row in rows if row["level"] == 0} == {"300.00"}


def test_a_calendar_that_is_right_is_kept(
    make_entity: Callable[..., str], monitr: Callable, tmp_path: Path
) -> None:
    key = make_entity(country="FR")
    assert monitr("import", key, "--file", fec(tmp_path / "fec.txt"), "--keep-calendar").code == 0
    # What was accepted is not asked again, nor at a reset.
    later = fec(tmp_path / "later.txt", [("VE", "Ventes", "20230610", "512000", "706000", "9,00")])
    assert monitr("import", key, "--file", later, "--mode", "append").code == 0
    assert monitr("reset", key).code == 0
    assert monitr("import", key).code == 0


def test_a_year_that_follows_the_calendar_is_not_asked_for(
    make_entity: Callable[..., str], monitr: Callable, tmp_path: Path
) -> None:
    key = make_entity(country="FR")
    books = generate_books(7, "Vandenberg", 2023, 2, entries_per_month=2, chart=FRENCH)
    for year in (2023, 2024):
        write_fec(books, tmp_path / f"{year}.txt", year, closing=False)
        assert monitr("import", key, "--file", tmp_path / f"{year}.txt").code == 0


@pytest.mark.parametrize("day", ["2042-02-05", "2004-02-05"])
def test_a_year_that_was_mistyped_is_asked_for(
    make_entity: Callable[..., str],
    monitr: Callable,
    connection: Connection,
    tmp_path: Path,
    day: str,
) -> None:
    key = make_entity()
    rows = [row for month in range(1, 5) for row in sale(f"2024-{month:02d}-03", 10)]
    file = write(tmp_path / "books.csv", *rows, *sale(day, 7), text="Bakery")
    said = monitr("import", key, "--file", file)
    assert said.code == 1
    words = " ".join(said.err.split())
    assert f"{day}, account 400000, 7.00 Bakery" in words
    assert "import again with --allow-dates" in words
    assert lines_of(connection, key) == 0
    assert monitr("import", key, "--file", file, "--allow-dates").code == 0
    assert lines_of(connection, key) == 10
    assert monitr("import", key, "--file", file).code == 0, "what was accepted is not asked again"


def test_a_month_is_to_be_added_to_those_before(
    make_entity: Callable[..., str], monitr: Callable, tmp_path: Path
) -> None:
    key = make_entity()
    first = write(tmp_path / "1.csv", *sale("2024-01-03", 10))
    second = write(tmp_path / "2.csv", *sale("2024-02-03", 20))
    assert monitr("import", key, "--file", first).code == 0
    said = monitr("import", key, "--file", second)
    assert said.code == 1
    assert "import it with --mode months" in said.err
    assert "or with --mode append" in said.err
    assert "--fiscal-year-start" not in said.err
    assert monitr("import", key, "--file", second, "--mode", "append").code == 0
    rows = monitr("report", "trial-balance", key, "--format", "json").json
    assert {row["account"]: row["closing"] for row in rows}["700000"] == "-30.00"


def test_half_a_year_may_be_a_part_or_a_year_of_its_own(
    make_entity: Callable[..., str], monitr: Callable, tmp_path: Path
) -> None:
    key = make_entity()
    parts = [range(1, 8), range(8, 13)]
    files = [
        write(tmp_path / f"{number}.csv", *(row for month in part for row in sale(f"2024-{month:02d}-03", 1)))
        for number, part in enumerate(parts)
    ]
    assert monitr("import", key, "--file", files[0]).code == 0
    words = monitr("import", key, "--file", files[1]).err
    assert words.index("--mode append") < words.index("--fiscal-year-start 8")
    assert "--set fiscal_years=2024-08..2024-12" in words
