"""One company's books in QuickBooks Online."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property

from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.providers.contract import Administration, End, Item, Ports
from monitr_pipelines.providers.quickbooks.api import Api
from monitr_pipelines.providers.quickbooks.balances import closing_balances
from monitr_pipelines.providers.quickbooks.chart import Chart, Company, read_chart, read_company
from monitr_pipelines.providers.quickbooks.cursors import Place
from monitr_pipelines.providers.quickbooks.datasets import (
    CREDIT,
    CURRENCY,
    DATE,
    DEBIT,
    FOREIGN,
    HOME_CREDIT,
    HOME_DEBIT,
    MEMO,
    NAME,
    NUMBER,
    TYPE,
)
from monitr_pipelines.providers.quickbooks.stream import Stream

ALWAYS = (DATE, TYPE, NUMBER, NAME, MEMO)
# Where a company has several currencies, the other columns are empty.
SIDES = {False: (DEBIT, CREDIT), True: (HOME_DEBIT, HOME_CREDIT, CURRENCY, FOREIGN)}


class QuickBooksSource:
    """Reads the company that the person chose on signing in."""

    def __init__(self, administration: str | None, ports: Ports) -> None:
        self._api = Api(ports, administration)

    def check(self) -> None:
        """Ask for the company."""
        self._api.company_info()

    def administrations(self) -> Sequence[Administration]:
        """The company; a connection has no other."""
        company = self._company
        return [Administration(self._api.company, company.name, company.currency, company.first_month)]

    def accounts(self) -> Iterable[Account]:
        """The chart of accounts, inactive ones too."""
        return self._chart.accounts.values()

    def axes(self) -> Iterable[AxisValue]:
        """Classes and locations, as far as the company uses them."""
        return [value for found in self._chart.values.values() for value in found.values()]

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """The whole ledger, the newest month first, or the months in which something changed."""
        self._company = read_company(self._api)
        self._chart = read_chart(self._api, self._company)
        now = Place(self._api.now(), self._asked, self._chart.codes)
        before = None if cursor is None else Place.of(cursor)
        place = now if before is None else before.begun_again(now)
        stream = Stream(self._api, self._company, self._chart, place)
        yield from (
            stream.everything() if before is None or before.read is not None else stream.changes(before)
        )
        self._chart = stream.chart
        yield End(stream.place.ended().as_json())

    def trial_balance(self, at: date) -> TrialBalance:
        """The balances of QuickBooks' own report."""
        return closing_balances(self._api, self._company, self._chart, at)

    def close(self) -> None:
        """Let go of the connection; nobody signs out of a grant."""
        self._api.close()

    @property
    def _asked(self) -> Sequence[str]:
        """The columns of the general ledger that tell something of this company."""
        return [*ALWAYS, *self._company.axes, *SIDES[self._company.many_currencies]]

    @cached_property
    def _company(self) -> Company:
        return read_company(self._api)

    @cached_property
    def _chart(self) -> Chart:
        return read_chart(self._api, self._company)
