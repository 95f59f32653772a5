"""Encrypting every stored secret anew, so that an old key can be thrown away."""

from psycopg import sql

from monitr_pipelines.warehouse.registry import vault
from monitr_pipelines.warehouse.server.database import Connection

# Every column with something that `vault` encrypted.
SECRETS = (
    ("organisation", "alert_secret"),
    ("integration", "credentials"),
    ("hook_key", "secret"),
)


def rekey(connection: Connection) -> int:
    """Encrypt all secrets with the first key; returns their number.

    Raises OurFault where no key opens one of them, and then nothing is changed.
    """
    with connection.transaction():
        return sum(_rekey(connection, table, column) for table, column in SECRETS)


def _rekey(connection: Connection, table: str, column: str) -> int:
    names = {"table": sql.Identifier("app", table), "column": sql.Identifier(column)}
    rows = connection.execute(
        sql.SQL(
            "select id, {column} as secret from {table} where {column} is not null order by id for update"
        ).format(**names)
    ).fetchall()
    update = sql.SQL("update {table} set {column} = %s where id = %s").format(**names)
    for row in rows:
        connection.execute(update, [vault.encrypt(vault.decrypt(row["secret"])), row["id"]])
    return len(rows)
