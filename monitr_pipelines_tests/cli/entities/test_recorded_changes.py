"""Every command that changes something writes down who did it; no command is forgotten here."""

import getpass
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cli_kit import sale, write
from provider_kit import NAME, Toy, installed

from monitr_pipelines import cli
from monitr_pipelines.providers.contract import Administration
from monitr_pipelines.warehouse.server.database import Connection

PASSWORD = "correct-horse-8c1f"  # noqa: S105 - of the toy
BAKERY = Administration("A1", "Bakkerij Peeters", "EUR")
# They look, or they run and keep the installation rather than what is of an organisation.
CHANGES_NOTHING = {
    "adjustment export", "adjustment list", "alerts",
    "backup", "check", "connection administrations", "connection changes", "connection list",
    "connection test", "emulator", "entities", "entity list", "errors", "history", "hook-key list",
    "hook-key sign", "mapping diff", "mapping export", "mapping history", "mapping list", "migrate",
    "org list", "rekey", "report balance-sheet", "report cash-flow", "report profit-and-loss",
    "report trial-balance", "restore", "serve", "structure export", "structure list", "token list", "up",
    "upload list", "upload show", "worker",
}  # fmt: skip


@dataclass
class World:
    """An organisation with an entity of files and a connection that sees a company."""

    monitr: Callable[..., Any]
    connection: Connection
    folder: Path
    organisation: str
    entity: str
    number: str
    bakery: str

    def run(self, *arguments: object) -> Any:  # noqa: ANN401 - what the root conftest answers
        said = self.monitr(*arguments)
        assert said.code == 0, said
        return said

    def credentials(self) -> tuple[str, ...]:
        return ("--set", "user=an", "--set", f"password={PASSWORD}")

    def one(self, query: str) -> Any:  # noqa: ANN401 - of any column
        row = self.connection.execute(query, {"name": self.organisation, "entity": self.entity}).fetchone()
        assert row is not None
        return next(iter(row.values()))

    def upload(self) -> int:
        """A file that nobody imported yet."""
        write(self.folder / "books.csv", *sale("2026-01-05", 1), *sale("31/13/2026", 1))
        assert self.monitr("import", self.entity, "--file", self.folder / "books.csv").code == 1
        return int(self.one("select max(u.id) from app.upload as u inner join app.entity as e "
                            "on e.id = u.entity_id where e.key = %(entity)s"))  # fmt: skip


def import_file(world: World) -> None:
    write(world.folder / "books.csv", *sale("2026-01-05", 1))
    world.run("import", world.entity, "--file", world.folder / "books.csv")


def discard(world: World) -> None:
    world.run("upload", "discard", world.upload())


def revoke_token(world: World) -> None:
    made = world.run("token", "create", "--org", world.organisation, "--json").json
    world.run("token", "revoke", made["id"])


def revoke_key(world: World) -> None:
    made = world.run("hook-key", "create", "--org", world.organisation, "--json").json
    world.run("hook-key", "revoke", made["id"])


def place(world: World) -> None:
    file = world.folder / "places.csv"
    line = "40" if world.run("mapping", "export", world.entity).out.count(",41,") else "41"
    file.write_text(f"Account,Line\n400000,{line}\n")
    world.run("mapping", "import", world.entity, file)


def undo_placing(world: World) -> None:
    place(world)
    history = world.run("mapping", "history", world.entity, "--format", "json").json
    world.run("mapping", "undo", world.entity, history[0]["change"])


def adjust(world: World) -> None:
    file = world.folder / "entries.csv"
    file.write_text("month,account,amount,reason\n2026-01,700000,-1,Accrual\n2026-01,400000,1,Accrual\n")
    world.run("adjustment", "import", world.entity, file)


def restore(world: World) -> None:
    world.run("entity", "remove", world.entity, "--yes")
    world.run("entity", "restore", world.entity)


def import_structure(world: World) -> None:
    world.run("structure", "export", "plain", "--output", world.folder / "structure.csv")
    world.run(
        "structure", "import", world.folder / "structure.csv", "--name", "S", "--org", world.organisation
    )


def delete_structure(world: World) -> None:
    world.run("structure", "assign", world.entity, "--default")
    world.run("structure", "delete", "S", "--org", world.organisation, "--yes")


