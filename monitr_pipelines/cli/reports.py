"""`monitr report`: what came out of the books."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

import typer

from monitr_pipelines.cli.output import Format, print_rows, say
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.lifecycle.errors import EntityGone, Refused
from monitr_pipelines.reports.asking import UnknownAxis, UnknownEntity, find
from monitr_pipelines.reports.axis import MOST_VALUES, read_profit_by_values, values_of
from monitr_pipelines.reports.beyond import AnyPeriod, lines_of_period, trial_balance_of_period
from monitr_pipelines.reports.columns import Column, Span
from monitr_pipelines.reports.reading import reading
from monitr_pipelines.reports.statement import Kind, Statement
from monitr_pipelines.reports.trial_balance import RESULT_CARRIED_FORWARD
from monitr_pipelines.reports.words import (
    BEYOND,
    CARRIED_FORWARD,
    COLUMNS,
    OTHER_VALUES,
    TITLES,
    TOTAL,
    WITHOUT_VALUE,
    Language,
)
from monitr_pipelines.warehouse.server.database import Connection

TRIAL_BALANCE = ("account", "name", "opening", "debit", "credit", "closing")
AFTER_CLOSING = "after_closing"
STATEMENT = ("line", "name", "level", "amount", "year_to_date", "prior_year")
HELP: Mapping[str, str] = {
    Kind.PROFIT_AND_LOSS: "Revenue (+) and costs (-) of the period, of the fiscal year to date, and a year "
    "before.",
    Kind.BALANCE_SHEET: "Assets (+), equity and liabilities (-) at the end of the period.\n\n"
    "Year to date is the change since the start of the fiscal year; prior year the balance a year before.",
    Kind.CASH_FLOW: "Cash that came in (+) and went out (-), and how much there was before and after.",
}

EntityKey = Annotated[str, typer.Argument(metavar="ENTITY", help="The entity's key.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="YYYY-MM", help="First month; default: the first.")
]
To = Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month; default: the last.")]
Form = Annotated[Format, typer.Option("--format", help="table, csv or json.")]
Words = Annotated[Language, typer.Option("--language", help="Of names and headings: en, nl or fr.")]
Rows = list[dict[str, Any]]

report = typer.Typer(no_args_is_help=True, help="Print a report of an entity.")


@dataclass(frozen=True)
class Printed:
    """A report of a period, and how it is wanted."""

    asked: AnyPeriod
    name: str
    form: Format
    language: Language

    @property
    def title(self) -> str:
        """What stands above a report: its name, the company, the period, the currency."""
        span, standing = self.asked.span, self.asked.standing
        months = str(span.last) if span.first == span.last else f"{span.first}..{span.last}"
        name = TITLES[self.name][self.language]
        return f"{name} · {standing.name} ({standing.key}) · {months} · {standing.currency}"

    def show(self, rows: Rows, columns: Sequence[str]) -> None:
        """Print its rows, and say where the books have less than was asked for."""
        books = self.asked.published
        if self.asked.is_beyond:
            say(BEYOND[self.language].format(first=books.first, last=books.last))
        heads = {name: words[self.language] for name, words in COLUMNS.items()}
        print_rows(rows, columns, self.form, self.title, heads)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(report, name="report")


@report.command("trial-balance")
def trial_balance(
    entity: EntityKey,
    start: From = None,
    end: To = None,
    form: Form = Format.TABLE,
    language: Words = Language.EN,
) -> None:
    """Opening, debit, credit and closing of every account; debit positive.

    Where the fiscal year that the period ends with was closed, the balances after that stand beside them.
    """
    prepare()
    with reading() as connection:
        asked = _asked(connection, entity, start, end)
        rows = _trial_balance(connection, asked, language)
    is_closed = any(row[AFTER_CLOSING] != row["closing"] for row in rows)
    columns = (*TRIAL_BALANCE, AFTER_CLOSING) if is_closed else TRIAL_BALANCE
    if form is Format.TABLE:
        rows.append(_total(rows, columns, language))
    Printed(asked, "trial_balance", form, language).show(rows, columns)


def _command_of(kind: Kind) -> Callable[..., None]:
    def command(
        entity: EntityKey,
        start: From = None,
        end: To = None,
        form: Form = Format.TABLE,
        language: Words = Language.EN,
    ) -> None:
        prepare()
        with reading() as connection:
            asked = _asked(connection, entity, start, end)
            rows = _statement(connection, asked, kind, language)
        Printed(asked, kind, form, language).show(rows, STATEMENT)

    return command


@report.command("profit-and-loss", help=HELP[Kind.PROFIT_AND_LOSS])
def profit_and_loss(
    entity: EntityKey,
    start: From = None,
    end: To = None,
    axis: Annotated[
        str | None, typer.Option("--axis", help="A column for each value of this analytical axis.")
    ] = None,
    form: Form = Format.TABLE,
    language: Words = Language.EN,
) -> None:
    """Print profit and loss, perhaps by the values of an axis."""
    if axis is None:
        _command_of(Kind.PROFIT_AND_LOSS)(entity, start, end, form, language)
        return
    prepare()
    with reading() as connection:
        asked = _asked(connection, entity, start, end)
        found = _by_values(connection, asked, axis)
    heads = [_head(column, axis, language) for column in found.columns]
    rows = [
        {"line": row.line, "name": row.names[language], "level": row.level}
        | dict(zip(heads, (cell.amount for cell in row.cells), strict=True))
        | {TOTAL[language]: row.total.amount if row.total else None}
        for row in found.rows
    ]
    columns = ("line", "name", "level", *heads, TOTAL[language])
    Printed(asked, Kind.PROFIT_AND_LOSS, form, language).show(rows, columns)


def _by_values(connection: Connection, asked: AnyPeriod, axis: str) -> Statement:
    """Profit and loss by the values of an axis, of the months that the books have."""
    books = asked.published
    if asked.span.first > books.last or asked.span.last < books.first:
        raise Refused(f"The books run from {books.first} to {books.last}: nothing of that period is in them.")
    period = Span(max(asked.span.first, books.first), min(asked.span.last, books.last))
    try:
        values = values_of(connection, asked.standing, axis, MOST_VALUES)
    except UnknownAxis as problem:
        raise Refused(str(problem), code="bad_value") from None
    return read_profit_by_values(connection, asked.standing, books, values, period=period)


def _head(column: Column, axis: str, language: Language) -> str:
    """What stands above a value: the axis and its code, which no other column has."""
    code = column.value.value if column.value else None
    if code is None:
        return OTHER_VALUES[language]
    return f"{axis} {code}" if code else WITHOUT_VALUE[language]


for _kind in (Kind.BALANCE_SHEET, Kind.CASH_FLOW):
    report.command(_kind.replace("_", "-"), help=HELP.get(_kind))(_command_of(_kind))


def trial_balance_rows(entity: str, start: str | None = None, end: str | None = None) -> Rows:
    """The trial balance of a period, by default of the whole ledger."""
    with reading() as connection:
        return _trial_balance(connection, _asked(connection, entity, start, end), Language.EN)


def statement_rows(
    statement: str,
    entity: str,
    start: str | None = None,
    end: str | None = None,
    language: Language = Language.EN,
) -> Rows:
    """The lines of a statement over a period, by default over the whole ledger."""
    with reading() as connection:
        return _statement(connection, _asked(connection, entity, start, end), Kind(statement), language)


def _trial_balance(connection: Connection, asked: AnyPeriod, language: Language) -> Rows:
    row = connection.execute(
        "select result_account from app.entity where id = %s", [asked.standing.entity_id]
    ).fetchone()
    result_account = row["result_account"] if row else None
    rows = [vars(each) for each in trial_balance_of_period(connection, asked, result_account)]
    carried = {"name": CARRIED_FORWARD[language]}
    return [each | carried if each["account"] == RESULT_CARRIED_FORWARD else each for each in rows]


def _statement(connection: Connection, asked: AnyPeriod, kind: Kind, language: Language) -> Rows:
    return [{**vars(each), "name": each.names[language]} for each in lines_of_period(connection, asked, kind)]


def _total(rows: Rows, columns: Sequence[str], language: Language) -> dict[str, Any]:
    sums: dict[str, Decimal] = {name: sum((row[name] for row in rows), ZERO) for name in columns[2:]}
    return {"account": TOTAL[language], "name": "", **sums}


def _asked(connection: Connection, entity: str, start: str | None, end: str | None) -> AnyPeriod:
    try:
        standing = find(connection, entity)
    except UnknownEntity as problem:
        raise EntityGone(str(problem), code="unknown_entity") from None
    books = standing.published
    if books is None:
        raise Refused(f"{entity} has no figures yet. Import its books first: monitr import {entity}")
    try:
        first = Month.parse(start) if start else None
        last = Month.parse(end) if end else None
    except ValueError as error:
        raise Refused(str(error)) from None
    first = first or (min(books.first, last) if last else books.first)
    last = last or max(books.last, first)
    if last < first:
        raise Refused(f"The period ends ({last}) before it starts ({first}).")
    return AnyPeriod(standing, books, Span(first, last))
