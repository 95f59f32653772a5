"""One company's books in Odoo."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from monitr_pipelines.ledger.changes import Cursor, Dates, Replace, WholeLedger
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import EntityGone, InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Administration, Checkpoint, End, Item, Ports
from monitr_pipelines.providers.odoo import datasets, names
from monitr_pipelines.providers.odoo.balances import closing_balances
from monitr_pipelines.providers.odoo.chart import Chart, read_chart
from monitr_pipelines.providers.odoo.columns import Page
from monitr_pipelines.providers.odoo.cursors import Mark, Reading, is_reading
from monitr_pipelines.providers.odoo.datasets import LineRow, Reference
from monitr_pipelines.providers.odoo.distribution import accounts_of
from monitr_pipelines.providers.odoo.faults import TITLE, ReadingRefused, UnknownName, contradiction
from monitr_pipelines.providers.odoo.months import after, month_of
from monitr_pipelines.providers.odoo.proof import prove
from monitr_pipelines.providers.odoo.reading import EVERY_ROW, Row, first_rows, pages, rows, totals
from monitr_pipelines.providers.odoo.rpc import Rpc
from monitr_pipelines.providers.odoo.values import one

# Beyond as many changed names, reading everything is no more work than finding their months.
MOST_NAMES = 1000


class OdooSource:
    """Reads one company, or lists those that a user may read.

    A branch is a company of its own. Odoo has neither opening nor closing entries for a year: an entry in
    which a company began to use it is one like any other.
    """

    def __init__(self, administration: str | None, ports: Ports) -> None:
        self._rpc = Rpc(ports)
        self._administration = administration
        self._deleted: set[int] = set()

    def check(self) -> None:
        """Sign in, look for the company, and see whether its lines may be read."""
        context = EVERY_ROW if self._administration is None else self._context
        first_rows(self._rpc, datasets.IDS, [], context, 1)

    def administrations(self) -> Sequence[Administration]:
        """The companies that the user may use."""
        return [
            Administration(str(id_), row["name"], one(row["currency_id"])[1], _first_month(row))
            for id_, row in self._companies.items()
        ]

    def accounts(self) -> Iterable[Account]:
        """The accounts that have a code in the company, archived ones too."""
        return self._chart.accounts.values()

    def axes(self) -> Iterable[AxisValue]:
        """Every analytic account; each root plan is an axis."""
        return self._chart.values.values()

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """The whole ledger page by page, or every month that reads otherwise than before."""
        self._chart = read_chart(self._rpc, self._context)
        reading = self._begin(cursor)
        if reading.months is None:
            # Books without a posted entry are a whole ledger too.
            yield Replace(WholeLedger(), ())
        else:
            yield from (Replace(Dates(month, after(month)), ()) for month in sorted(reading.months))
        if reading.months != frozenset():
            yield from self._read(reading)
            prove(self._rpc, reading, self._ledger, self._context)
        yield End(reading.mark.as_json())

    def trial_balance(self, at: date) -> TrialBalance:
        """Odoo's own sums: since ever, or within the fiscal year."""
        first_month = _first_month(self._companies[self._company])
        return closing_balances(
            self._rpc, self._ledger, self._context, self._chart, at=at, first_month=first_month
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._rpc.close()

    @cached_property
    def _companies(self) -> Mapping[int, Row]:
        """The companies that the user may use; without a context Odoo shows all of these and no others."""
        return {row["id"]: row for row in rows(self._rpc, datasets.COMPANIES, [])}

    @cached_property
    def _company(self) -> int:
        if self._administration not in {str(company) for company in self._companies}:
            raise EntityGone(Message("company_hidden", {"title": TITLE}))
        return int(self._administration or 0)

    @property
    def _context(self) -> Row:
        return {**EVERY_ROW, "allowed_company_ids": [self._company]}

    @property
    def _ledger(self) -> datasets.Domain:
        return datasets.posted_lines(self._company)

    @cached_property
    def _chart(self) -> Chart:
        return read_chart(self._rpc, self._context)

    def _begin(self, cursor: Cursor | None) -> Reading:
        if cursor is not None and is_reading(cursor):
            return Reading.of(cursor)
        now, said_at = totals(self._rpc, self._ledger, self._context)
        mark = Mark.at(now, said_at, names.of_chart(self._chart))
        if cursor is None:
            return Reading(mark)
        before = Mark.of(cursor)
        partners = self._renamed_partners(before)
        changed = before.differing(now) | self._renamed(before, mark, partners)
        called = before.names.get(names.PARTNER, {})
        mark.names[names.PARTNER] = names.without(called, partners)
        # An account that has no code for now: lines have the one that they were read with.
        names.with_new(mark.names, {names.ACCOUNT: before.names[names.ACCOUNT]})
        return Reading(mark, frozenset(changed))

    def _renamed(self, before: Mark, now: Mark, partners: Sequence[int]) -> set[date]:
        """Months with lines whose accounts, journals, partners or values are called otherwise by now."""
        known, found = before.names, now.names
        if names.renamed(known[names.VALUE], found[names.VALUE]):
            return set(now.totals)
        if any(names.gone(known[kind], found[kind]) for kind in (names.VALUE, names.JOURNAL)):
            return set(now.totals)
        months: set[date] = set()
        for field, ids in (
            (names.ACCOUNT, names.renamed(known[names.ACCOUNT], found[names.ACCOUNT])),
            (names.JOURNAL, names.renamed(known[names.JOURNAL], found[names.JOURNAL])),
            (names.PARTNER, partners),
        ):
            if len(ids) > MOST_NAMES:
                return set(now.totals)
            if ids:
                months |= totals(self._rpc, [*self._ledger, [field, "in", ids]], self._context)[0].keys()
        return months

    def _renamed_partners(self, before: Mark) -> list[int]:
        known = before.names.get(names.PARTNER)
        if not known or before.since is None:
            return []
        stamped = [["write_date", ">=", before.since]]
        try:
            found = list(rows(self._rpc, datasets.PARTNERS, stamped, self._context))
        except (ReadingRefused, UnknownName):  # names follow then when lines are read again
            return []
        return names.renamed(known, names.digests((row["id"], row["display_name"] or "") for row in found))

    def _read(self, reading: Reading) -> Iterator[Item]:
        """All lines in one order of ids, so that none comes twice, whatever moves meanwhile."""
        within = [] if reading.months is None else datasets.in_months(reading.months)
        found = pages(self._rpc, datasets.LINES, [*self._ledger, *within], self._context, after=reading.after)
        for of_page in found:
            page = Page(of_page)
            if set(page.ids("company_id")) != {self._company}:
                raise contradiction("lines of another company than was asked for")
            self._cover(page, reading)
            _count(page, reading)
            chart = self._chart
            if reading.months is None:
                yield Replace(WholeLedger(), page.lines(chart))
            else:
                for month, of_month in groupby(sorted(of_page, key=_month), key=_month):
                    yield Replace(Dates(month, after(month)), Page(list(of_month)).lines(chart))
            reading.after = of_page[-1].id
            yield Checkpoint(reading.as_json())

    def _cover(self, page: Page, reading: Reading) -> None:
        """See to it that the chart knows what lines of a page refer to."""
        accounts, values = self._unknown(page)
        if not (accounts or values):
            return
        # Accounts that were made since the chart was read.
        self._chart = read_chart(self._rpc, self._context)
        names.with_new(reading.mark.names, names.of_chart(self._chart))
        accounts, values = self._unknown(page)
        if accounts:
            raise contradiction("lines on accounts that are not listed")
        if values:
            self._refuse_hidden(values)
            self._deleted |= values

    def _unknown(self, page: Page) -> tuple[set[int], set[int]]:
        accounts = set(page.ids("account_id"))
        values = accounts_of(_merged(page.values["analytic_distribution"]))
        return accounts - self._chart.accounts.keys(), values - self._chart.values.keys() - self._deleted

    def _refuse_hidden(self, values: set[int]) -> None:
        """Analytic accounts that were deleted read as nothing; those that are hidden are refused."""
        try:
            found = self._rpc.call(
                datasets.ANALYTIC, "read", ids=sorted(values), fields=["id"], context=self._context
            )
            hidden = bool(found.document)
        except ReadingRefused:
            hidden = True
        if hidden:
            raise InconsistentData(Message("dimensions_hidden", {"title": TITLE}))


def _count(page: Page, reading: Reading) -> None:
    """Take each line into the sums that are proved in the end, and remember how its partner is called."""
    reading.note(*page.counted())
    found = reversed(page.values["partner_id"])
    partners = {each.id: each.text for each in found if isinstance(each, Reference)}
    known = reading.mark.names.setdefault(names.PARTNER, {})
    new = ((id_, name or "") for id_, name in partners.items() if str(id_) not in known)
    known.update(names.digests(new))


def _merged(distributions: Iterable[dict[str, Decimal] | bool | None]) -> dict[str, Decimal]:
    """The keys of all distributions, each once."""
    merged: dict[str, Decimal] = {}
    for distribution in distributions:
        if isinstance(distribution, dict):
            merged |= distribution
    return merged


def _month(row: LineRow) -> date:
    return month_of(row.date)


def _first_month(company: Row) -> int:
    """Of the fiscal year; Odoo tells the last one, as text."""
    last = str(company["fiscalyear_last_month"])
    if not last.isdecimal() or not 1 <= int(last) <= 12:
        raise contradiction("a fiscal year ends in no month")
    return int(last) % 12 + 1
