"""What an import finds about its figures is said at once, and advice is not followed into another error."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.cli.cli_kit import assert_sentence

pytestmark = pytest.mark.usefixtures("without_dagster")

HEADER = "date,account_code,account_name,amount,opening\n"
FIRST = "2023-03-01,550000,Bank,100.00,no\n2023-03-01,700000,Sales,-100.00,no\n"
SECOND = """2024-01-01,550000,Bank,90.00,yes
2024-01-01,100000,Capital,-90.00,yes
2024-02-01,550000,Bank,5.00,no
2024-02-01,700000,Sales,-5.00,no
"""


@pytest.fixture
def imported(make_entity: Callable[..., str], monitr: Callable, tmp_path: Path) -> Callable[..., str]:
    """An entity with a year, and then one that does not open with what the first one ended with."""

    def make(second: str = SECOND, *options: str) -> tuple[str, object]:
        key = make_entity(country="BE")
        told = None
        for year, lines in (("2023", FIRST), ("2024", second)):
            file = tmp_path / f"{year}.csv"
            file.write_text(HEADER + lines)
            told = monitr("import", key, "--file", file, *options)
        return key, told

    return make


def test_an_opening_that_differs_is_printed(imported: Callable) -> None:
    _, told = imported()
    assert told.code == 0, told
    assert "About the figures:" in told.err
    assert (
        "account 550000 opens the year from 2024-01-01 with 90.00; the year before ended with 100.00"
        in told.err
    )


def test_it_stands_in_the_json(imported: Callable) -> None:
    _, told = imported(SECOND, "--json")
    (bank,) = [row for row in told.json["figures"] if row["subject"] == "550000"]
    assert (bank["code"], bank["expected"], bank["found"]) == ("opening_differs", "100.00", "90.00")
    assert bank["fiscal_year_start"] == "2024-01-01"


def test_nothing_is_said_where_nothing_is_found(imported: Callable) -> None:
    _, told = imported(SECOND.replace("90.00", "100.00").replace("Capital,-100.00", "Capital,-100.00"))
    assert "opening_differs" not in told.err
    _, plain = imported("2024-02-01,550000,Bank,5.00,no\n2024-02-01,700000,Sales,-5.00,no\n")
    assert "About the figures" not in plain.err


def test_advice_that_was_followed_is_checked_again(imported: Callable, monitr: Callable) -> None:
    key, told = imported(SECOND.replace("90.00", "100.00"))
    assert "set it as the result account of the entity" in told.err
    assert "to account 100000" in told.err
    assert monitr("entity", "set", key, "--result-account", "100000").code == 0
    assert "About the figures" not in monitr("import", key).err


@pytest.mark.parametrize("country", ["BE", "FR", "NL"])
def test_no_account_of_profit_and_loss_takes_the_result(
    make_entity: Callable[..., str], monitr: Callable, country: str
) -> None:
    key = make_entity(country=country)
    said = monitr("entity", "set", key, "--result-account", "701100")
    assert_sentence(said, 1, "701100 is an account of profit and loss", "the year before was not closed")
    assert monitr("entity", "set", key, "--result-account", "140000").code == 0


def test_the_source_knows_better_than_the_class(
    make_entity: Callable[..., str], monitr: Callable, tmp_path: Path
) -> None:
    key = make_entity(country="NL")
    file = tmp_path / "typed.csv"
    file.write_text(
        "date,account_code,account_name,account_type,amount\n"
        "2024-01-05,0600,Result,profit and loss,-5.00\n2024-01-05,8999,Equity,equity,5.00\n"
    )
    assert monitr("import", key, "--file", file).code == 0
    assert monitr("entity", "set", key, "--result-account", "0600").code == 1
    assert monitr("entity", "set", key, "--result-account", "8999").code == 0


def test_one_that_was_set_before_is_found(
    imported: Callable, monitr: Callable, connection: Connection
) -> None:
    key, _ = imported()
    connection.execute("update app.entity set result_account = '700000' where key = %s", [key])
    assert "account 700000 is set as the result account" in monitr("import", key).err


def test_an_entity_is_not_added_with_one(
    monitr: Callable, make_entity: Callable[..., str], connection: Connection
) -> None:
    key = make_entity()
    row = connection.execute("select organisation_id from app.entity where key = %s", [key]).fetchone()
    ask = ("entity", "add", "--org", row["organisation_id"], "--name", "New")
    assert_sentence(monitr(*ask, "--country", "NL", "--result-account", "4000"), 1, "4000 is an account")
    assert_sentence(monitr(*ask, "--result-account", "7000"), 1, "7000 is an account of profit and loss")
