"""A delivery on its way into the database: streamed into a temporary table, nothing compared yet."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from monitr_pipelines.ledger.blocks import AxisNumbers, Block, FieldColumns
from monitr_pipelines.ledger.changes import Change, Delete, Replace, Scope, Upsert, Written
from monitr_pipelines.ledger.columns import FIELDS, NULL, escaped
from monitr_pipelines.warehouse.books.blocks import blocks_of, chunks
from monitr_pipelines.warehouse.books.sums import Sums
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.copying import copy_text
from monitr_pipelines.warehouse.server.database import Connection

LINE, DELETED, REPLACED = "l", "d", "b"
TABLES = ("create_stage", "create_scope", "create_combinations", "create_moves")


class Rows(NamedTuple):
    """Some rows of the stage, without what stands before the fields of a line: the operation.

    `columns`: the fields once more, as in a Block.
    """

    operation: str
    text: bytes
    number: int
    exact: bool = True
    columns: FieldColumns | None = None

    def between(self, before: str, behind: str = "") -> bytes:
        """The rows with fields before and behind those that they have; a newline only ever ends a row."""
        if not self.text:
            return b""
        start, end = before.encode() + b"\t", b"\t" + behind.encode() if behind else b""
        return start + self.text[:-1].replace(b"\n", end + b"\n" + start) + end + b"\n"


@dataclass
class Delivered:
    """What one delivery holds, as its rows stream by.

    `numbers` are those of the entity. `straight`: all lines are in the ledger already; `sums` are theirs.
    """

    numbers: AxisNumbers
    rows: int = 0
    scopes: list[Scope] = field(default_factory=list)
    deletes: bool = False
    straight: bool = False
    sums: Sums | None = None
    _entity_numbers: dict[bytes, bytes] = field(default_factory=dict)
    _alike: bool = True

    def stream(self, changes: Iterable[Change | Written]) -> Iterator[Rows]:
        """Changes as rows of the stage; InconsistentData when a line lies outside its scope."""
        for change in changes:
            match change:
                case Delete(keys):
                    self.deletes = True
                    yield from _keyed(DELETED, "external_id", keys)
                case Upsert(lines):
                    yield from self._lines(None, blocks_of(None, lines, self.numbers))
                case Replace(scope, lines):
                    yield from self._lines(scope, blocks_of(scope, lines, self.numbers))
                case Written(scope, blocks):
                    yield from self._lines(scope, map(self._renumbered, blocks))

    def _lines(self, scope: Scope | None, blocks: Iterable[Block]) -> Iterator[Rows]:
        if scope is not None:
            self.scopes.append(scope)
        yield from (
            Rows(LINE, block.text, block.lines, block.exact, block.columns) for block in blocks if block.lines
        )
        if scope is not None:
            yield from _keyed(REPLACED, "booking", scope.bookings())

    def _renumbered(self, block: Block) -> Block:
        """With the entity's numbers: those of a spool are its own, though at first they are the same."""
        for axes, number in block.axes:
            entitys = self._entity_numbers[number.encode()] = self.numbers[axes].encode()
            self._alike &= entitys == number.encode()
        if self._alike:
            return block
        rows = (row.rpartition(b"\t") for row in block.text[:-1].split(b"\n"))
        texts = [b"%b\t%b\n" % (rest, self._entity_numbers.get(number, number)) for rest, _, number in rows]
        return block._replace(text=b"".join(texts), columns=None)


def numbers_of(connection: Connection, entity_id: int) -> AxisNumbers:
    """The sets of axis values that an entity has."""
    rows = connection.execute(
        "select id, axis_values from raw.axis_combination where entity_id = %s", [entity_id]
    )
    return AxisNumbers({tuple(sorted(row["axis_values"].items())): row["id"] for row in rows})


def prepare(connection: Connection) -> None:
    """Fresh stage tables in the open transaction."""
    connection.execute("drop table if exists stage, stage_range, stage_combination, stage_move")
    for table in TABLES:
        database.run(connection, f"books/{table}")


def fill(connection: Connection, rows: Iterable[Rows]) -> int:
    """Stream rows into the stage; returns how many there were."""
    copied = copy_rows(connection, rows)
    connection.execute("analyze stage (operation, external_id, booking)")
    return copied


def copy_rows(connection: Connection, rows: Iterable[Rows]) -> int:
    """Add rows to the stage; returns how many there were."""
    return copy_text(connection, "books/copy_stage.sql", (some.between(some.operation) for some in rows))


def note_scopes(connection: Connection, delivered: Delivered) -> None:
    """What the delivery replaces, and the entity's sets of axis values."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into stage_range values (%s, %s)",
            [span for scope in delivered.scopes for span in scope.ranges()],
        )
    numbered = [(int(number), json.dumps(dict(axes))) for axes, number in delivered.numbers.ordered()]
    connection.execute(
        "insert into stage_combination select * from unnest(%s::integer[], %s::jsonb[])",
        [[number for number, _ in numbered], [axes for _, axes in numbered]],
    )


def _keyed(operation: str, name: str, keys: Iterable[str]) -> Iterator[Rows]:
    """Rows of which only one field is known."""
    place = FIELDS.index(name)
    before, behind = f"{NULL}\t" * place, f"\t{NULL}" * (len(FIELDS) - 1 - place)
    for some in chunks(keys):
        text = "".join(f"{before}{key}{behind}\n" for key in escaped(some))
        yield Rows(operation, text.encode(), len(some))