Made = Callable[[World], object]
# What each command is known as afterwards, and how it is given; what removes comes last.
MADE: dict[str, tuple[str, Made]] = {
    "administrations": ("priority set", lambda w: w.run("administrations", w.number, "--first", "A1")),
    "connection add": (
        "connected",
        lambda w: w.run("connection", "add", "--org", w.organisation, "--provider", NAME, *w.credentials()),
    ),
    "connection reconnect": (
        "reconnected",
        lambda w: w.run("connection", "reconnect", w.number, *w.credentials()),
    ),
    "entity add": (
        "entity added",
        lambda w: w.run("entity", "add", "--org", w.organisation, "--provider", "file", "--name", "More"),
    ),
    "entity set": ("entity changed", lambda w: w.run("entity", "set", w.entity, "--name", "Another")),
    "entity found": ("entity found", lambda w: w.run("entity", "found", w.bakery)),
    "reset": ("reset asked", lambda w: w.run("reset", w.entity)),
    "import": ("import file", import_file),
    "upload discard": ("file discarded", discard),
    "mapping import": ("mapping changed", place),
    "mapping undo": ("mapping undone", undo_placing),
    "adjustment import": ("entries adjusted", adjust),
    "adjustment remove": (
        "entries adjusted",
        lambda w: w.run("adjustment", "remove", w.entity, "--month", "2026-01"),
    ),
    "org add": ("organisation added", lambda w: w.run("org", "add", f"{w.organisation}, more")),
    "org set": (
        "organisation changed",
        lambda w: w.run("org", "set", w.organisation, "--alert-email", "a@b.be"),
    ),
    "token create": ("token created", lambda w: w.run("token", "create", "--org", w.organisation)),
    "token revoke": ("token revoked", revoke_token),
    "hook-key create": ("key created", lambda w: w.run("hook-key", "create", "--org", w.organisation)),
    "hook-key revoke": ("key revoked", revoke_key),
    "structure import": ("structure imported", import_structure),
    "structure assign": ("structure assigned", lambda w: w.run("structure", "assign", w.entity, "S")),
    "structure delete": ("structure deleted", delete_structure),
    "entity remove": ("entity removed", lambda w: w.run("entity", "remove", w.entity, "--yes")),
    "entity restore": ("entity restored", restore),
    "entity purge": ("entity deleted", lambda w: w.run("entity", "purge", w.entity, "--key", w.entity)),
    "connection remove": ("connection removed", lambda w: w.run("connection", "remove", w.number, "--yes")),
}


def commands() -> Iterator[str]:
    for name in cli.COMMANDS:
        found = cli.load(name)
        yield from (f"{name} {part}" for part in found.commands) if hasattr(found, "commands") else [name]


def test_every_command_is_here() -> None:
    assert set(commands()) == set(MADE) | CHANGES_NOTHING


@pytest.fixture
def world(
    monitr: Callable[..., Any],
    connection: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    without_dagster: object,
) -> Iterator[World]:
    with installed(Toy(PASSWORD, companies=[BAKERY]), tmp_path, monkeypatch):
        name = "An organisation whose changes are known"
        made = World(monitr, connection, tmp_path, name, "", "", "")
        made.run("org", "add", name)
        add = ("entity", "add", "--org", name, "--provider", "file", "--name", "Files")
        made.entity = made.run(*add).out.strip()
        connect = ("connection", "add", "--org", name, "--provider", NAME, *made.credentials())
        made.number = made.run(*connect).out.strip()
        made.run("administrations", made.number, "--import", "A1")
        made.bakery = made.one(
            "select e.key from app.entity as e inner join app.organisation as o on o.id = e.organisation_id "
            "where o.name = %(name)s and e.administration = 'A1'"
        )
        yield made


def test_who_gave_a_command_is_written_down(world: World, connection: Connection) -> None:
    for command, (done, give) in MADE.items():
        before = len(recorded(connection, done))
        give(world)
        after = recorded(connection, done)
        assert len(after) > before, command
        assert {row["person"] for row in after} == {getpass.getuser()}, command
        assert PASSWORD not in str(after), command


def recorded(connection: Connection, done: str) -> list[dict[str, Any]]:
    """Whoever did something, as often as it was done, in the organisations of this test."""
    return connection.execute(
        """
        select person, subject from app.change as c
        inner join app.organisation as o on o.id = c.organisation_id
        where o.name like 'An organisation whose changes%%' and action = %(done)s
        union all
        select requested_by, '' from app.import as i
        inner join app.organisation as o on o.id = i.organisation_id
        where o.name like 'An organisation whose changes%%' and 'import ' || trigger = %(done)s
        """,
        {"done": done},
    ).fetchall()
