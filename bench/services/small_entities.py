"""Small entities, and imports of them, in the words of whichever build runs this: a program for its Python.

`prepare COUNT` makes them and prints how to reach their database; `request FIRST LAST` asks for imports.
"""

import json
import sys
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

PER_ORGANISATION = 20
BOOKS = b"""date,account_code,account_name,description,debit,credit
2026-01-05,400000,Debtors,,100,
2026-01-05,700000,Sales,,,100
"""


def of_build(*names: str) -> Any:  # noqa: ANN401 - a module of either build
    """The first of some modules that the build has: rooms have moved since."""
    for name in names:
        try:
            return import_module(f"monitr_pipelines.{name}")
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError(names[0])


settings = of_build("settings")
database = of_build("warehouse.server.database", "warehouse.database")
embedded = of_build("warehouse.server.embedded", "warehouse.embedded")


def prepare(count: int) -> None:
    """A server with a migrated database and entities, each with a file that waits."""
    database.start_server()
    of_build("warehouse.upkeep.migrations", "warehouse.migrations").migrate()
    organisations = of_build("warehouse.registry.organisations", "warehouse.organisations")
    entities = of_build("warehouse.registry.entities", "warehouse.entities")
    uploads = of_build("warehouse.queue.uploads", "warehouse.uploads")
    with database.connect(autocommit=True) as connection:
        for number in range(count):
            owner = f"organisation {number // PER_ORGANISATION}"
            if number % PER_ORGANISATION == 0:
                organisations.add(connection, owner, "active")
            key = entities.add_entity(connection, owner, "file", {"name": f"Company {number}"})
            row = connection.execute("select id from app.entity where key = %s", [key]).fetchone()
            uploads.store(
                connection, row["id"], BytesIO(BOOKS), file_name="books.csv", mode="years", settings={}
            )
    postmaster = (embedded.cluster_of(settings.home()).data / "postmaster.pid").read_text()
    sys.stdout.write(json.dumps({"url": database.url(), "server": int(postmaster.split("\n", 1)[0])}))


def request(first: int, last: int) -> None:
    """Ask for an import of some of them."""
    requests = of_build("warehouse.queue.requests", "warehouse.imports")
    with database.connect(autocommit=True) as connection:
        rows = connection.execute("select key from app.entity order by id").fetchall()
        for row in rows[first:last]:
            requests.request(connection, row["key"], trigger="manual", requested_by="bench")


def stop() -> None:
    """End the server."""
    embedded.stop(Path(settings.home()))


if __name__ == "__main__":
    globals()[sys.argv[1]](*map(int, sys.argv[2:]))
