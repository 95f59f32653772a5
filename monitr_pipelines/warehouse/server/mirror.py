"""Tables that repeat the outcome of a query: only what differs is written.

A row that is as it was is not touched, so that regenerating unchanged figures writes nothing; no row
of another entity is read, so that an import costs the same beside ten entities or ten thousand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import sql

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class Mirror:
    """A table of entities' rows and the query, below `sql/`, that tells what they should be.

    `stamped`: each row carries the id of the import that wrote it. `more`: queries of the same columns, in
    the same order, whose rows stand in the table too. `within`: a condition on rows of the table, called
    `target`; those outside stay as they are, and the query tells of none of them.
    """

    table: str
    query: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    stamped: bool = True
    more: tuple[str, ...] = ()
    within: LiteralString = "true"

    def refresh(self, connection: Connection, parameters: Mapping[str, Any]) -> None:
        """Make the rows of the entity `entity_id` equal to the query, in one statement."""
        connection.execute(self._statement(), parameters)

    def _statement(self) -> sql.Composed:
        written = (*self.values, "import_id") if self.stamped else self.values
        columns = ("entity_id", *self.keys, *written)
        fixed = {"entity_id": sql.SQL("%(entity_id)s"), "import_id": sql.SQL("%(import_id)s")}
        source = {name: fixed.get(name, sql.Identifier("source", name)) for name in columns}
        return STATEMENT.format(
            query=sql.SQL("\nunion all\n").join(
                sql.SQL("({})").format(sql.SQL(database.statement(query) + "\n"))
                for query in (self.query, *self.more)
            ),
            table=sql.Identifier(*self.table.split(".")),
            same_key=sql.SQL(" and ").join(
                sql.SQL("source.{0} = target.{0}").format(sql.Identifier(key)) for key in self.keys
            ),
            old_values=_list("target", self.values),
            new_values=_list("source", self.values),
            assignments=sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(name), source[name]) for name in written
            ),
            within=sql.SQL(self.within),
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            inserted=sql.SQL(", ").join(source.values()),
        )


STATEMENT = sql.SQL("""
with source as materialized ({query}),
gone as (
    delete from {table} as target
    where
        target.entity_id = %(entity_id)s
        and {within}
        and not exists (select from source where {same_key})
)
merge into {table} as target
using source
on target.entity_id = %(entity_id)s and {same_key}
when matched and ({old_values}) is distinct from ({new_values}) then update set {assignments}
when not matched then insert ({columns}) values ({inserted})
""")


def _list(table: str, names: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(table, name) for name in names)
