"""One at a time: rows of `app.turn` that are locked, a table that the web role has no business with.

Any role may take any advisory lock of PostgreSQL, and hold up whoever waits for it. A row lock ends with its
transaction, and so with its session, however that ends. To be used within a transaction.
"""

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


def wait(connection: Connection, task: str, number: int = 0) -> None:
    """Take the turn of a task until the transaction ends; LockNotAvailable after the `lock_timeout`."""
    row = {"task": task, "number": number}
    if not database.run(connection, "server/wait_for_turn", **row).rowcount:
        database.run(connection, "server/add_turn", **row)
        database.run(connection, "server/wait_for_turn", **row)


def is_free(connection: Connection, task: str) -> bool:
    """Take the turn of a task that there always is until the transaction ends, if nobody else has it."""
    return database.run(connection, "server/try_turn", task=task, number=0).rowcount == 1


def hold(connection: Connection, task: str) -> bool:
    """Take a task for as long as this session lives; False while another session has it.

    It needs a session of its own: not one that a pooler shares between transactions.
    """
    with connection.transaction():
        wait(connection, task)
        return database.run(connection, "server/hold_turn", task=task, number=0).rowcount == 1
