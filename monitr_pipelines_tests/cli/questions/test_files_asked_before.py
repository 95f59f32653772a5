"""What an import asks after it has read a file is asked by `--check` already, with the same words."""

from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("without_dagster")
HEADER = "date,account_code,account_name,description,amount,opening\n"
KNOWN = HEADER + "2024-02-05,0400,Customers,x,5.00,\n2024-02-05,700000,Sales,x,-5.00,\n"
LOST = KNOWN.replace("2024", "2025").replace("0400", "400")
FLOATS = KNOWN.replace("2024", "2025").replace("0400", "400.0")
IN_WORDS = (
    HEADER
    + "2024-04-01,400000,Customers,Opening balance,50.00,\n"
    + "2024-04-01,100000,Capital,Opening balance,-50.00,\n"
    + "2024-06-01,400000,Customers,x,5.00,\n2024-06-01,700000,Sales,x,-5.00,\n"
)
TWICE = HEADER + "".join(
    f"2024-01-01,{account},Name,Opening balance,{amount},{opening}\n"
    for opening in ("yes", "")
    for account, amount in (("400000", "50.00"), ("550000", "7.00"), ("100000", "-57.00"))
)
ASKED = {
    "lost zeros": (LOST, KNOWN, "--code-digits 4", ("--code-digits", "0")),
    "codes as numbers": (
        FLOATS.replace("700000.0", "700000"),
        KNOWN,
        "--code-digits 4",
        ("--code-digits", "4"),
    ),
    "a year in words": (IN_WORDS, None, "--fiscal-year-start 4", ("--keep-calendar",)),
}


def test_an_opening_that_stands_twice_is_told_before(
    make_entity: Callable[..., str], monitr: Callable, tmp_path: Path
) -> None:
    file = tmp_path / "books.csv"
    file.write_text(TWICE)
    (told,) = monitr("import", make_entity(), "--file", file, "--check", "--json").json["findings"]
    assert told.startswith("3 lines of 2024-01-01 state the opening balance of their year once more")
    file.write_text(TWICE.replace("2024-01-01", "2023-12-31"))
    assert monitr("import", make_entity(), "--file", file, "--check", "--json").json["findings"] == []


@pytest.mark.parametrize("case", ASKED)
def test_it_is_asked_before_in_the_words_of_the_import(
    make_entity: Callable[..., str], monitr: Callable, tmp_path: Path, case: str
) -> None:
    content, known, told, answer = ASKED[case]
    key = make_entity()
    file = tmp_path / "books.csv"
    if known is not None:
        file.write_text(known)
        assert monitr("import", key, "--file", file).code == 0
    file.write_text(content)
    checked = monitr("import", key, "--file", file, "--check", "--json")
    assert checked.code == 2
    assert told in checked.json["error"]["message"]
    imported = monitr("import", key, "--file", file, "--json")
    assert imported.code == 1
    assert imported.json["error"] == checked.json["error"]
    assert monitr("import", key, "--file", file, "--check", *answer).code == 0
    assert monitr("import", key, "--file", file, *answer).code == 0
