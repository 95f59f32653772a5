"""`monitr report`: what came out of the books."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import typer

from monitr_pipelines.cli.output import Format, print_rows, say
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.lifecycle.errors import EntityGone, Refused
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server import database

TRIAL_BALANCE = ("account", "name", "opening", "debit", "credit", "closing")
AFTER_CLOSING = "after_closing"
STATEMENT = ("line", "name", "level", "amount", "year_to_date", "prior_year")
CARRIED_FORWARD = "(result)"


class Language(StrEnum):
    """The languages of report lines."""

    EN = "en"
    NL = "nl"
    FR = "fr"


TITLES: Mapping[str, Mapping[Language, str]] = {
    "trial_balance": {
        Language.EN: "Trial balance",
        Language.NL: "Proef- en saldibalans",
        Language.FR: "Balance générale",
    },
    "profit_and_loss": {
        Language.EN: "Profit and loss",
        Language.NL: "Resultatenrekening",
        Language.FR: "Compte de résultat",
    },
    "balance_sheet": {Language.EN: "Balance sheet", Language.NL: "Balans", Language.FR: "Bilan"},
}
TOTAL: Mapping[Language, str] = {Language.EN: "Total", Language.NL: "Totaal", Language.FR: "Total"}
BEYOND: Mapping[Language, str] = {
    Language.EN: "The ledger runs from {first} to {last}: nothing is booked outside it, and balances after "
    "it are those of {last}.",
    Language.NL: "Het grootboek loopt van {first} tot en met {last}: daarbuiten is niets geboekt, en saldi "
    "erna zijn die van {last}.",
    Language.FR: "Le grand livre va de {first} à {last} : rien n'est comptabilisé en dehors, et les soldes "
    "qui suivent sont ceux de {last}.",
}

EntityKey = Annotated[str, typer.Argument(metavar="ENTITY", help="The entity's key.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="YYYY-MM", help="First month; default: the first.")
]
To = Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month; default: the last.")]
Form = Annotated[Format, typer.Option("--format", help="table, csv or json.")]
Words = Annotated[Language, typer.Option("--language", help="Of report lines: en, nl or fr.")]

report = typer.Typer(no_args_is_help=True, help="Print a report of an entity.")


@dataclass(frozen=True)
class Period:
    """What is asked of an entity's ledger, which has bookings from `ledger_first` to `ledger_last`."""

    entity: str
    name: str
    currency: str
    result_account: str
    calendar: FiscalCalendar
    first: Month
    last: Month
    ledger_first: Month
    ledger_last: Month

    @property
    def position(self) -> Month:
        """The month whose balances are those at the end of the period."""
        return min(self.last, self.ledger_last)

    @property
    def is_beyond(self) -> bool:
        """Whether months are asked for that the ledger does not have."""
        return self.first < self.ledger_first or self.last > self.ledger_last

    @property
    def is_after(self) -> bool:
        """Whether the whole period is later than the last booking."""
        return self.first > self.ledger_last

    def is_year_of(self, month: Month, other: Month) -> bool:
        """Whether two months are of one fiscal year."""
        return self.calendar.year_of(month) == self.calendar.year_of(other)

    def title(self, report_name: str, language: Language) -> str:
        """What stands above a report: its name, the company, the period, the currency."""
        months = str(self.last) if self.first == self.last else f"{self.first}..{self.last}"
        return f"{TITLES[report_name][language]} · {self.name} ({self.entity}) · {months} · {self.currency}"


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
    period = _period(entity, start, end)
    rows = _trial_balance(period)
    is_closed = any(row[AFTER_CLOSING] != row["closing"] for row in rows)
    columns = (*TRIAL_BALANCE, AFTER_CLOSING) if is_closed else TRIAL_BALANCE
    if form is Format.TABLE:
        rows.append(_total(rows, columns, language))
    _print(period, "trial_balance", rows, columns, form, language)


@report.command("profit-and-loss")
def profit_and_loss(
    entity: EntityKey,
    start: From = None,
    end: To = None,
    form: Form = Format.TABLE,
    language: Words = Language.EN,
) -> None:
    """Revenue (+) and costs (-) of the period, of the fiscal year to date, and a year before."""
    _print_statement("profit_and_loss", entity, start, end, form, language)


@report.command("balance-sheet")
def balance_sheet(
    entity: EntityKey,
    start: From = None,
    end: To = None,
    form: Form = Format.TABLE,
    language: Words = Language.EN,
) -> None:
    """Assets (+), equity and liabilities (-) at the end of the period.

    Year to date is the change since the start of the fiscal year; prior year the balance a year before.
    """
    _print_statement("balance_sheet", entity, start, end, form, language)


