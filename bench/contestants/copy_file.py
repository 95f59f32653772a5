"""COPY of a ready CSV file: `python -m bench.contestants.copy_file FILE TABLE`."""

import json
import sys
import time
from pathlib import Path

import psycopg
from psycopg import sql

from monitr_pipelines.warehouse.server import database

BLOCK_BYTES = 1024 * 1024


def main(file: str, table: str) -> None:
    """Copy the file into an empty table, and print what that took."""
    statement = sql.SQL("copy {} from stdin (format csv)").format(sql.Identifier(table))
    with psycopg.connect(database.url()) as connection, Path(file).open("rb") as source:
        started = time.perf_counter()
        with connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                while block := source.read(BLOCK_BYTES):
                    copy.write(block)
            rows = cursor.rowcount
        connection.commit()
        seconds = time.perf_counter() - started
    sys.stdout.write(json.dumps({"seconds": seconds, "rows": rows}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
