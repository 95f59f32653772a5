"""One division's books in Exact Online."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Administration, End, Item, Ports
from monitr_pipelines.providers.exact.api import Api
from monitr_pipelines.providers.exact.balances import closing_balances, first_month
from monitr_pipelines.providers.exact.chart import Chart, read_chart
from monitr_pipelines.providers.exact.cursors import Place
from monitr_pipelines.providers.exact.datasets import DIVISIONS, MANY_BALANCES, MOST_BALANCES, PERIODS
from monitr_pipelines.providers.exact.sign_in import TITLE
from monitr_pipelines.providers.exact.stream import Stream, settled_deletions
from monitr_pipelines.providers.exact.values import Row, code, moment, text, whole

ARCHIVED = 2


class ExactSource:
    """Reads one division, or lists those that the user may use."""

    def __init__(self, administration: str | None, ports: Ports) -> None:
        self._api = Api(ports, administration)
        self._administration = administration
        self._read_whole = False

    def check(self) -> None:
        """Ask who the user is, or whether the division is there."""
        _ = self._api.current_division() if self._administration is None else self._division

    def administrations(self) -> Sequence[Administration]:
        """The divisions that the user may use, archived ones left out; one alone with its fiscal year.

        The fiscal years of all of them would take a question for each, and a division that refuses it
        would count against all.
        """
        if self._administration is not None:
            return [_administration(self._division, first_month(self._periods))]
        rows = self._api.rows(DIVISIONS)
        return [_administration(row, None) for row in rows if whole(row, "Status") != ARCHIVED]

    def accounts(self) -> Iterable[Account]:
        """The chart of accounts."""
        return self._chart.accounts

    def axes(self) -> Iterable[AxisValue]:
        """Cost centres, cost units and projects."""
        return self._chart.values

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """The whole ledger by ascending row version, or the lines that changed and those that are gone."""
        stamps, now = self._stamps, self._api.now()
        self._read_whole = cursor is None
        self._chart = read_chart(self._api)
        codes = self._chart.codes
        if cursor is None:
            begun = Place(now, stamps, codes, after=0)
            place = replace(begun, deleted=settled_deletions(self._api, begun))
        else:
            place = Place.of(cursor).begun_again(now, stamps, codes)
        stream = Stream(self._api, place, code(self._division, "Currency"))
        yield from stream.items()
        if not self._chart.names(stream.used):
            # Accounts and values that were made since the chart was read.
            self._chart = read_chart(self._api)
        known = {**self._chart.codes, **stream.place.codes}
        yield End(replace(stream.place, codes=known).as_json())

    def trial_balance(self, at: date) -> TrialBalance:
        """Balances as Exact's own reports add them up, at the end of the financial period of a day."""
        many = MOST_BALANCES if self._read_whole else MANY_BALANCES
        return closing_balances(self._api, self._periods, at, many)

    def close(self) -> None:
        """Let go of the connection; nobody signs out of a grant."""
        self._api.close()

    @property
    def _stamps(self) -> tuple[str | None, str | None]:
        moved = moment(self._division, "DivisionMoveDate")
        linked = moment(self._division, "DivisionHRLinkUnlinkDate")
        return moved.isoformat() if moved else None, linked.isoformat() if linked else None

    @cached_property
    def _chart(self) -> Chart:
        return read_chart(self._api)

    @cached_property
    def _periods(self) -> Sequence[Row]:
        return list(self._api.rows(PERIODS))

    @cached_property
    def _division(self) -> Row:
        found = [
            row
            for row in self._api.rows(DIVISIONS, f"Code eq {self._api.division}")
            if str(whole(row, "Code")) == self._api.division
        ]
        if not found:
            raise EntityGone(Message("administration_hidden", {"title": TITLE}))
        if whole(found[0], "Status") == ARCHIVED:
            raise EntityGone(Message("administration_archived", {"title": TITLE}))
        return found[0]


def _administration(row: Row, first: int | None) -> Administration:
    return Administration(
        str(whole(row, "Code")), text(row, "Description") or "", code(row, "Currency"), first
    )
