"""COPY: the one way in which many rows go into a table."""

from collections.abc import Iterable

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


class _Interrupted(Exception):
    """Ends a COPY: its text goes to the server."""


def copy_text(connection: Connection, path: str, texts: Iterable[bytes]) -> int:
    """Stream whole rows, as text, into a table with the COPY of the file `sql/PATH`; returns how many rows.

    What `texts` raises ends the COPY and is raised as it is. psycopg would send its text to the server, which
    ends a session that sends it 10,000 bytes as an error.
    """
    reason: BaseException | None = None
    with connection.cursor() as cursor:
        try:
            with cursor.copy(database.statement(path)) as copy:
                write = copy.write
                try:
                    for text in texts:
                        write(text)
                except BaseException as error:  # noqa: BLE001 - raised below, whatever it is
                    reason = error
                    raise _Interrupted from None
        except _Interrupted:
            pass
        copied = cursor.rowcount
    if reason is not None:
        raise reason
    return copied
