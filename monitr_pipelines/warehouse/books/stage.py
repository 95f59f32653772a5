"""A delivery on its way into the database: streamed into a temporary table, nothing compared yet."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from psycopg.types.json import Jsonb

from monitr_pipelines.ledger.changes import Change, Delete, Replace, Scope, Upsert, WholeLedger
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.copying import copy_rows
from monitr_pipelines.warehouse.server.database import Connection

LINE, DELETED, REPLACED = "l", "d", "b"
TABLES = ("create_stage", "create_scope", "create_combinations", "create_moves")

Row = tuple[str | None, ...]


class _IsoDates(dict[date, str]):
    """Dates as text, each made once: a ledger has few dates and many lines."""

    def __missing__(self, day: date) -> str:
        text = self[day] = day.isoformat()
        return text


class Combinations(dict[tuple[tuple[str, str], ...], str]):
    """The numbers of sets of axis values: those that the entity has, and new ones as they come."""

    def __init__(self, known: Mapping[tuple[tuple[str, str], ...], int]) -> None:
        super().__init__({axes: str(number) for axes, number in known.items()})
        self[()] = "0"
        self._last = max(known.values(), default=0)

    @classmethod
    def of(cls, connection: Connection, entity_id: int) -> Self:
        """The sets that an entity has; 0 stands for none."""
        rows = connection.execute(
            "select id, axis_values from raw.axis_combination where entity_id = %s", [entity_id]
        )
        return cls({tuple(sorted(row["axis_values"].items())): row["id"] for row in rows})

    def __missing__(self, axes: tuple[tuple[str, str], ...]) -> str:
        ordered = tuple(sorted(axes))
        if ordered != axes:
            text = self[ordered]
        else:
            self._last += 1
            text = str(self._last)
        self[axes] = text
        return text

    def ordered(self) -> list[tuple[tuple[tuple[str, str], ...], str]]:
        """Each set once, though lines may name its axes in any order."""
        return [(axes, number) for axes, number in self.items() if axes and axes == tuple(sorted(axes))]


@dataclass
class Delivered:
    """What one delivery holds, as its rows stream by.

    `mark` and `behind`: what stands before and behind the fields of a line, in a row. `straight`: all
    lines are in the ledger already.
    """

    combinations: Combinations
    mark: str = LINE
    behind: tuple[str, ...] = ()
    rows: int = 0
    scopes: list[Scope] = field(default_factory=list)
    deletes: bool = False
    straight: bool = False
    dates: _IsoDates = field(default_factory=_IsoDates)

    def stream(self, changes: Iterable[Change]) -> Iterator[Row]:
        """Changes as rows of the stage; InconsistentData when a line lies outside its scope."""
        for change in changes:
            match change:
                case Upsert(lines):
                    yield from self._lines(lines, None)
                case Delete(keys):
                    self.deletes = True
                    yield from (_keyed_row(DELETED, external_id=key) for key in keys)
                case Replace(scope, lines):
                    self.scopes.append(scope)
                    yield from self._lines(lines, None if isinstance(scope, WholeLedger) else scope.contains)
                    yield from (_keyed_row(REPLACED, booking=key) for key in scope.bookings())

    def _lines(
        self, lines: Iterable[LedgerLine], contains: Callable[[LedgerLine], bool] | None
    ) -> Iterator[Row]:
        """Lines as text. The fields are unpacked at once: by name, each would cost a look-up."""
        dates, combinations, mark, behind = self.dates, self.combinations, self.mark, self.behind
        for line in lines:
            if contains and not contains(line):
                raise _outside_scope(line)
            (
                key,
                day,
                account,
                amount,
                booking,
                line_number,
                period,
                journal,
                document_number,
                relation,
                description,
                foreign,
                currency,
                axes,
                opening,
                version,
            ) = line
            yield (
                mark,
                key,
                dates[day],
                account,
                str(amount),
                booking,
                line_number,
                period,
                journal,
                document_number,
                relation,
                description,
                None if foreign is None else str(foreign),
                currency,
                combinations[axes],
                "t" if opening else "f",
                str(version),
                *behind,
            )


def prepare(connection: Connection) -> None:
    """Fresh stage tables in the open transaction."""
    connection.execute("drop table if exists stage, stage_range, stage_combination, stage_move")
    for table in TABLES:
        database.run(connection, f"books/{table}")


def fill(connection: Connection, rows: Iterable[Row]) -> int:
    """Stream rows into the stage; returns how many there were."""
    copied = copy_rows(connection, "books/copy_stage.sql", rows)
    connection.execute("analyze stage (operation, external_id, booking)")
    return copied


def note_scopes(connection: Connection, delivered: Delivered) -> None:
    """What the delivery replaces, and the sets of axis values that it names."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into stage_range values (%s, %s)",
            [span for scope in delivered.scopes for span in scope.ranges()],
        )
        cursor.executemany(
            "insert into stage_combination values (%s, %s)",
            [(int(number), Jsonb(dict(axes))) for axes, number in delivered.combinations.ordered()],
        )


def _keyed_row(operation: str, *, external_id: str | None = None, booking: str | None = None) -> Row:
    return (operation, external_id, None, None, None, booking, *[None] * 11)


def _outside_scope(line: LedgerLine) -> InconsistentData:
    found = sentence("outside_scope", line=line.external_id, day=line.booking_date)
    return InconsistentData(
        Message("outside_scope"),
        code="outside_scope",
        findings=[Finding("outside_scope", found)],
    )
