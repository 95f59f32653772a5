"""The journals of an organisation, whole or those that came since."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, takewhile

from monitr_pipelines.ledger.changes import Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.columns import ByColumn
from monitr_pipelines.providers.contract import Checkpoint, Item
from monitr_pipelines.providers.xero.api import Api
from monitr_pipelines.providers.xero.chart import Chart
from monitr_pipelines.providers.xero.columns import Page
from monitr_pipelines.providers.xero.cursors import Place, Settled, expired
from monitr_pipelines.providers.xero.datasets import JournalRow
from monitr_pipelines.providers.xero.values import instants_of


class Stream:
    """The items of one stream.

    `place` is where the next one goes on; `unlisted` are digests of the names with which lines refer to what
    the chart does not have, as what was made since it was read.
    """

    def __init__(self, api: Api, place: Place, chart: Chart) -> None:
        self.place = place
        self.unlisted: dict[str, str] = {}
        self._api = api
        self._chart = chart
        self._newest = place.settled.number if place.behind is None else place.behind

    def items(self) -> Iterator[Item]:
        """Journals in the order of their numbers."""
        yield from self._whole(self.place.behind) if self.place.behind is not None else self._since()
        self.place = replace(self.place, names={**self.place.names, **self.unlisted}, behind=None)

    def _whole(self, behind: int) -> Iterator[Item]:
        yield Replace(WholeLedger(), ())  # books without a journal are a whole ledger too
        for journals in self._api.journals_behind(behind):
            yield Replace(WholeLedger(), self._read(journals))
            self.place = replace(self.place, behind=self._newest)
            yield Checkpoint(self.place.as_json())

    def _since(self) -> Iterator[Item]:
        """From the settled journal on, which is there if the books are those that were read."""
        settled = self.place.settled
        pages = self._api.journals_behind(max(settled.number - 1, 0))
        first = next(pages, [])
        if settled.number and (not first or Settled(first[0].number, first[0].id) != settled):
            raise expired("the journal up to which was read is another one, or gone")
        for journals in chain([first] if first else [], pages):
            yield Upsert(self._read(journals))

    def _read(self, journals: Sequence[JournalRow]) -> ByColumn:
        page = Page(journals)
        self.unlisted |= self._chart.unlisted(page.rows)
        if self.place.settled.number >= self._newest:
            self._settle(journals)
        self._newest = journals[-1].number
        return page.lines(self._chart)

    def _settle(self, journals: Sequence[JournalRow]) -> None:
        before = self.place.settled_before
        moments = instants_of([each.created for each in journals], "CreatedDateUTC")
        old = sum(1 for _ in takewhile(before.__gt__, moments))
        if old:
            last = journals[old - 1]
            self.place = replace(self.place, settled=Settled(last.number, last.id))
