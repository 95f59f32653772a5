"""One dossier's books in Octopus."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Administration, End, Item, Ports
from monitr_pipelines.providers.octopus.api import Api
from monitr_pipelines.providers.octopus.balances import closing_balances, first_month
from monitr_pipelines.providers.octopus.chart import Chart, read_accounts, read_chart
from monitr_pipelines.providers.octopus.cursors import Place
from monitr_pipelines.providers.octopus.datasets import BOOKYEARS, AmountRow, BookyearRow, DossierRow
from monitr_pipelines.providers.octopus.lines import CURRENCY
from monitr_pipelines.providers.octopus.signs import added_up, sign_of_balances
from monitr_pipelines.providers.octopus.stream import Stream, read_amounts
from monitr_pipelines.providers.octopus.values import TITLE


class OctopusSource:
    """Reads one dossier, or lists those that the user may use."""

    def __init__(self, administration: str | None, ports: Ports) -> None:
        self._api = Api(ports, administration)
        self._administration = administration
        self._balance_sign: int | None = None
        self._amounts: Sequence[AmountRow] | None = None

    def check(self) -> None:
        """Sign in, and connect to the dossier."""
        self._api.check()

    def administrations(self) -> Sequence[Administration]:
        """The dossiers that the user may use; one alone with its fiscal year."""
        if self._administration is None:
            return [_administration(row, None) for row in self._api.dossiers()]
        own = [row for row in self._api.dossiers() if str(row.key.id) == self._administration]
        if not own:
            raise EntityGone(Message("administration_hidden", {"title": TITLE}))
        return [_administration(own[0], first_month(self._bookyears))]

    def accounts(self) -> Iterable[Account]:
        """The chart of accounts, those of earlier bookyears too."""
        return self._chart.as_accounts()

    def axes(self) -> Iterable[AxisValue]:
        """Cost centres, closed ones too."""
        return self._chart.as_values()

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """The whole ledger by bookyear and type of journal, or every booking that changed, whole."""
        now = self._api.began_at()
        place = Place(now) if cursor is None else Place.of(cursor)
        whole = cursor is None or place.fetch is not None
        self._chart = read_chart(self._api, place.cost_centres, sparing=not whole)
        place = replace(place, cost_centres=self._chart.cost_centres)
        stream = Stream(self._api, place, now)
        yield from stream.whole(self._bookyears) if whole else stream.changed()
        self._chart = replace(self._chart, cost_centres=stream.place.cost_centres)
        if not self._chart.accounts.keys() >= set(map(str, stream.accounts)):
            # Accounts that were made since the chart was read.
            self._chart = replace(self._chart, accounts=read_accounts(self._api))
        self._balance_sign, self._amounts = stream.place.balance_sign, stream.amounts
        yield End(stream.place.as_json())

    def trial_balance(self, at: date) -> TrialBalance:
        """What Octopus adds up by account and period, at the end of the period of a day."""
        rows = read_amounts(self._api) if self._amounts is None else self._amounts
        sign = self._balance_sign or (sign_of_balances(added_up(rows)) if rows else 1)
        return closing_balances(self._bookyears, rows, at, sign)

    def close(self) -> None:
        """Let go of the connections; tokens end by themselves."""
        self._api.close()

    @cached_property
    def _chart(self) -> Chart:
        kept: Mapping[str, str] = {}
        return read_chart(self._api, kept, sparing=True)

    @cached_property
    def _bookyears(self) -> Sequence[BookyearRow]:
        found: Sequence[BookyearRow] | None = self._api.all(BOOKYEARS)
        return found or ()


def _administration(row: DossierRow, first: int | None) -> Administration:
    return Administration(str(row.key.id), row.description.strip(), CURRENCY, first)
