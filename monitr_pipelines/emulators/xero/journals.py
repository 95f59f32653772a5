"""The rows of journals: a page of them behind a number, or a single one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import WHOLE, Company, Entry, Line, money
from monitr_pipelines.emulators.xero import chart
from monitr_pipelines.emulators.xero.conditions import Row
from monitr_pipelines.emulators.xero.forms import BadRequest, guid
from monitr_pipelines.emulators.xero.ledger import Booked, Ledger, reference_of
from monitr_pipelines.emulators.xero.masters import MOST_CATEGORIES, Masters
from monitr_pipelines.ledger.records import AccountType

PAGE = 100
# With `pages` on `partial`, every other page ends early, with more behind it.
EVERY_PARTIAL, PARTIAL = 2, 7
MOST_LINES = 2**12
SOURCE = ("SourceID", "SourceType")
# What sells and buys has tax on its lines; that of the chart's country, in per cent.
SALES, PURCHASES, BANK, OPENING = "S", "P", "B", "Z"
TAX = {SALES: ("OUTPUT2", "21% (VAT on Sales)"), PURCHASES: ("INPUT2", "21% (VAT on Purchases)")}
TAX_PERCENT = 21
SOURCES = {SALES: "ACCREC", PURCHASES: "ACCPAY", "Y": "WAGEPAYABLE"}
# With `line_ids` on `missing`, the lines of every so many journals have no key.
EVERY_UNKEYED = 7


class NotShown(ValueError):
    """The books hold what this software has no form for."""


@dataclass(frozen=True)
class Journals:
    """The journals of an organisation as rows."""

    books: SharedBooks
    ledger: Ledger
    masters: Masters

    def page(self, company: Company, query: Mapping[str, str], since: int) -> list[Row]:
        """A hundred journals with higher numbers than `offset`, created since a moment (µs since 1970).

        Raises:
            BadRequest: A parameter has another form.
            NotShown: They are asked for on a cash basis, or a line is divided.
        """
        offset = query.get("offset", "0")
        if not (offset.isascii() and offset.isdigit() and len(offset) < 12):
            raise BadRequest("ValidationException", f"The offset {offset[:40]!r} is not a number.")
        if query.get("paymentsOnly", "false").lower() != "false":
            raise NotShown("A cash basis is not emulated.")
        behind = (each for each in self.ledger.journals(company.id, int(offset)) if each.created >= since)
        partial = self.masters.form.partial_pages and int(offset) % EVERY_PARTIAL == 0
        return [self._journal(each) for each in islice(behind, PARTIAL if partial else PAGE)]

    def single(self, company: Company, key: str) -> list[Row]:
        """A journal by its key or its number, without its source; none where there is none."""
        found = [
            self._journal(each)
            for each in self.ledger.journals(company.id)
            if key in (str(each.number), guid("journal", company.id, each.number))
        ]
        return [{name: row[name] for name in row if name not in SOURCE} for row in found]

    def _journal(self, booked: Booked) -> Row:
        entry, dates = booked.entry, self.masters.form.dates
        row: Row = {
            "JournalID": guid("journal", entry.company, booked.number),
            "JournalDate": dates.day(entry.day),
            "JournalNumber": booked.number,
            "CreatedDateUTC": dates.stamp(booked.created),
            "Reference": reference_of(entry),
        }
        kind = self.books.journals[entry.journal].kind
        if kind != OPENING:
            row["SourceID"] = guid("source", entry.company, entry.id)
            row["SourceType"] = _source(entry, kind)
        row["JournalLines"] = list(self._lines(booked, kind))
        return row

    def _lines(self, booked: Booked, kind: str) -> Iterator[Row]:
        company, keyed = booked.entry.company, self._keyed(booked)
        for place, line in enumerate(booked.entry.lines):
            if line.account is None:
                continue
            account = self.books.accounts[line.account]
            code, amount = self.masters.code(account), line.amount * booked.sign
            taxed = kind in TAX and account.type is AccountType.PROFIT_AND_LOSS
            tax = amount * TAX_PERCENT // 100 if taxed else 0
            row: Row = {
                "JournalLineID": guid("journal line", company, booked.number * MOST_LINES + place)
                if keyed
                else None,
                "AccountID": guid("account", company, account.id),
                **({} if code is None else {"AccountCode": code}),
                "AccountType": chart.kind_of(account).type,
                "AccountName": account.name,
                "Description": line.text,
                "NetAmount": _money(amount),
                "GrossAmount": _money(amount + tax),
                "TaxAmount": _money(tax),
            }
            if taxed:
                row["TaxType"], row["TaxName"] = TAX[kind]
            row["TrackingCategories"] = self._tracking(company, line)
            yield row

    def _keyed(self, booked: Booked) -> bool:
        return self.masters.form.line_ids or bool(booked.number % EVERY_UNKEYED)

    def _tracking(self, company: int, line: Line) -> list[Row]:
        """The options of a line: at most two, one of each category.

        Raises:
            NotShown: It is divided over values of an axis.
        """
        values = [self.books.values[value] for share in line.shares for value in share.values]
        by_axis = {value.axis: value for value in values}
        if len(by_axis) < len(values) or any(share.percent != WHOLE for share in line.shares):
            raise NotShown(f"Line {line.id} is divided over values of an axis.")
        first = sorted(by_axis)[:MOST_CATEGORIES]
        return [self.masters.tracking(company, by_axis[axis]) for axis in first]


@lru_cache(maxsize=65_536)
def _money(cents: int) -> Decimal:
    return money(cents)


def _source(entry: Entry, kind: str) -> str:
    if kind == BANK:
        return "CASHREC" if entry.lines and entry.lines[0].amount > 0 else "CASHPAID"
    return SOURCES.get(kind, "MANJOURNAL")
