"""Accounts, journals, cost centres, cost units, projects, periods, divisions: what is asked as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from monitr_pipelines.emulators.exact.divisions import Divisions, code_of, row_version
from monitr_pipelines.emulators.exact.forms import (
    EPOCH,
    calendar_date,
    guid,
    json_date,
    padded,
    utc_offset,
    wall_milliseconds,
)
from monitr_pipelines.emulators.exact.lines import PROCESSED_KINDS, Row, balance_type
from monitr_pipelines.emulators.shared.books import fiscal_year_start
from monitr_pipelines.emulators.shared.records import Account, Axis, Company, Stamp, Value

GENERAL, OTHER_COSTS = 90, 120
TYPES = {GENERAL: "General", OTHER_COSTS: "Other costs"}
# The types of journals by the kind of the audit file: sales, purchases, bank; general for the rest.
JOURNAL_TYPES = {"S": 20, "P": 22, "B": 12}
GENERAL_JOURNAL = 90
ACTIVE, ARCHIVED = 1, 2
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Masters:
    """The rows of a division that lines refer to."""

    divisions: Divisions

    def accounts(self, company: Company, after: int) -> Iterator[Row]:
        """The chart of accounts above a row version, in the order of versions."""
        accounts = (each for each in self.divisions.books.accounts.values() if each.company == company.id)
        ordered = sorted((row_version(company, each.stamp, each.id), each.id) for each in accounts)
        for timestamp, account in ordered:
            if timestamp > after:
                yield self._account(company, self.divisions.books.accounts[account], timestamp)

    def projects(self, company: Company, after: int) -> Iterator[Row]:
        """Projects above a row version, in the order of versions."""
        axis = self.divisions.axes()[2]
        values = self.divisions.values(company, axis)
        ordered = sorted((row_version(company, each.stamp, each.id), each.id) for each in values)
        for timestamp, value in ordered:
            if timestamp > after:
                row = self._value(company, self.divisions.books.values[value])
                yield row | {
                    "Timestamp": timestamp,
                    "DivisionName": company.name,
                    "StartDate": calendar_date(date(2020, 1, 1)),
                    "Type": 4,
                    "TypeDescription": "Time and Material",
                }

    def cost_centres(self, company: Company, _: int) -> list[Row]:
        """All cost centres."""
        return self._of_axis(company, self.divisions.axes()[0])

    def cost_units(self, company: Company, _: int) -> list[Row]:
        """All cost units."""
        return self._of_axis(company, self.divisions.axes()[1])

    def journals(self, company: Company, _: int) -> list[Row]:
        """All journals."""
        return [
            {
                "ID": guid("journal", each.id),
                "Code": each.code,
                "Description": each.name,
                "Type": JOURNAL_TYPES.get(each.kind, GENERAL_JOURNAL),
                "Currency": company.currency,
                "AutoSave": each.kind in PROCESSED_KINDS,
                "IsBlocked": False,
                **self._written(company, each.stamp),
            }
            for each in self.divisions.books.journals.values()
            if each.company == company.id
        ]

    def periods(self, company: Company, _: int) -> list[Row]:
        """The months of the fiscal years from the first entry to a year from now."""
        books = self.divisions.books
        days = [entry.day for entry in books.company_entries(company.id)]
        today = books.clock.now().date()
        start = fiscal_year_start(company.fiscal_year_start, min([*days, today]))
        last = max([*days, today]) + timedelta(days=365)
        rows: list[Row] = []
        while start <= last:
            rows += self._year(company, start)
            start = start.replace(year=start.year + 1)
        return rows

    def usable(self, _: Company, __: int) -> list[Row]:
        """The divisions that the person may use."""
        return [self._division(company) for company in self.divisions.reachable()]

    def everything(self, _: Company, __: int) -> list[Row]:
        """All divisions of the customer."""
        return [self._division(company) for company in self.divisions.books.companies.values()]

    def me(self, current: Company, _: int) -> list[Row]:
        """The person who gave the consent."""
        clock, zone = self.divisions.books.clock, self.divisions.zone()
        offset = utc_offset(clock.now(), zone)
        return [
            {
                "UserID": guid("user", 1),
                "FullName": "Emulated User",
                "FirstName": "Emulated",
                "LastName": "User",
                "UserName": "emulated.user",
                "Email": "user@books.example",
                "Language": "EN",
                "LanguageCode": "en-GB",
                "CurrentDivision": code_of(current.id),
                "ServerTime": json_date(wall_milliseconds(clock.microseconds(), zone)),
                "ServerUtcOffset": offset // timedelta(hours=1),
                "IsClientUser": False,
            }
        ]

    def _account(self, company: Company, account: Account, timestamp: int) -> Row:
        side = balance_type(account.type)
        kind = GENERAL if side == "B" else OTHER_COSTS
        return {
            "Timestamp": timestamp,
            "ID": guid("account", account.id),
            "Code": account.code,
            "Description": account.name,
            "BalanceType": side,
            "BalanceSide": "D",
            "Type": kind,
            "TypeDescription": TYPES[kind],
            "SearchCode": account.code,
            "IsBlocked": account.archived,
            "Compress": False,
            "Matching": False,
            "UseCostcenter": 0,
            "UseCostunit": 0,
            **self._written(company, account.stamp),
        }

    def _of_axis(self, company: Company, axis: Axis | None) -> list[Row]:
        return [self._value(company, value) for value in self.divisions.values(company, axis)]

    def _value(self, company: Company, value: Value) -> Row:
        ended = (EPOCH + timedelta(microseconds=value.stamp.time)).date()
        return {
            "ID": guid("value", value.id),
            "Code": value.code,
            "Description": value.name,
            "EndDate": calendar_date(ended) if value.archived else None,
            **self._written(company, value.stamp),
        }

    def _year(self, company: Company, start: date) -> Iterator[Row]:
        for month in range(12):
            first = _months_later(start, month)
            year = start.year + (company.fiscal_year_start > 1)
            yield {
                "ID": guid("period", company.id * 10**8 + year * 10**3 + month),
                "FinYear": year,
                "FinPeriod": month + 1,
                "StartDate": calendar_date(first),
                "EndDate": calendar_date(_months_later(first, 1) - DAY),
                **self._written(company, company.stamp),
            }

    def _division(self, company: Company) -> Row:
        code = code_of(company.id)
        archived = self.divisions.rights.archived.get(code)
        first = next(iter(self.divisions.reachable()), None)
        return {
            "Code": code,
            "Hid": company.id,
            "Description": company.name,
            "Country": company.country,
            "Legislation": company.country,
            "Currency": company.currency,
            "VATNumber": company.tax_number,
            "Status": ACTIVE if archived is None else ARCHIVED,
            "ArchiveDate": None if archived is None else calendar_date(archived.date()),
            "BlockingStatus": 0,
            "StartDate": calendar_date(date(2020, 1, 1)),
            "DivisionMoveDate": self.divisions.written(company, company.moved) if company.moved else None,
            "Customer": guid("customer", 1),
            "CustomerCode": padded("1"),
            "CustomerName": "Emulated Accountants",
            "Current": first is company,
            "IsMainDivision": company.id == 1,
            "IsDossierDivision": False,
            "IsHRDivision": False,
            "IsPracticeDivision": False,
            "Created": calendar_date(date(2020, 1, 1)),
            "Creator": guid("user", 1),
            "Modified": self.divisions.written(company, company.stamp),
            "Modifier": guid("user", 1),
        }

    def _written(self, company: Company, stamp: Stamp) -> Row:
        moment = self.divisions.written(company, stamp)
        return {
            "Division": code_of(company.id),
            "Created": moment,
            "Creator": guid("user", 1),
            "CreatorFullName": "Emulated User",
            "Modified": moment,
            "Modifier": guid("user", 1),
            "ModifierFullName": "Emulated User",
        }


def _months_later(day: date, months: int) -> date:
    place = day.month - 1 + months
    return date(day.year + place // 12, place % 12 + 1, 1)
