"""A delivery on its way into the database: streamed into a temporary table, nothing compared yet."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import psycopg
from psycopg.types.json import Jsonb

from monitr_pipelines.ledger.changes import Change, Delete, Replace, Scope, Upsert, WholeLedger
from monitr_pipelines.ledger.errors import InconsistentData
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse import database
from monitr_pipelines.warehouse.imports import Connection

Row = tuple[str | None, ...]


class _IsoDates(dict[date, str]):
    """Dates as text, each made once: a ledger has few dates and many lines."""

    def __missing__(self, day: date) -> str:
        text = self[day] = day.isoformat()
        return text


class _Numbers(dict[tuple[tuple[str, str], ...], str]):
    """Sets of axis values numbered as they come; 0 stands for none."""

    def __missing__(self, axes: tuple[tuple[str, str], ...]) -> str:
        ordered = tuple(sorted(axes))
        text = self[axes] = self[ordered] if ordered != axes else str(len(self))
        return text

    def ordered(self) -> list[tuple[tuple[tuple[str, str], ...], str]]:
        """Each set once, though lines may name its axes in any order."""
        return [(axes, number) for axes, number in self.items() if axes and axes == tuple(sorted(axes))]


@dataclass
class Stage:
    """What one delivery holds, once it is in the stage."""

    rows: int = 0
    scopes: list[Scope] = field(default_factory=list)
    deletes: bool = False
    combinations: _Numbers = field(default_factory=lambda: _Numbers({(): "0"}))
    dates: _IsoDates = field(default_factory=_IsoDates)


def fill(connection: Connection, changes: Iterable[Change]) -> Stage:
    """Stream changes into fresh stage tables of the open transaction.

    Raises InconsistentData when a line lies outside the scope that it was delivered for.
    """
    stage = Stage()
    connection.execute("drop table if exists stage, stage_range, stage_combination, stage_move")
    for table in ("create_stage", "create_scope", "create_combinations", "create_moves"):
        connection.execute(database.statement(f"loader/{table}.sql"))
    with connection.cursor() as cursor:
        with _text_that_fits(), cursor.copy(database.statement("loader/copy_stage.sql")) as copy:
            write = copy.write_row
            for change in changes:
                for row in _rows(stage, change):
                    write(row)
        stage.rows = cursor.rowcount
        cursor.executemany(
            "insert into stage_range values (%s, %s)",
            [span for scope in stage.scopes for span in scope.ranges()],
        )
        cursor.executemany(
            "insert into stage_combination values (%s, %s)",
            [(int(number), Jsonb(dict(axes))) for axes, number in stage.combinations.ordered()],
        )
    connection.execute("analyze stage (operation, external_id, booking)")
    return stage


@contextmanager
def _text_that_fits() -> Iterator[None]:
    """PostgreSQL stores no NUL characters; say so as a problem of the source."""
    try:
        yield
    except psycopg.DataError as error:
        raise InconsistentData(
            "The source gave text or numbers that cannot be stored. Nothing was changed.",
            code="unfit_lines",
            findings=[Finding("unfit_line", str(error).splitlines()[0])],
        ) from None


def _rows(stage: Stage, change: Change) -> Iterator[Row]:
    match change:
        case Upsert(lines):
            yield from _line_rows(stage, lines, None)
        case Delete(keys):
            stage.deletes = True
            yield from (_keyed_row("d", external_id=key) for key in keys)
        case Replace(scope, lines):
            stage.scopes.append(scope)
            limit = None if isinstance(scope, WholeLedger) else scope.contains
            yield from _line_rows(stage, lines, limit)
            yield from (_keyed_row("b", booking=key) for key in scope.bookings())


def _line_rows(
    stage: Stage, lines: Iterable[LedgerLine], contains: Callable[[LedgerLine], bool] | None
) -> Iterator[Row]:
    """Lines as rows of text. The fields are unpacked at once: by name, each would cost a look-up."""
    dates, combinations = stage.dates, stage.combinations
    for line in lines:
        if contains and not contains(line):
            raise _outside_scope(line)
        key, day, account, amount, *texts, foreign, currency, axes, opening, version = line
        yield (
            "l",
            key,
            dates[day],
            account,
            str(amount),
            *texts,
            None if foreign is None else str(foreign),
            currency,
            combinations[axes],
            "t" if opening else "f",
            str(version),
        )


def _keyed_row(operation: str, *, external_id: str | None = None, booking: str | None = None) -> Row:
    return (operation, external_id, None, None, None, booking, *[None] * 11)


def _outside_scope(line: LedgerLine) -> InconsistentData:
    found = f"line {line.external_id} of {line.booking_date} lies outside the part that was asked for"
    return InconsistentData(
        "The accounting software answered with lines that were not asked for. Nothing was changed.",
        code="outside_scope",
        findings=[Finding("outside_scope", found)],
    )
