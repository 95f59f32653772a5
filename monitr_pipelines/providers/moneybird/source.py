"""One administration's books in Moneybird."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Administration, End, Item, Ports
from monitr_pipelines.providers.moneybird.api import Api
from monitr_pipelines.providers.moneybird.balances import closing_balances
from monitr_pipelines.providers.moneybird.chart import Chart, read_chart
from monitr_pipelines.providers.moneybird.cursors import Place
from monitr_pipelines.providers.moneybird.datasets import AdministrationRow
from monitr_pipelines.providers.moneybird.documents import read_versions
from monitr_pipelines.providers.moneybird.refusals import suspended
from monitr_pipelines.providers.moneybird.sign_in import TITLE
from monitr_pipelines.providers.moneybird.stream import Stream
from monitr_pipelines.providers.moneybird.values import bare, day_of


class MoneybirdSource:
    """Reads one administration, or lists those that the connection sees."""

    def __init__(self, administration: str | None, ports: Ports) -> None:
        self._api = Api(ports, administration)
        self._asked = administration

    def check(self) -> None:
        """Ask for the administrations, and look for the one that is meant."""
        _ = self._api.administrations() if self._asked is None else self._administration

    def administrations(self) -> Sequence[Administration]:
        """Those that the connection sees, suspended ones left out; or the one that is read."""
        if self._asked is not None:
            return [_shown(self._administration)]
        return [_shown(row) for row in self._api.administrations() if not row.suspended]

    def accounts(self) -> Iterable[Account]:
        """All ledger accounts, those that are no longer in use too."""
        return self._chart.accounts.values()

    def axes(self) -> Iterable[AxisValue]:
        """Projects, archived ones too."""
        return self._chart.values.values()

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """The whole journal month by month, or the months that read otherwise than before."""
        begins = _begins(self._administration)
        self._chart = read_chart(self._api)
        place, changed = self._place(cursor)
        stream = Stream(self._api, place, self._chart)
        yield from stream.items(begins.year if begins else self._api.now().year, changed)
        self._chart = stream.chart
        yield End(replace(place, whole=False).as_json())

    def trial_balance(self, at: date) -> TrialBalance:
        """Balances as the general ledger report tells them, at the end of the month of a day."""
        return closing_balances(self._api, self._chart, at, _begins(self._administration))

    def close(self) -> None:
        """Let go of the connection; nobody signs out of a grant."""
        self._api.close()

    @cached_property
    def _chart(self) -> Chart:
        return read_chart(self._api)

    @cached_property
    def _administration(self) -> AdministrationRow:
        found = [row for row in self._api.administrations() if str(row.id) == self._asked]
        if not found:
            raise EntityGone(Message("administration_hidden", {"title": TITLE}))
        if found[0].suspended:
            raise suspended("suspended")
        return found[0]

    def _place(self, cursor: Cursor | None) -> tuple[Place, Collection[Month]]:
        """Where the stream begins, and the months with documents that were changed."""
        codes = self._chart.codes
        if cursor is None:
            return Place(read_versions(self._api, None).since, codes, whole=True), ()
        place = Place.of(cursor)
        place.follow(codes)
        if place.whole:
            return place, ()
        versions = read_versions(self._api, place.since)
        place.since = versions.since
        return place, versions.months(self._api)


def _begins(row: AdministrationRow) -> date | None:
    """The first day of the fiscal year in which bookkeeping began; None where it did not yet."""
    return day_of(row.period_start_date, "period_start_date") if row.period_start_date else None


def _shown(row: AdministrationRow) -> Administration:
    begins = _begins(row)
    return Administration(str(row.id), bare(row.name) or "", row.currency, begins.month if begins else 1)
