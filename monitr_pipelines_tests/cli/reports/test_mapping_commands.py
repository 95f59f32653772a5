"""`monitr mapping`: choices as tables, what they would do, who changed what, and taking it back."""

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_kit import assert_sentence, sale, write

Run = Callable[..., Any]
HEADS = "Account,Account name,Axis value,Line,Comment\r\n"


@pytest.fixture
def entity(monitr: Run, tmp_path: Path, without_dagster: object, make_entity: Callable[..., str]) -> str:
    """A company that sold, and one of whose accounts stands on no line."""
    key = make_entity()
    books = write(tmp_path / "books.csv", *sale("2026-01-05", 100), *sale("2026-02-05", 50))
    text = books.read_text() + "2026-02-06,999000,Odd,,7,,A,\n2026-02-06,550000,Bank,,,7,,\n"
    books.write_text(text)
    assert monitr("import", key, "--file", books).code == 0
    return key


def table(folder: Path, *rows: str) -> Path:
    file = folder / "places.csv"
    file.write_text("\n".join(["Account,Axis value,Line,Comment", *rows, ""]))
    return file


def test_what_is_exported_is_imported_to_no_effect(monitr: Run, entity: str, tmp_path: Path) -> None:
    assert monitr("mapping", "export", entity).out == HEADS
    file = table(tmp_path, "700000,,74,=comment", "999000,,Turnover,", "400000,,41,")
    said = monitr("mapping", "import", entity, file)
    assert said.code == 0
    assert "the next import applies it to all history" in said.err
    exported = monitr("mapping", "export", entity).out
    assert exported == (
        HEADS
        + "400000,Account 400000,,41,\r\n"
        + "700000,Account 700000,,74,'=comment\r\n"
        + "999000,Odd,,70,\r\n"
    )
    (tmp_path / "again.csv").write_text(exported, newline="")
    assert "nothing changes" in monitr("mapping", "import", entity, tmp_path / "again.csv").err
    assert monitr("mapping", "diff", entity, tmp_path / "again.csv", "--format", "csv").out.count("\n") == 1


def test_importing_overwrites_all_choices_unless_they_are_added(
    monitr: Run, entity: str, tmp_path: Path
) -> None:
    monitr("mapping", "import", entity, table(tmp_path, "700000,,74,", "400000,,41,"))
    more = table(tmp_path, "999000,,40,")
    assert monitr("mapping", "diff", entity, more, "--append", "--format", "json").json == [
        {"account": "999000", "value": "", "before": "", "after": "40", "comment": ""}
    ]
    monitr("mapping", "import", entity, more, "--append")
    lines = {row["account"]: (row["line"], row["by"]) for row in listed(monitr, entity)}
    wanted = {"700000": ("74", "choice"), "400000": ("41", "choice"), "999000": ("40", "choice")}
    assert {code: lines[code] for code in wanted} == wanted
    monitr("mapping", "import", entity, more)
    lines = {row["account"]: (row["line"], row["by"]) for row in listed(monitr, entity)}
    assert lines["700000"] == ("70", "structure")


def listed(monitr: Run, entity: str, *options: str) -> list[dict[str, Any]]:
    return monitr("mapping", "list", entity, "--format", "json", *options).json


def test_everything_wrong_is_told_with_its_line_and_nothing_is_stored(
    monitr: Run, entity: str, tmp_path: Path
) -> None:
    file = table(tmp_path, "700000,,74,", "400000,,nowhere,", "999000,A,41,", ",,70,", "700000,,70,")
    for command in ("import", "diff"):
        said = monitr("mapping", command, entity, file)
        assert_sentence(
            said,
            1,
            "line 3: “nowhere” is no line of the statements",
            "line 4: account 999000 is placed by a value, and the entity has no primary axis",
            "line 5: no account is named",
            "line 6: 700000 is placed twice",
        )
    assert monitr("mapping", "export", entity).out == HEADS
    assert_sentence(monitr("mapping", "import", entity, tmp_path / "none.csv"), 1, "cannot be read")
    assert_sentence(monitr("mapping", "list", "none"), 1, "There is no entity 'none'.")


def test_unmapped_accounts_are_exported_to_be_filled_in(monitr: Run, entity: str, tmp_path: Path) -> None:
    exported = monitr("mapping", "export", entity, "--unmapped").out
    assert exported == HEADS + "999000,Odd,,,\r\n"
    assert [row["account"] for row in listed(monitr, entity, "--unmapped")] == ["999000"]
    (tmp_path / "filled.csv").write_text(exported.replace("Odd,,,", "Odd,,41,why"))
    monitr("mapping", "import", entity, tmp_path / "filled.csv", "--append")
    (row,) = [row for row in listed(monitr, entity) if row["account"] == "999000"]
    assert (row["line"], row["amount"], row["comment"]) == ("41", "7.00", "why")


def test_the_effect_is_told_before_and_made_at_once_where_that_is_wanted(
    monitr: Run, entity: str, tmp_path: Path
) -> None:
    file = table(tmp_path, "700000,,74,")
    effect = monitr("mapping", "diff", entity, file, "--effect", "--format", "json").json
    assert [(row["line"], row["before"], row["after"], row["difference"]) for row in effect] == [
        ("70", "150.00", "0.00", "-150.00"),
        ("74", "0.00", "150.00", "150.00"),
    ]
    said = monitr("mapping", "import", entity, file, "--now")
    assert said.code == 0, said
    figures = monitr("report", "profit-and-loss", entity, "--format", "json").json
    assert {row["line"]: row["amount"] for row in figures}["74"] == "150.00"


def test_values_of_the_primary_axis_are_placed(monitr: Run, entity: str, tmp_path: Path) -> None:
    assert monitr("entity", "set", entity, "--set", "primary_axis=dimension1").code == 0
    assert monitr("mapping", "import", entity, table(tmp_path, "999000,A,41,", "999000,B,40,")).code == 0
    rows = [row for row in listed(monitr, entity) if row["account"] == "999000"]
    assert [(row["value"], row["line"], row["by"], row["amount"]) for row in rows[1:]] == [
        ("A", "41", "choice", "7.00"),
        ("B", "40", "choice", "0.00"),
    ]
    assert monitr("entity", "set", entity, "--set", "primary_axis=").code == 0
    assert monitr("mapping", "export", entity).out == HEADS


def test_who_changed_what_is_told_and_taken_back(monitr: Run, entity: str, tmp_path: Path) -> None:
    monitr("mapping", "import", entity, table(tmp_path, "700000,,74,"))
    monitr("mapping", "import", entity, table(tmp_path, "700000,,70,"))
    latest, first = monitr("mapping", "history", entity, "--format", "json").json
    assert (latest["person"], latest["before"], latest["after"]) == (getpass.getuser(), "74", "70")
    assert_sentence(
        monitr("mapping", "undo", entity, first["change"]),
        1,
        "700000 was changed since",
        "Nothing was changed",
    )
    assert monitr("mapping", "undo", entity, latest["change"]).code == 0
    assert ",74," in monitr("mapping", "export", entity).out
    unknown = "00000000-0000-0000-0000-000000000000"
    assert_sentence(monitr("mapping", "undo", entity, unknown), 1, "is no change of this mapping")
