"""One administration's books in Yuki."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property

from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.providers.contract import Administration, End, Item, Ports
from monitr_pipelines.providers.yuki.administrations import active, entered, identity
from monitr_pipelines.providers.yuki.api import Api
from monitr_pipelines.providers.yuki.balances import Balances
from monitr_pipelines.providers.yuki.chart import Chart, read_chart
from monitr_pipelines.providers.yuki.cursors import Place
from monitr_pipelines.providers.yuki.datasets import ADMINISTRATIONS, CURRENCY
from monitr_pipelines.providers.yuki.stream import Stream
from monitr_pipelines.providers.yuki.values import Row, bare, day, needed
from monitr_pipelines.providers.yuki.windows import first_month
from monitr_pipelines.providers.yuki.years import Years


class YukiSource:
    """Reads one administration, or lists those that the key opens."""

    def __init__(self, administration: str | None, ports: Ports) -> None:
        self._api = Api(ports)
        self._asked_for = administration
        self._lined: Collection[int] = ()

    def check(self) -> None:
        """Sign in, and ask what the key opens."""
        _ = self._api.rows(ADMINISTRATIONS) if self._asked_for is None else self._own

    def administrations(self) -> Sequence[Administration]:
        """Those that the key opens, closed ones left out; one alone with its financial year."""
        if self._asked_for is None:
            return [_administration(row, None) for row in active(self._api)]
        year = self._balances.year_of(self._api.now().date())
        return [_administration(self._own, year.start.month)]

    def accounts(self) -> Iterable[Account]:
        """The chart of accounts, with the types that balances tell."""
        return self._chart.accounts(self._balances.typed(self._api.now().date(), self._lined))

    def axes(self) -> Iterable[AxisValue]:
        """The projects."""
        return self._chart.values

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """The whole ledger month by month, or the months that may read otherwise now."""
        self._chart = read_chart(self._api, self._id)
        now, names = self._api.now(), self._chart.names
        if cursor is None:
            place = Place(now, names, first=first_month(self._started, now.date()))
        else:
            place = Place.of(cursor).begun_again(now, names)
        stream = Stream(self._api, self._id, place, self._years)
        yield from stream.changed(now) if place.first is None else stream.whole(place.first)
        if not self._chart.lists(stream.accounts, stream.projects):
            # Accounts and projects that were made since the chart was read.
            self._chart = read_chart(self._api, self._id)
        self._lined = [int(year) for year in stream.place.years]
        yield End(stream.place.as_json())

    def trial_balance(self, at: date) -> TrialBalance:
        """Balances as Yuki adds them up, at the end of a day."""
        return self._balances.closing(at)

    def close(self) -> None:
        """Let go of the connection."""
        self._api.close()

    @cached_property
    def _own(self) -> Row:
        return entered(self._api, self._asked_for or "")

    @cached_property
    def _id(self) -> str:
        return needed(self._own, "ID")

    @property
    def _started(self) -> date | None:
        return day(self._own, "StartDate") if bare(self._own.get("StartDate")) else None

    @cached_property
    def _chart(self) -> Chart:
        return read_chart(self._api, self._id)

    @cached_property
    def _balances(self) -> Balances:
        return Balances(self._api, self._id)

    @cached_property
    def _years(self) -> Years:
        return Years(self._api, self._id, self._balances)


def _administration(row: Row, first: int | None) -> Administration:
    return Administration(identity(row), bare(row.get("Name")) or "", CURRENCY, first)
