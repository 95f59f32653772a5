"""The trial balance report: movements of the month and balances of the year, a section for each class.

Results of earlier financial years stand on retained earnings, so that the whole adds up to nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitr_pipelines.emulators.shared.books import SharedBooks, fiscal_year_start
from monitr_pipelines.emulators.shared.records import Account, Company, money
from monitr_pipelines.emulators.xero import chart
from monitr_pipelines.emulators.xero.conditions import Row
from monitr_pipelines.emulators.xero.forms import BadRequest, Dates, guid
from monitr_pipelines.emulators.xero.masters import Masters
from monitr_pipelines.ledger.records import AccountType

HEADINGS = ("Account", "Debit", "Credit", "YTD Debit", "YTD Credit")
SECTIONS = {
    "REVENUE": "Revenue",
    "EXPENSE": "Expenses",
    "ASSET": "Assets",
    "LIABILITY": "Liabilities",
    "EQUITY": "Equity",
}
DEBIT_BY_NATURE = ("EXPENSE", "ASSET")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Balance:
    """Cents of an account, debit positive: of the month, and so far."""

    id: int
    title: str
    group: str
    month: int
    ever: int


@dataclass(frozen=True)
class TrialBalance:
    """Makes the report of an organisation."""

    books: SharedBooks
    masters: Masters

    def report(self, company: Company, query: Mapping[str, str]) -> list[Row]:
        """The report at the end of a day, today where none is given.

        Raises:
            BadRequest: The date has another form.
        """
        at = self._day(query.get("date"))
        balances = self._balances(company, at)
        rows: list[Row] = [{"RowType": "Header", "Cells": [{"Value": heading} for heading in HEADINGS]}]
        for group, title in SECTIONS.items():
            section = [_row(company, each) for each in balances if each.group == group]
            if section:
                rows.append({"RowType": "Section", "Title": title, "Rows": section})
        total: Row = {
            "RowType": "SummaryRow",
            "Cells": [{"Value": text} for text in ("Total", *_totals(balances))],
        }
        rows.append({"RowType": "Section", "Title": "", "Rows": [total]})
        shown = f"{at.day} {at:%B %Y}"
        return [
            {
                "ReportID": "TrialBalance",
                "ReportName": "Trial Balance",
                "ReportType": "TrialBalance",
                "ReportTitles": ["Trial Balance", company.name, f"As at {shown}"],
                "ReportDate": shown,
                "UpdatedDateUTC": Dates().stamp(self.books.clock.microseconds()),
                "Fields": [],
                "Rows": rows,
            }
        ]

    def _day(self, text: str | None) -> date:
        if text is None:
            return self.books.clock.now().date()
        try:
            return date.fromisoformat(text)
        except ValueError as bad:
            raise BadRequest("ValidationException", f"The date {text[:40]!r} is not a day.") from bad

    def _balances(self, company: Company, at: date) -> list[_Balance]:
        began = fiscal_year_start(company.fiscal_year_start, at)
        month = self.books.movements(company.id, at.replace(day=1), at)
        ever = self.books.movements(company.id, None, at)
        earlier = self.books.movements(company.id, None, began - DAY)
        carried = 0
        for each in self.books.accounts.values():
            if each.type is AccountType.PROFIT_AND_LOSS:
                ever[each.id] -= earlier[each.id]
                carried += earlier[each.id]
        retained = self.masters.retained(company.id)
        ever[retained] += carried
        found = [
            _Balance(each.id, self._title(each), chart.kind_of(each).group, month[each.id], ever[each.id])
            for each in self.books.accounts.values()
            if each.company == company.id
        ]
        if not retained:
            title = f"{chart.RETAINED_NAME} ({chart.RETAINED_CODE})"
            found.append(_Balance(0, title, chart.EQUITY.group, 0, ever[0]))
        return sorted((each for each in found if each.month or each.ever), key=lambda each: each.title)

    def _title(self, account: Account) -> str:
        code = self.masters.code(account)
        return account.name if code is None else f"{account.name} ({code})"


def _row(company: Company, balance: _Balance) -> Row:
    attributes = [{"Value": guid("account", company.id, balance.id), "Id": "account"}]
    debit = balance.group in DEBIT_BY_NATURE
    texts = (balance.title, *_sides(balance.month, debit=debit), *_sides(balance.ever, debit=debit))
    return {"RowType": "Row", "Cells": [{"Value": text, "Attributes": attributes} for text in texts]}


def _sides(cents: int, *, debit: bool) -> tuple[str, str]:
    """An amount in one of two columns; nothing at all in that of the account's nature."""
    text = str(money(abs(cents)))
    return (text, "") if cents > 0 or (debit and not cents) else ("", text)


def _totals(balances: Sequence[_Balance]) -> list[str]:
    columns = [[each.month for each in balances], [each.ever for each in balances]]
    sums = (
        sum(abs(cents) for cents in column if (cents > 0) is debit)
        for column in columns
        for debit in (True, False)
    )
    return [str(money(cents)) for cents in sums]
