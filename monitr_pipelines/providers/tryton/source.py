"""One company's books in Tryton."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property

from monitr_pipelines.ledger.changes import Bookings, Cursor, Replace, Scope, WholeLedger
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Administration, Checkpoint, End, Item, Ports
from monitr_pipelines.providers.tryton import datasets
from monitr_pipelines.providers.tryton.balances import closing_balances
from monitr_pipelines.providers.tryton.chart import Chart, read_chart
from monitr_pipelines.providers.tryton.cursors import Mark, Place, is_place
from monitr_pipelines.providers.tryton.faults import TITLE, contradiction
from monitr_pipelines.providers.tryton.lines import accounts_in, lines_of, refuse_others, values_in
from monitr_pipelines.providers.tryton.reading import Row, newest, pages, rows
from monitr_pipelines.providers.tryton.rpc import Rpc

PREFERENCES = "model.res.user.get_preferences"


class TrytonSource:
    """Reads one company, or lists those that a user may read."""

    def __init__(self, administration: str | None, ports: Ports) -> None:
        self._rpc = Rpc(ports)
        self._administration = administration

    def check(self) -> None:
        """Sign in, and look for the company among those that the user reads."""
        _ = self._visible if self._administration is None else self._company

    def administrations(self) -> Sequence[Administration]:
        """The companies that the user reads; their fiscal year is that of their latest one."""
        found = list(rows(self._rpc, datasets.COMPANIES, [["id", "in", list(self._visible)]]))
        of_them = [["company", "in", [row["id"] for row in found]]]
        years = sorted(rows(self._rpc, datasets.FISCAL_YEARS, of_them), key=lambda row: row["start_date"])
        first_months = {row["company"]: row["start_date"].month for row in years}
        return [
            Administration(
                str(row["id"]),
                row["party."]["name"],
                row["currency."]["code"],
                first_months.get(row["id"], 1),
            )
            for row in found
        ]

    def accounts(self) -> Iterable[Account]:
        """The accounts that lines may be on, ended ones too."""
        return self._chart.accounts.values()

    def axes(self) -> Iterable[AxisValue]:
        """Every analytical account; each root is an axis."""
        return self._chart.values.values()

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """The whole ledger page by page, or every move that changed, whole."""
        self._chart = read_chart(self._rpc, self._company)
        place = self._place(cursor)
        yield from self._whole(place) if place.window is None else self._changed(place)
        yield End(place.mark.as_json())

    def trial_balance(self, at: date) -> TrialBalance:
        """Balances as Tryton adds them up: since ever, or within the latest fiscal year that has begun."""
        return closing_balances(self._rpc, self._company, self._chart, at)

    def close(self) -> None:
        """Sign out."""
        self._rpc.close()

    @cached_property
    def _visible(self) -> frozenset[int]:
        """The companies of which the user reads rows; all others are empty without an error."""
        preferences = self._rpc.call(PREFERENCES, True, {}).document  # noqa: FBT003 - as Tryton takes it
        shown = preferences.get("companies") or []
        if preferences.get("company_filter") != "all":
            shown = [company for company in shown if company == preferences.get("company")]
        return frozenset(shown)

    @cached_property
    def _company(self) -> int:
        if self._administration not in {str(company) for company in self._visible}:
            raise EntityGone(Message("company_hidden", {"title": TITLE}))
        return int(self._administration or 0)

    @cached_property
    def _chart(self) -> Chart:
        return read_chart(self._rpc, self._company)

    def _place(self, cursor: Cursor | None) -> Place:
        if cursor is not None and is_place(cursor):
            return Place.of(cursor)
        now = self._mark()
        if cursor is None:
            return Place(now)
        before = Mark.of(cursor)
        return Place(now.after(before), before.window())

    def _mark(self) -> Mark:
        """The newest stamp of all that shows changes, before anything is read."""
        lines, _ = newest(self._rpc, datasets.LINES, datasets.posted_lines(self._company))
        moves, found_at = newest(self._rpc, datasets.MOVES, datasets.posted_moves(self._company))
        stamps = [stamp for stamp in (lines, moves, self._chart.newest) if stamp]
        return Mark(max(stamps, default=None), found_at)

    def _whole(self, place: Place) -> Iterator[Item]:
        # Books without a posted move are a whole ledger too.
        yield Replace(WholeLedger(), ())
        for page in self._line_pages(datasets.posted_lines(self._company), place.after):
            yield self._replace(WholeLedger(), page)
            yield Checkpoint(Place(place.mark, None, page[-1]["id"]).as_json())

    def _changed(self, place: Place) -> Iterator[Item]:
        """Moves first, then their lines: a move that changes meanwhile is never read in halves."""
        if place.window is None:
            return
        stamps = datasets.MOVE_STAMPS + (datasets.ALLOCATION_STAMPS if self._chart.has_axes else ())
        posted = datasets.posted_moves(self._company)
        changed = [*posted, datasets.stamped_since(place.window, stamps)]
        for moves in pages(self._rpc, datasets.MOVES, changed, after=place.after):
            ids = [row["id"] for row in moves]
            bookings = Bookings(frozenset(map(str, ids)))
            own = [*datasets.posted_lines(self._company), ["move", "in", ids]]
            for page in self._line_pages(own, 0):
                yield self._replace(bookings, page)
            yield Checkpoint(Place(place.mark, place.window, ids[-1]).as_json())

    def _line_pages(self, domain: datasets.Domain, after: int) -> Iterator[list[Row]]:
        """Pages of lines that all are the company's, and whose accounts the chart names."""
        dataset = datasets.ALLOCATED_LINES if self._chart.has_axes else datasets.LINES
        for page in pages(self._rpc, dataset, domain, after=after):
            refuse_others(page, self._company)
            if not self._covers(page):
                # Accounts that were made since the chart was read.
                self._chart = read_chart(self._rpc, self._company)
                if not self._covers(page):
                    raise contradiction("lines on accounts that it does not list")
            yield page

    def _covers(self, page: list[Row]) -> bool:
        return self._chart.covers(accounts_in(page), values_in(page))

    def _replace(self, scope: Scope, page: list[Row]) -> Replace:
        return Replace(scope, lines_of(page, self._chart))
