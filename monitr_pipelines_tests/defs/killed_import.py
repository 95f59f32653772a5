"""`monitr import` that ends itself by kill -9 at a chosen point; started by the tests as a program.

python killed_import.py POINT ENTITY
"""

import os
import signal
import sys
from typing import Any

import psycopg

from monitr_pipelines import cli
from monitr_pipelines.importing.session import ImportSession
from monitr_pipelines.warehouse.server import database

AFTER = {
    "after the upsert": "books/upsert_lines.sql",
    "after the fence": "queue/commit_dataset.sql",
    "in the marts": "reports/proof.sql",
}
BEFORE = {"before the finish": "queue/finish.sql"}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arrange(point: str) -> None:
    """Put the kill in its place."""
    after = database.statement(AFTER[point]) if point in AFTER else None
    before = database.statement(BEFORE[point]) if point in BEFORE else None
    execute, write, fetch = psycopg.Cursor.execute, psycopg.Copy.write, ImportSession.fetch

    def killing_execute(cursor: Any, query: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        if query == before:
            die()
        result = execute(cursor, query, *arguments, **options)
        if query == after:
            die()
        return result

    def killing_write(copy: Any, text: Any) -> None:  # noqa: ANN401
        write(copy, text)
        if point == "in the copy":
            die()

    def killing_fetch(session: ImportSession) -> Any:  # noqa: ANN401
        result = fetch(session)
        if point == "after the raw commit":
            die()
        return result

    psycopg.Cursor.execute = killing_execute
    psycopg.Copy.write = killing_write
    ImportSession.fetch = killing_fetch


if __name__ == "__main__":
    arrange(sys.argv[1])
    sys.argv = ["monitr", "import", sys.argv[2]]
    cli.main()
