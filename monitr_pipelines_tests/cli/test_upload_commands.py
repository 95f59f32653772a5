"""`monitr upload`: what became of the files of an entity, and how one is thrown away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_kit import assert_sentence, sale, write
from common_kit import entity_id

from monitr_pipelines.cli.person import person
from monitr_pipelines.warehouse.server.database import Connection

pytestmark = pytest.mark.usefixtures("without_dagster")


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity()


@pytest.fixture
def files(monitr: Callable, entity: str, tmp_path: Path) -> dict[str, int]:
    """One file in the books and one that was refused; their ids."""
    monitr("import", entity, "--file", write(tmp_path / "good.csv", *sale("2026-03-05", 10)))
    bad = write(tmp_path / "bad.csv", ("2025-04-05", "400000", 3))
    assert monitr("import", entity, "--file", bad).code == 1
    return {row["file"]: row["id"] for row in listed(monitr, entity)}


def listed(monitr: Callable, entity: str, *options: object) -> list[dict[str, Any]]:
    said = monitr("upload", "list", entity, "--json", *options)
    assert said.code == 0, said.err
    return said.json


def test_files_are_listed_with_what_became_of_them(
    monitr: Callable, entity: str, files: dict[str, int]
) -> None:
    bad, good = listed(monitr, entity)
    assert (bad["file"], bad["state"], bad["error"]) == ("bad.csv", "refused", "unbalanced")
    assert (good["file"], good["state"], good["applied_number"]) == ("good.csv", "applied", 1)
    assert good["settled_at"] > good["received_at"]
    assert [row["file"] for row in listed(monitr, entity, "--most", "1")] == ["bad.csv"]
    table = monitr("upload", "list", entity).out
    assert "bad.csv" in table
    assert "refused" in table
    assert_sentence(monitr("upload", "list", "nobody"), 1, "There is no entity 'nobody'")


def test_a_file_is_looked_at(monitr: Callable, entity: str, files: dict[str, int]) -> None:
    told = monitr("upload", "show", files["bad.csv"], "--json").json
    assert (told["entity"], told["error_code"], len(told["sha256"])) == (entity, "unbalanced", 64)
    assert [finding["code"] for finding in told["findings"]] == ["unbalanced_year"]
    assert "organisation_id" not in told
    said = monitr("upload", "show", files["bad.csv"])
    assert "state: refused" in said.out
    assert "unbalanced: Debit and credit are not equal." in said.err
    assert "--allow-unbalanced" in said.err
    said = monitr("upload", "show", files["good.csv"])
    assert "decimal: " in said.out
    assert said.err == ""


def test_a_refused_file_is_discarded_and_its_history_stays(
    monitr: Callable, entity: str, files: dict[str, int], connection: Connection
) -> None:
    said = monitr("upload", "discard", files["bad.csv"])
    assert_sentence(said, 0, f"bad.csv) of {entity} is discarded.")
    bad, good = listed(monitr, entity)
    assert (bad["state"], bad["discarded_by"], bad["error"]) == ("discarded", person(), "unbalanced")
    assert good["state"] == "applied"
    parts = connection.execute(
        "select upload_id from app.upload_chunk as c inner join app.upload as u on c.upload_id = u.id "
        "where u.entity_id = %s",
        [entity_id(connection, entity)],
    ).fetchall()
    assert [part["upload_id"] for part in parts] == [files["good.csv"]]
    assert_sentence(monitr("upload", "discard", files["bad.csv"]), 0, "was discarded before")
    assert monitr("import", entity).code == 0


def test_a_file_in_the_books_is_not_discarded(monitr: Callable, entity: str, files: dict[str, int]) -> None:
    refused = monitr("upload", "discard", files["good.csv"])
    assert_sentence(refused, 1, "is in the books and cannot be discarded")
    assert listed(monitr, entity)[1]["state"] == "applied"


def test_a_file_that_is_none_is_told(monitr: Callable) -> None:
    words = (f"There is no file {2**40}.", "`monitr upload list` shows them")
    for command in ("show", "discard"):
        assert_sentence(monitr("upload", command, 2**40), 1, *words)
