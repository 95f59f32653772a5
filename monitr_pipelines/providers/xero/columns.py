"""Pages of journals by column: what `lines` makes of each line, where nothing is unusual about them."""

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import chain, repeat
from operator import attrgetter
from typing import TypeVar

from msgspec import structs

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.columns import ByColumn, Column, Columns, each_once, plain_amounts
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.providers.xero.chart import Chart
from monitr_pipelines.providers.xero.datasets import JournalLineRow, JournalRow, TrackingRow
from monitr_pipelines.providers.xero.lines import lines_of
from monitr_pipelines.providers.xero.values import bare, day_of

LINES = attrgetter("lines")
OF_JOURNAL = attrgetter("id", "number", "date", "source", "reference")
NAMES = tuple(each.name for each in structs.fields(JournalLineRow))

Value = TypeVar("Value")


class Page:
    """Journals of a page, at least one."""

    def __init__(self, journals: Sequence[JournalRow]) -> None:
        self._journals = journals

    def lines(self, chart: Chart) -> ByColumn:
        """The lines of the page."""
        return ByColumn(lambda: lines_of(self._journals, chart), lambda: self._columns(chart))

    @cached_property
    def rows(self) -> list[JournalLineRow]:
        """The lines of all journals, as they came."""
        return list(chain.from_iterable(map(LINES, self._journals)))

    def _columns(self, chart: Chart) -> Columns | None:
        if not self.rows:
            return None
        fields = dict(zip(NAMES, zip(*map(structs.astuple, self.rows), strict=True), strict=True))
        bookings, numbers, days, sources, references = zip(*map(OF_JOURNAL, self._journals), strict=True)
        amounts = plain_amounts(fields["net"])
        known = chart.accounts
        if amounts is None or None in fields["id"] or not known.keys() >= set(fields["account"]):
            return None
        ids, keys = list(map(str.strip, bookings)), list(map(str.strip, fields["id"]))
        if not (all(keys) and all(ids)):
            return None
        try:
            dates = each_once(_day, days)
            axes = _axes(chart, fields["tracking"])
        except ImportProblem:
            return None
        described = each_once(bare, fields["description"])
        if None in described:
            referred = self._of_each(each_once(bare, references))
            described = [own or of_all for own, of_all in zip(described, referred, strict=True)]
        texts: dict[str, Column] = {
            "external_id": keys,
            "booking_date": self._of_each(dates),
            "account_code": [known[account].code for account in fields["account"]],
            "amount": amounts,
            "booking": self._of_each(ids),
            "line_number": self._places(),
            "journal": self._of_each(each_once(bare, sources)),
            "document_number": self._of_each(map(str, numbers)),
            "description": described,
        }
        return Columns(texts, axes)

    def _of_each(self, values: Iterable[Value]) -> list[Value]:
        """Values of journals, at each of their lines."""
        return list(chain.from_iterable(map(repeat, values, self._lengths)))

    @cached_property
    def _lengths(self) -> list[int]:
        return list(map(len, map(LINES, self._journals)))

    def _places(self) -> list[str]:
        return list(chain.from_iterable(map(_places_of, self._lengths)))


@lru_cache(1000)
def _places_of(lines: int) -> list[str]:
    return list(map(str, range(1, lines + 1)))


def _axes(chart: Chart, tracking: Sequence[tuple[TrackingRow, ...] | None]) -> Sequence[AxisSet]:
    return chart.axes_of_each(tracking) if any(tracking) else ()


def _day(value: str) -> str:
    return day_of(value).isoformat()