def trial_balance_rows(entity: str, start: str | None = None, end: str | None = None) -> list[dict[str, Any]]:
    """The trial balance of a period, by default of the whole ledger."""
    return _trial_balance(_period(entity, start, end))


def statement_rows(
    statement: str,
    entity: str,
    start: str | None = None,
    end: str | None = None,
    language: Language = Language.EN,
) -> list[dict[str, Any]]:
    """The lines of a statement over a period, by default over the whole ledger."""
    return _statement(statement, _period(entity, start, end), language)


def _print_statement(
    statement: str, entity: str, start: str | None, end: str | None, form: Format, language: Language
) -> None:
    prepare()
    period = _period(entity, start, end)
    _print(period, statement, _statement(statement, period, language), STATEMENT, form, language)


def _print(
    period: Period,
    report_name: str,
    rows: list[dict[str, Any]],
    columns: tuple[str, ...],
    form: Format,
    language: Language,
) -> None:
    if period.is_beyond:
        say(BEYOND[language].format(first=period.ledger_first, last=period.ledger_last))
    print_rows(rows, columns, form, period.title(report_name, language))


def _trial_balance(period: Period) -> list[dict[str, Any]]:
    first = period.ledger_last if period.is_after else period.first
    rows = database.read(
        "report_trial_balance",
        entity=period.entity,
        first=max(first, period.ledger_first).first_day,
        last=period.last.first_day,
    )
    for row in rows:
        row["closing"] = row["opening"] + row["debit"] - row["credit"]
        row[AFTER_CLOSING] = row["closing"] + row.pop("closing_entries")
    return _carried(period, rows) if period.is_after else rows


def _carried(period: Period, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Balances of the ledger's end in a later period; in a later fiscal year the result is carried over."""
    still = {row["account"]: row | {"opening": row["closing"], "debit": ZERO, "credit": ZERO} for row in rows}
    if not period.is_year_of(period.first, period.ledger_last):
        results = [account for account, row in still.items() if row["type"] == "profit_and_loss"]
        result = sum((still.pop(account)["closing"] for account in results), ZERO)
        account = period.result_account
        none = {"account": account, "name": account, "opening": ZERO, "debit": ZERO, "credit": ZERO}
        row = still.get(account, none)
        still[account] = row | {"opening": row["opening"] + result, "closing": row["opening"] + result}
    rows = [still[account] for account in sorted(still) if still[account]["closing"]]
    return [row | {AFTER_CLOSING: row["closing"]} for row in rows]


def _statement(statement: str, period: Period, language: Language) -> list[dict[str, Any]]:
    year_before = period.last.plus(-12)
    if statement == "balance_sheet":
        rows = database.read(
            "report_balance_sheet",
            entity=period.entity,
            language=language,
            last=period.position.first_day,
            prior=min(year_before, period.ledger_last).first_day,
        )
        started_since = period.is_year_of(period.last, period.position)
        return rows if started_since else [row | {"year_to_date": ZERO} for row in rows]
    runs_on = period.is_year_of(period.last, period.position)
    return database.read(
        "report_profit_and_loss",
        entity=period.entity,
        language=language,
        first=period.first.first_day,
        last=period.last.first_day,
        position=period.position.first_day if runs_on else None,
        prior_first=period.first.plus(-12).first_day,
        prior_last=year_before.first_day,
    )


def _total(rows: list[dict[str, Any]], columns: tuple[str, ...], language: Language) -> dict[str, Any]:
    sums: dict[str, Decimal] = {name: sum((row[name] for row in rows), ZERO) for name in columns[2:]}
    return {"account": TOTAL[language], "name": "", **sums}


def _period(entity: str, start: str | None, end: str | None) -> Period:
    spans = database.read("ledger_span", entity=entity)
    if not spans:
        raise EntityGone(f"There is no entity {entity!r}.", code="unknown_entity")
    span = spans[0]
    if span["first"] is None:
        raise Refused(f"{entity} has no figures yet. Import its books first: monitr import {entity}")
    ledger_first, ledger_last = Month.of(span["first"]), Month.of(span["last"])
    try:
        first = Month.parse(start) if start else None
        last = Month.parse(end) if end else None
    except ValueError as error:
        raise Refused(str(error)) from None
    first = first or (min(ledger_first, last) if last else ledger_first)
    last = last or max(ledger_last, first)
    if last < first:
        raise Refused(f"The period ends ({last}) before it starts ({first}).")
    with database.connect(autocommit=True) as connection:
        calendar = entities.find(connection, entity).calendar
    return Period(
        entity,
        span["name"],
        span["currency"],
        span["result_account"] or CARRIED_FORWARD,
        calendar,
        first,
        last,
        ledger_first,
        ledger_last,
    )
