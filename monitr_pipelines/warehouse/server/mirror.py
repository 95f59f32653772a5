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
    `target`; those outside stay as they are, and the query tells of none of them. `rows`: a query below
    `sql/` of the rows that are compared, with their `place` in the table, where a condition is slow.
    """

    table: str
    query: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    stamped: bool = True
    more: tuple[str, ...] = ()
    within: LiteralString = "true"
    rows: str = ""

    def refresh(self, connection: Connection, parameters: Mapping[str, Any]) -> None:
        """Make the rows of the entity `entity_id` equal to the query, in one statement."""
        connection.execute(self._statement(), parameters)

    def _statement(self) -> sql.Composed:
        written = (*self.values, "import_id") if self.stamped else self.values
        columns = ("entity_id", *self.keys, *written)
        fixed = {"entity_id": sql.SQL("%(entity_id)s"), "import_id": sql.SQL("%(import_id)s")}
        source = {name: fixed.get(name, sql.Identifier("source", name)) for name in columns}
        table = sql.Identifier(*self.table.split("."))
        return STATEMENT.format(
            query=sql.SQL("\nunion all\n").join(
                sql.SQL("({})").format(sql.SQL(database.statement(query) + "\n"))
                for query in (self.query, *self.more)
            ),
            table=table,
            same_key=sql.SQL(" and ").join(
                sql.SQL("source.{0} = target.{0}").format(sql.Identifier(key)) for key in self.keys
            ),
            old_values=_list("target", self.values),
            new_values=_list("source", self.values),
            assignments=sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in written
            ),
            targets=sql.SQL(database.statement(self.rows) + "\n")
            if self.rows
            else TARGETS.format(table=table, within=sql.SQL(self.within)),
            key=sql.Identifier(self.keys[0]),
            unique=sql.SQL(", ").join(map(sql.Identifier, self.keys)),
            ordered=_list("source", self.keys),
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            inserted=sql.SQL(", ").join(source.values()),
        )


TARGETS = sql.SQL(
    "select ctid as place, * from {table} as target where target.entity_id = %(entity_id)s and {within}"
)
# One join tells what differs, most often little; that is then looked up by its place or its key.
STATEMENT = sql.SQL("""
with source as materialized ({query}),
different as materialized (
    select
        source.*,
        target.place,
        source.{key} is null as is_gone
    from source
    full join ({targets}) as target on {same_key}
    where
        source.{key} is null
        or target.{key} is null
        or ({old_values}) is distinct from ({new_values})
),
gone as (
    delete from {table} where ctid = any(array(select place from different where is_gone))
),
changed as (
    insert into {table} ({columns})
    select {inserted} from different as source where not is_gone and place is not null
    on conflict (entity_id, {unique}) do update set {assignments}
)
insert into {table} ({columns})
select {inserted} from different as source where place is null order by {ordered}
""")


def _list(table: str, names: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(table, name) for name in names)
