"""The way of an analyst on the installation's own machine to its books: to read, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

ONE_MOMENT = "set transaction isolation level repeatable read, read only"
# A report takes less than a second; what takes this long was asked of the wrong table.
PATIENCE = "set local statement_timeout = '60s'"


@contextmanager
def reading() -> Iterator[Connection]:
    """A transaction in which nothing can be written; all that is read is of one moment.

    It goes to the database of the settings (`MONITR_HOME`, `MONITR_DATABASE_URL`) and sees the entities of
    every organisation. A statement that takes longer than a minute fails. Raises ServerNotRunning.
    """
    with database.connect() as connection:
        connection.execute(ONE_MOMENT)
        connection.execute(PATIENCE)
        yield connection
