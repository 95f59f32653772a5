"""`monitr structure`: out as a file and in again, given to an entity, read by its next import, deleted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_kit import assert_sentence

from monitr_pipelines.warehouse.reports import structures
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import SALE, id_of, load, report, upsert, whole

Run = Callable[..., Any]


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity()


@pytest.fixture
def org(connection: Connection, entity: str) -> str:
    row = connection.execute("select organisation_id from app.entity where key = %s", [entity]).fetchone()
    assert row is not None
    return str(row["organisation_id"])


@pytest.fixture
def file(monitr: Run, tmp_path: Path) -> Path:
    """The Belgian template as a file, with a line of one's own."""
    path = tmp_path / "own.csv"
    assert monitr("structure", "export", "be_nbb_abridged", "--output", path).code == 0
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(
        text.replace("\n70,", "\nOWN,").replace(",Turnover,", ",Our sales,"), encoding="utf-8-sig"
    )
    return path


def choose(connection: Connection, entity: str, structure: str, line: str) -> None:
    connection.execute(
        """
        insert into app.chosen_line (entity_id, structure_id, account_code, line)
        select %s, id, '550000', %s from app.reporting_structure where name = %s
        """,
        [id_of(connection, entity), line, structure],
    )


def recorded(connection: Connection, org: str) -> list[str]:
    rows = connection.execute(
        "select action || ': ' || subject as what from app.change where organisation_id = %s order by id",
        [org],
    )
    return [row["what"] for row in rows]


def test_a_structure_from_a_file_to_the_figures_and_away(
    monitr: Run, connection: Connection, entity: str, org: str, file: Path
) -> None:
    load(connection, entity, whole(SALE))
    own = ("--name", "Our own", "--org", org)
    assert "Our own has 130 lines" in monitr("structure", "import", file, *own).err
    said = monitr("structure", "assign", entity, "Our own")
    assert "from its next import on" in said.err
    assert report(connection, entity, "profit_and_loss", "2025-01")["70"]["amount"] == 100, "as they were"
    load(connection, entity, upsert(SALE))
    figures = report(connection, entity, "profit_and_loss", "2025-01")
    assert {line: figures[line]["amount"] for line in ("OWN", "9900", "9904")} == {
        "OWN": 100,
        "9900": 100,
        "9904": 100,
    }
    assert "70" not in figures

    choose(connection, entity, "Our own", "40")
    assert_sentence(monitr("structure", "import", file, *own), 1, "replace it, or choose")
    replaced = monitr("structure", "import", file, *own, "--replace")
    assert f"figures of {entity} follow it at their next import" in replaced.err
    placed = "select line from app.chosen_line where entity_id = %s"
    assert connection.execute(placed, [id_of(connection, entity)]).fetchall() == [{"line": "40"}]

    delete = ("structure", "delete", "Our own", "--org", org, "--yes")
    assert_sentence(monitr(*delete), 1, "1 places that people chose", "These are on it", entity)
    assert monitr("structure", "assign", entity, "--default").code == 0
    assert_sentence(monitr(*delete), 1, "until their next import", entity)
    load(connection, entity, upsert(SALE))
    assert report(connection, entity, "profit_and_loss", "2025-01")["70"]["amount"] == 100
    assert monitr(*delete).code == 0
    assert connection.execute(placed, [id_of(connection, entity)]).fetchall() == []
    assert "Our own" not in monitr("structure", "list", "--org", org).out
    assert recorded(connection, org)[-5:] == [
        "structure imported: Our own",
        f"structure assigned: {name_of(connection, entity)}: Our own",
        "structure imported: Our own",
        f"structure assigned: {name_of(connection, entity)}: be_nbb",
        "structure deleted: Our own",
    ]


def test_what_would_lose_its_line_is_told_before_a_structure_is_replaced(
    monitr: Run, connection: Connection, entity: str, org: str, file: Path
) -> None:
    own = ("--name", "Our own", "--org", org)
    replace = ("structure", "import", file, *own, "--replace")
    assert monitr("structure", "import", file, *own).code == 0
    assert monitr("structure", "assign", entity, "Our own").code == 0
    load(connection, entity, whole(SALE))
    choose(connection, entity, "Our own", "40")
    entries = (("OWN", 30), ("42/48", -30))
    for line, amount in entries:
        connection.execute(
            "insert into app.adjusting_entry (entity_id, month, line, amount, reason, added_by) "
            "values (%s, '2025-01-01', %s, %s, 'accrual', 'An')",
            [id_of(connection, entity), line, amount],
        )
    text = file.read_text(encoding="utf-8-sig")
    # Sales and what is adjusted of them lose their line; the bank goes back to where its code belongs.
    file.write_text(
        text.replace("\nOWN,", "\nELSE,").replace(",70,", ",77999,").replace("\n40,", "\n40X,"),
        encoding="utf-8-sig",
    )
    before = monitr("structure", "export", "Our own", "--org", org).out
    refused = monitr(*replace)
    assert (refused.code, "say --yes. Nothing was changed" in refused.err) == (1, True), refused
    assert monitr("structure", "export", "Our own", "--org", org).out == before
    told = monitr(*replace, "--yes")
    assert told.code == 0
    rows = [" ".join(row.replace("│", " ").split()) for row in told.out.splitlines()]
    assert f"{entity} 700000 Sales -100.00 OWN unmapped structure" in rows
    assert f"{entity} 550000 Bank 100.00 40 54/58 person" in rows
    assert f"{entity} adjusting entries: 1 30.00 OWN unmapped person" in rows
    assert not [row for row in rows if "42/48" in row]
    assert monitr(*replace).code == 0, "nothing is lost any more"


