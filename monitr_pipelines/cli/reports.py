"""`monitr report`: what came out of the books."""

from datetime import date
from typing import Annotated, Any

import typer

from monitr_pipelines.cli.output import Format, print_rows
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.lifecycle.errors import EntityGone, Refused
from monitr_pipelines.warehouse.server import database

TRIAL_BALANCE = ("account", "name", "opening", "debit", "credit", "closing")
STATEMENT = ("line", "name", "level", "amount", "year_to_date", "prior_year")

EntityKey = Annotated[str, typer.Argument(metavar="ENTITY", help="The entity's key.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="YYYY-MM", help="First month; default: the first.")
]
To = Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month; default: the last.")]
Form = Annotated[Format, typer.Option("--format", help="table, csv or json.")]

report = typer.Typer(no_args_is_help=True, help="Print a report of an entity.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(report, name="report")


@report.command("trial-balance")
def trial_balance(entity: EntityKey, start: From = None, end: To = None, form: Form = Format.TABLE) -> None:
    """Opening, debit, credit and closing of every account; debit positive."""
    prepare()
    rows = trial_balance_rows(entity, start, end)
    print_rows(rows, TRIAL_BALANCE, form, "Trial balance")


@report.command("profit-and-loss")
def profit_and_loss(entity: EntityKey, start: From = None, end: To = None, form: Form = Format.TABLE) -> None:
    """Revenue (+) and costs (-) of the period, of the fiscal year to date, and a year before."""
    prepare()
    print_rows(statement_rows("profit_and_loss", entity, start, end), STATEMENT, form, "Profit and loss")


@report.command("balance-sheet")
def balance_sheet(entity: EntityKey, start: From = None, end: To = None, form: Form = Format.TABLE) -> None:
    """Assets (+), equity and liabilities (-) at the end of the period.

    Year to date is the change since the start of the fiscal year; prior year the balance a year before.
    """
    prepare()
    print_rows(statement_rows("balance_sheet", entity, start, end), STATEMENT, form, "Balance sheet")


def trial_balance_rows(entity: str, start: str | None = None, end: str | None = None) -> list[dict[str, Any]]:
    """The trial balance of a period, by default of the whole ledger."""
    first, last = _period(entity, start, end)
    rows = database.read("report_trial_balance", entity=entity, first=first, last=last)
    return [row | {"closing": row["opening"] + row["debit"] - row["credit"]} for row in rows]


def statement_rows(
    statement: str, entity: str, start: str | None = None, end: str | None = None
) -> list[dict[str, Any]]:
    """The lines of a statement over a period, by default over the whole ledger."""
    first, last = _period(entity, start, end)
    return database.read(f"report_{statement}", entity=entity, first=first, last=last)


def _period(entity: str, start: str | None, end: str | None) -> tuple[date, date]:
    spans = database.read("ledger_span", entity=entity)
    if not spans:
        raise EntityGone(f"There is no entity {entity!r}.", code="unknown_entity")
    if spans[0]["first"] is None:
        raise Refused(f"{entity} has no figures yet. Import its books first: monitr import {entity}")
    try:
        first = Month.parse(start).first_day if start else spans[0]["first"]
        last = Month.parse(end).first_day if end else spans[0]["last"]
    except ValueError as error:
        raise Refused(str(error)) from None
    if not spans[0]["first"] <= first <= last <= spans[0]["last"]:
        known = f"{Month.of(spans[0]['first'])} to {Month.of(spans[0]['last'])}"
        raise Refused(
            f"{Month.of(first)} to {Month.of(last)} is not within the ledger, which runs from {known}."
        )
    return first, last
