"""One office's books in Twinfield."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property

from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.contract import Administration, End, Item, Ports
from monitr_pipelines.providers.soap import first
from monitr_pipelines.providers.twinfield.api import Api
from monitr_pipelines.providers.twinfield.balances import Calendar, closing_balances
from monitr_pipelines.providers.twinfield.chart import Chart, read_chart
from monitr_pipelines.providers.twinfield.cursors import Place
from monitr_pipelines.providers.twinfield.datasets import OFFICE, OFFICES, REGIMES, TOTALS, Browse
from monitr_pipelines.providers.twinfield.envelopes import element
from monitr_pipelines.providers.twinfield.faults import gone, unknown
from monitr_pipelines.providers.twinfield.periods import begun
from monitr_pipelines.providers.twinfield.stream import Stream


class TwinfieldSource:
    """Reads one office, or lists those that the user may use."""

    def __init__(self, administration: str | None, ports: Ports) -> None:
        self._api = Api(ports, administration)
        self._administration = administration
        self._calendar = Calendar(self._api)
        self._regimes: dict[str, str | None] = {}

    def check(self) -> None:
        """Ask which offices there are, or for the one."""
        _ = self._offices if self._administration is None else self._office

    def administrations(self) -> Sequence[Administration]:
        """The offices that the user may use; one alone with its fiscal year."""
        if self._administration is not None:
            return [replace(self._office, fiscal_year_start=self._first_month())]
        return [self._described(code) for code in self._offices]

    def accounts(self) -> Iterable[Account]:
        """Accounts of the balance sheet and of the result."""
        return self._chart.accounts

    def axes(self) -> Iterable[AxisValue]:
        """Cost centres, projects, activities and assets."""
        return [value for values in self._chart.values.values() for value in values]

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """The whole ledger period by period, or the transactions that changed and those that are gone."""
        currency = self._office.currency  # asked for first: the answer tells the time, too
        place = Place.of(cursor, self._api.now())
        self._chart = read_chart(self._api)
        stream = Stream(self._api, place, currency, self._regime)
        yield from stream.items()
        if not self._chart.names(stream.accounts, stream.values):
            # Accounts and values that were made since the chart was read, or of an office's own types.
            self._chart = read_chart(self._api, {kind for kind, _ in stream.values})
        yield End(place.end())

    def trial_balance(self, at: date) -> TrialBalance:
        """Balances as Twinfield's own totals have them, at the end of the period of a day."""
        return closing_balances(self._api, self._calendar.around(at), at, self._regime(TOTALS))

    def close(self) -> None:
        """Let go of the connection; nobody signs out of a grant."""
        self._api.close()

    @cached_property
    def _chart(self) -> Chart:
        return read_chart(self._api)

    @cached_property
    def _offices(self) -> Sequence[str]:
        """The codes of the offices that the user may use; asked for without one."""
        listed = self._api.document(element("list", {"type": OFFICES.name}), OFFICES.name, None)
        codes = [(each.text or "").strip() for each in listed]
        return codes if all(codes) else unknown("an office has no code")

    @cached_property
    def _office(self) -> Administration:
        return self._described(self._api.office)

    def _described(self, code: str) -> Administration:
        """An office; one that Twinfield does not show is there for nobody who is connected."""
        asked = element("read", {"type": OFFICE.name, "office": code, "code": code})
        try:
            found = self._api.document(asked, OFFICE.name, code)
        except OurFault as refused:
            raise gone(refused.detail) from None
        told = {name: first(found, name) for name in OFFICE.fields}
        texts = {name: (each.text or "").strip() for name, each in told.items() if each is not None}
        if texts.get("code") != code or not texts.get("basecurrency"):
            unknown("an office has another code, or no currency")
        return Administration(code, texts.get("name") or code, texts["basecurrency"], None)

    def _first_month(self) -> int:
        """The month in which the financial year of today starts; January where there is none."""
        today = datetime.now(UTC).date()
        found = begun(self._calendar.around(today), today)
        return found[1].month if found else 1

    def _regime(self, browse: Browse) -> str | None:
        """The column by which a browse chooses a regime; None where the office has none.

        Lines of several regimes would count twice.
        """
        if browse.name not in self._regimes:
            asked = element("read", {"type": "browse", "office": self._api.office, "code": browse.name})
            definition = self._api.document(asked, "browse", self._api.office)
            fields = {each.text or "" for each in definition.iter("{*}field")}
            self._regimes[browse.name] = next(iter(REGIMES & fields), None)
        return self._regimes[browse.name]