def test_a_removed_entity_uses_no_structure_and_keeps_it(
    monitr: Run, connection: Connection, entity: str, org: str, file: Path
) -> None:
    """Nobody is told of it, and restored it is read by its structure again."""
    own = ("--name", "Our own", "--org", org)
    delete = ("structure", "delete", "Our own", "--org", org, "--yes")

    def users() -> list[int]:
        listed = monitr("structure", "list", "--org", org, "--json").json
        return [row["entities"] for row in listed if row["name"] == "Our own"]

    assert monitr("structure", "import", file, *own).code == 0
    assert monitr("structure", "assign", entity, "Our own").code == 0
    load(connection, entity, whole(SALE))
    assert users() == [1]
    assert monitr("entity", "remove", entity, "--yes").code == 0
    assert users() == [0]
    assert entity not in monitr("structure", "import", file, *own, "--replace").err
    assert_sentence(monitr(*delete), 1, "would be restored without it", entity)
    assert monitr("entity", "restore", entity).code == 0
    assert users() == [1]
    assert_sentence(monitr(*delete), 1, "These are on it", entity)
    # One that is on it no more keeps its figures by it.
    assert monitr("structure", "assign", entity, "--default").code == 0
    assert monitr("entity", "remove", entity, "--yes").code == 0
    assert_sentence(monitr(*delete), 1, "would be restored without it", entity)
    assert monitr("entity", "restore", entity).code == 0
    load(connection, entity, upsert(SALE))
    assert monitr(*delete).code == 0


def name_of(connection: Connection, entity: str) -> str:
    row = connection.execute("select name from app.entity where key = %s", [entity]).fetchone()
    assert row is not None
    return str(row["name"])


def test_what_is_exported_is_what_was_imported(monitr: Run, org: str, file: Path, tmp_path: Path) -> None:
    for name, source in (("One", file), ("Two", tmp_path / "one.csv")):
        assert monitr("structure", "import", source, "--name", name, "--org", org).code == 0
        path = tmp_path / f"{name.lower()}.csv"
        assert monitr("structure", "export", name, "--org", org, "--output", path).code == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes() == file.read_bytes()
    assert monitr("structure", "export", "Two", "--org", org).out == file.read_text(encoding="utf-8-sig")
    listed = {row["name"]: row for row in monitr("structure", "list", "--org", org, "--json").json}
    assert (listed["One"]["lines"], listed["One"]["country"], listed["plain"]["country"]) == (
        130,
        None,
        "others",
    )


def test_a_bad_file_is_refused_whole_with_everything_that_is_wrong(monitr: Run, org: str, file: Path) -> None:
    text = file.read_text(encoding="utf-8-sig")
    file.write_text(text.replace("net_result", "net").replace("\nOWN,", "\n(result),"), encoding="utf-8")
    refused = monitr("structure", "import", file, "--name", "Bad", "--org", org)
    assert_sentence(
        refused, 1, "'net' is not a role", "No line has the role net_result", "given this line by itself"
    )
    assert_sentence(monitr("structure", "export", "Bad", "--org", org), 1, "There is no structure 'Bad'")
    assert_sentence(
        monitr("structure", "import", file.parent, "--name", "Bad", "--org", org), 1, "cannot be read"
    )


def test_names_that_cannot_be(monitr: Run, entity: str, org: str, file: Path) -> None:
    for name, told in (("plain", "A template is called"), (" ", "is not a name"), ("a\nb", "is not a name")):
        assert_sentence(monitr("structure", "import", file, "--name", name, "--org", org), 1, told)
    assert_sentence(monitr("structure", "delete", "plain", "--org", org), 1, "a template")
    assert_sentence(monitr("structure", "assign", entity), 1, "say --default")
    assert_sentence(monitr("structure", "assign", "nobody", "plain"), 1, "There is no entity")


def test_a_structure_is_of_its_organisation_alone(
    monitr: Run, org: str, file: Path, make_entity: Callable[..., str]
) -> None:
    """Another is never given it."""
    assert monitr("structure", "import", file, "--name", "Ours", "--org", org).code == 0
    assert_sentence(monitr("structure", "assign", make_entity(), "Ours"), 1, "There is no structure 'Ours'")


def test_an_entity_is_not_added_where_there_is_no_such_structure(
    monitr: Run, org: str, connection: Connection
) -> None:
    add = ("entity", "add", "--org", org, "--name", "A new one", "--structure", "None such")
    assert_sentence(monitr(*add), 1, "There is no structure")
    assert connection.execute("select from app.entity where organisation_id = %s", [org]).rowcount == 1


def test_an_association_is_added_with_its_structure(
    monitr: Run, org: str, connection: Connection, without_dagster: object
) -> None:
    add = ("entity", "add", "--org", org, "--name", "An association", "--structure", "be_nbb_association")
    said = monitr(*add)
    assert said.code == 0
    row = connection.execute(
        "select s.name from app.entity as e inner join app.reporting_structure as s on e.structure_id = s.id "
        "where e.key = %s",
        [said.out.strip()],
    ).fetchone()
    assert row == {"name": "be_nbb_association"}


def test_a_template_that_changes_keeps_what_people_placed(connection: Connection, entity: str) -> None:
    choose(connection, entity, "be_nbb", "40")
    with database.connect_as_owner() as owner, owner.transaction(force_rollback=True):
        owner.execute("update app.report_line set name_nl = 'verkeerd' where line = '20/58'")
        owner.execute("delete from app.report_line_ancestry where line = '20/58'")
        structures.synchronise(owner)
        line = "select line from app.chosen_line where entity_id = %s"
        assert owner.execute(line, [id_of(connection, entity)]).fetchall() == [{"line": "40"}]
        counted = owner.execute("select from app.report_line_ancestry where line = '20/58'").rowcount
        assert counted == 3, "in be_nbb and in both models beside it"
