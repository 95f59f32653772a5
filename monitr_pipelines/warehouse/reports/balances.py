"""The balances of an entity, made from its ledger: month balances, its fiscal months and the trial balance.

Where the loader noted which month balances changed since the published ones, those alone are made anew. What
they add up to, month by month, tells whether all others are as they were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg.rows import DictRow

from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month
from monitr_pipelines.ledger.segments import ledger_months
from monitr_pipelines.ledger.turns.lines import Doubt
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.reports.turns import refresh_months, refresh_roles
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.mirror import Mirror

BALANCE_MONTH = Mirror(
    "marts.balance_month",
    "reports/balance_month.sql",
    ("account_code", "month", "axis_combination", "opening", "closing"),
    ("debit", "credit", "lines"),
)
CHANGED_BALANCES = Mirror(
    BALANCE_MONTH.table,
    "reports/changed_balances.sql",
    BALANCE_MONTH.keys,
    BALANCE_MONTH.values,
    rows="reports/changed_rows.sql",
)
FISCAL_MONTH = Mirror(
    "mapped.fiscal_month",
    "reports/fiscal_month.sql",
    ("month",),
    ("fiscal_year_start", "segment_start"),
    stamped=False,
)
TRIAL_BALANCE = Mirror(
    "marts.trial_balance",
    "reports/trial_balance.sql",
    ("account_code", "month"),
    ("opening", "opening_difference", "debit", "credit", "closing", "closing_entries"),
)
SUMS = ("balances", "debit", "credit", "lines")


@dataclass(frozen=True)
class Balances:
    """What was made of a ledger: what its balances add up to, and what only the accountant can judge."""

    sums: Sequence[DictRow]
    doubts: list[Doubt]

    def proof(self) -> dict[str, Any]:
        """What `proof_of_lines.sql` compares with: all of it, and what moved in each month."""
        moved = [row for row in self.sums if not (row["opening"] or row["closing"])]
        return {
            "balance": sum((row["debit"] - row["credit"] for row in self.sums), Decimal()),
            "lines": sum(row["lines"] for row in self.sums),
            "months": [row["month"] for row in moved],
            "debits": [row["debit"] for row in moved],
            "credits": [row["credit"] for row in moved],
        }


def balance(connection: Connection, claimed: Claim, calendar: FiscalCalendar, *, noted: bool) -> Balances:
    """Everything that is read from the ledger: what turns its years, and the balances of all months.

    `noted`: whether the published balances are those of this programme, so that changes which were noted
    since then are all there are.
    """
    parameters = {"entity_id": claimed.entity_id, "import_id": claimed.import_id}
    database.run(connection, "reports/create_sums", **parameters)
    told = database.run(connection, "reports/months_with_lines").fetchall()
    years = {(month := Month.of(row["month"])): calendar.year_of(month) for row in told}
    noted = noted and not any(_which_changed(connection, claimed).values())
    doubts = _turn(connection, claimed.entity_id, years)
    noted = noted and not any(_which_changed(connection, claimed).values())
    sums = _refresh(connection, parameters, told, noted=noted)
    database.run(connection, "reports/forget_changes", **parameters)
    _write_fiscal_months(connection, claimed.entity_id, sums, calendar)
    TRIAL_BALANCE.refresh(connection, parameters)
    return Balances(sums, doubts)


def _which_changed(connection: Connection, claimed: Claim) -> Mapping[str, bool]:
    row = database.run(connection, "reports/which_changed", entity_id=claimed.entity_id).fetchone()
    return row or {}


def _turn(connection: Connection, entity_id: int, years: Mapping[Month, FiscalYear]) -> list[Doubt]:
    doubts = refresh_roles(connection, entity_id, years)
    refresh_months(connection, entity_id, years)
    database.run(connection, "reports/create_turned", entity_id=entity_id)
    return doubts


def _refresh(
    connection: Connection, parameters: Mapping[str, int], told: Sequence[DictRow], *, noted: bool
) -> Sequence[DictRow]:
    """Make the month balances, those that were noted or all of them; returns what they add up to."""
    if noted:
        CHANGED_BALANCES.refresh(connection, parameters)
        sums = _add_up(connection, parameters)
        if _by_month(sums) == _by_month(told):
            return sums
    BALANCE_MONTH.refresh(connection, parameters)
    return _add_up(connection, parameters)


def _add_up(connection: Connection, parameters: Mapping[str, int]) -> Sequence[DictRow]:
    return database.run(connection, "reports/months_of_balances", **parameters).fetchall()


def _by_month(rows: Sequence[DictRow]) -> dict[date, list[Decimal]]:
    months: dict[date, list[Decimal]] = {}
    for row in rows:
        total = months.setdefault(row["month"], [Decimal()] * len(SUMS))
        months[row["month"]] = [before + row[name] for before, name in zip(total, SUMS, strict=True)]
    return months


def _write_fiscal_months(
    connection: Connection, entity_id: int, sums: Sequence[DictRow], calendar: FiscalCalendar
) -> None:
    openings: dict[Month, bool] = {}
    for row in sums:
        month = Month.of(row["month"])
        openings[month] = openings.get(month, False) or row["opening"]
    months = ledger_months(openings, calendar)
    FISCAL_MONTH.refresh(
        connection,
        {
            "entity_id": entity_id,
            "months": [month.month.first_day for month in months],
            "years": [month.year.start for month in months],
            "segments": [month.segment.start for month in months],
        },
    )
