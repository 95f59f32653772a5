"""Transaction lines, the log of deleted rows, and the balances that are made from lines."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.emulators.exact.divisions import (
    Divisions,
    code_of,
    row_version,
    version_before,
)
from monitr_pipelines.emulators.exact.forms import (
    calendar_date,
    double,
    guid,
    guid_or_none,
    padded,
)
from monitr_pipelines.emulators.shared.books import fiscal_year_start
from monitr_pipelines.emulators.shared.records import (
    WHOLE,
    Company,
    Entry,
    Journal,
    Line,
    Stamp,
    State,
    Value,
)
from monitr_pipelines.ledger.records import AccountType

Row = dict[str, object]

# The type of a line by the kind of its journal, and whether its entries are processed as they are booked:
# those that are not stay open (20), in the ledger all the same.
TYPES = {"Z": 10, "S": 20, "P": 30, "B": 40}
OTHER_TYPE = 90
OPEN, PROCESSED = 20, 50
PROCESSED_KINDS = "SP"
# How long the log of deleted rows is kept, and its numbers of tables.
LOG_LIFE = timedelta(days=61)
DELETED_LINE, DELETED_ACCOUNT = 1, 7
RATE = Decimal("0.000001")
NOT_A_DIGIT = re.compile(r"\D")
LARGEST_NUMBER = 2**31 - 1


class NotShown(ValueError):
    """The books hold what this software has no form for."""


class Cell(NamedTuple):
    """What balances are summed by; a cost centre or cost unit of 0 is none."""

    account: int
    year: int
    period: int
    centre: int
    unit: int
    status: int
    type: int


@dataclass(frozen=True)
class Codes:
    """The one cost centre, cost unit and project of a line."""

    centre: Value | None = None
    unit: Value | None = None
    project: Value | None = None


@dataclass(frozen=True)
class Lines:
    """The rows of a division that come from its entries. Only what is posted is in the ledger."""

    divisions: Divisions
    _balances: dict[int, tuple[int, list[Row]]] = field(default_factory=dict, repr=False)

    def changed(self, company: Company, after: int) -> Iterator[Row]:
        """Transaction lines above a row version, in the order of their versions."""
        for entry, line in self.divisions.books.lines_changed(version_before(company, after)):
            if entry.company != company.id or entry.state is not State.POSTED or line.account is None:
                continue
            number = entry.lines.index(line)
            if row_version(company, line.stamp, number) > after:
                yield self._line(company, entry, line, number)

    def deleted(self, company: Company, after: int) -> Iterator[Row]:
        """The log of deleted rows above a row version, in the order of their versions.

        Entries that went back to drafts or were cancelled are no longer in the ledger: they are in it too.
        """
        horizon = self.divisions.books.clock.microseconds() - LOG_LIFE // timedelta(microseconds=1)
        logged = sorted(self._gone(company), key=lambda each: (each[0].version, each[2]))
        ordinals: dict[int, int] = {}
        for stamp, kind, number in logged:
            ordinal = ordinals[stamp.version] = ordinals.get(stamp.version, -1) + 1
            timestamp = row_version(company, stamp, ordinal)
            if timestamp > after and stamp.time >= horizon:
                yield {
                    "Timestamp": timestamp,
                    "ID": guid("deletion", timestamp),
                    "Division": code_of(company.id),
                    "EntityType": DELETED_LINE if kind == "line" else DELETED_ACCOUNT,
                    "EntityKey": guid(kind, number),
                    "DeletedBy": guid("user", 1),
                    "DeletedDate": self.divisions.written(company, stamp),
                }

    def balances(self, company: Company, _: int) -> list[Row]:
        """Sums of lines by account, period, cost centre, cost unit, status and type."""
        revision = self.divisions.books.revision
        made_at, rows = self._balances.get(company.id, (None, []))
        if made_at != revision:
            rows = self._sums(company)
            self._balances[company.id] = (revision, rows)
        return rows

    def _sums(self, company: Company) -> list[Row]:
        sums: dict[Cell, list[int]] = {}
        for entry in self.divisions.books.company_entries(company.id):
            if entry.state is not State.POSTED:
                continue
            journal = self.divisions.books.journals[entry.journal]
            year, period = period_of(company, entry.day)
            for line in entry.lines:
                if line.account is None:
                    continue
                codes = self._codes(line)
                centre, unit = (value.id if value else 0 for value in (codes.centre, codes.unit))
                cell = Cell(line.account, year, period, centre, unit, status_of(journal), type_of(journal))
                held = sums.setdefault(cell, [0, 0, 0])
                held[0 if line.amount >= 0 else 1] += abs(line.amount)
                held[2] += 1
        return [
            self._balance(company, number, cell, held)
            for number, (cell, held) in enumerate(sorted(sums.items()), start=1)
        ]

    def _gone(self, company: Company) -> Iterable[tuple[Stamp, str, int]]:
        books = self.divisions.books
        for each in books.gone:
            if each.company == company.id and each.kind in ("line", "account"):
                yield each.stamp, each.kind, each.id
        for entry in books.company_entries(company.id):
            if entry.state is not State.POSTED and entry.stamp != entry.created:
                yield from ((line.stamp, "line", line.id) for line in entry.lines)

    def _line(self, company: Company, entry: Entry, line: Line, number: int) -> Row:
        books, codes = self.divisions.books, self._codes(line)
        account = books.accounts[line.account or 0]
        journal = books.journals[entry.journal]
        relation = books.relations.get(line.relation or 0)
        year, period = period_of(company, entry.day)
        foreign = line.amount if line.foreign is None else line.foreign
        return {
            "Timestamp": row_version(company, line.stamp, number),
            "ID": guid("line", line.id),
            "Division": code_of(company.id),
            "EntryID": guid("entry", entry.id),
            "EntryNumber": entry_number(entry),
            "LineNumber": number,
            "LineType": 0,
            "Date": calendar_date(entry.day),
            "FinancialYear": year,
            "FinancialPeriod": period,
            "JournalCode": journal.code,
            "JournalDescription": journal.name,
            "Type": type_of(journal),
            "Status": status_of(journal),
            "GLAccount": guid("account", account.id),
            "GLAccountCode": account.code,
            "GLAccountDescription": account.name,
            "AmountDC": double(line.amount),
            "AmountFC": double(foreign),
            "Currency": line.currency or company.currency,
            "ExchangeRate": exchange_rate(line.amount, foreign),
            "AmountVATBaseFC": 0,
            "AmountVATFC": 0,
            "Description": line.text or None,
            "YourRef": entry.reference or None,
            "Account": guid_or_none("relation", line.relation),
            "AccountCode": padded(relation.code) if relation else None,
            "AccountName": relation.name if relation else None,
            "CostCenter": codes.centre.code if codes.centre else None,
            "CostCenterDescription": codes.centre.name if codes.centre else None,
            "CostUnit": codes.unit.code if codes.unit else None,
            "CostUnitDescription": codes.unit.name if codes.unit else None,
            "Project": guid("value", codes.project.id) if codes.project else None,
            "ProjectCode": codes.project.code if codes.project else None,
            "ProjectDescription": codes.project.name if codes.project else None,
            "Created": self.divisions.written(company, entry.created),
            "Creator": guid("user", 1),
            "CreatorFullName": "Emulated User",
            "Modified": self.divisions.written(company, line.stamp),
            "Modifier": guid("user", 1),
            "ModifierFullName": "Emulated User",
        }

    def _codes(self, line: Line) -> Codes:
        """The values of a line.

        Raises:
            NotShown: It is divided, or has two values of an axis: this software has no such lines.
        """
        values = [self.divisions.books.values[value] for share in line.shares for value in share.values]
        by_axis = {value.axis: value for value in values}
        if len(by_axis) < len(values) or any(share.percent != WHOLE for share in line.shares):
            raise NotShown(f"line {line.id} is divided over values of an axis")
        return Codes(*(by_axis.get(axis.id) if axis else None for axis in self.divisions.axes()))

    def _balance(self, company: Company, number: int, cell: Cell, held: list[int]) -> Row:
        books, (debit, credit, count) = self.divisions.books, held
        account = books.accounts[cell.account]
        centre, unit = books.values.get(cell.centre), books.values.get(cell.unit)
        return {
            "ID": number,
            "Division": code_of(company.id),
            "GLAccount": guid("account", account.id),
            "GLAccountCode": account.code,
            "GLAccountDescription": account.name,
            "BalanceType": balance_type(account.type),
            "ReportingYear": cell.year,
            "ReportingPeriod": cell.period,
            "CostCenterCode": centre.code if centre else None,
            "CostCenterDescription": centre.name if centre else None,
            "CostUnitCode": unit.code if unit else None,
            "CostUnitDescription": unit.name if unit else None,
            "Amount": double(debit - credit),
            "AmountDebit": double(debit),
            "AmountCredit": double(credit),
            "Count": count,
            "Status": cell.status,
            "Type": cell.type,
        }


def period_of(company: Company, day: date) -> tuple[int, int]:
    """The fiscal year, named by the calendar year in which it ends, and the month in it."""
    start = fiscal_year_start(company.fiscal_year_start, day)
    months = (day.year - start.year) * 12 + day.month - start.month
    return start.year + (company.fiscal_year_start > 1), months + 1


def type_of(journal: Journal) -> int:
    """The type of the lines of a journal."""
    return TYPES.get(journal.kind, OTHER_TYPE)


def status_of(journal: Journal) -> int:
    """The status of the entries of a journal."""
    return PROCESSED if journal.kind in PROCESSED_KINDS else OPEN


def balance_type(kind: AccountType) -> str:
    """`B` for the balance sheet, `W` for profit and loss."""
    return "B" if kind is AccountType.BALANCE_SHEET else "W"


def entry_number(entry: Entry) -> int:
    """The digits of an entry's number: two journals may have the same."""
    number = int(NOT_A_DIGIT.sub("", entry.number) or "0")
    return number if 0 < number <= LARGEST_NUMBER else entry.id


def exchange_rate(amount: int, foreign: int) -> Decimal | int:
    """What a unit of the foreign currency is worth."""
    if amount == foreign or not foreign:
        return 1
    return (Decimal(amount) / foreign).quantize(RATE).normalize()
