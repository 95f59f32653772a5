"""One organisation's books in Xero."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property

from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import ImportProblem, ReconnectNeeded
from monitr_pipelines.providers.contract import Administration, End, Item, Ports
from monitr_pipelines.providers.xero.api import Api, gone
from monitr_pipelines.providers.xero.balances import MOST_YEARS, closing_balances
from monitr_pipelines.providers.xero.chart import Chart, read_chart
from monitr_pipelines.providers.xero.cursors import Place
from monitr_pipelines.providers.xero.datasets import OrganisationRow
from monitr_pipelines.providers.xero.fiscal import first_month, year_end_of
from monitr_pipelines.providers.xero.stream import Stream

ORGANISATION = "ORGANISATION"


class XeroSource:
    """Reads one organisation, or lists those that a person connected."""

    def __init__(self, administration: str | None, ports: Ports) -> None:
        self._api = Api(ports, administration)
        self._administration = administration
        self._read_whole = False

    def check(self) -> None:
        """Ask which tenants are connected, and whether the organisation is among them."""
        tenants = self._tenants()
        if self._administration is not None and self._administration not in tenants:
            raise gone()

    def administrations(self) -> Sequence[Administration]:
        """The organisations that are connected, without those that refuse to tell what they are.

        Raises:
            ReconnectNeeded: All of them do.
        """
        if self._administration is not None:
            return [_administration(self._administration, self._organisation)]
        found: list[Administration] = []
        refused: ImportProblem | None = None
        for tenant in self._tenants():
            try:
                found.append(_administration(tenant, self._api.organisation(tenant)))
            except ReconnectNeeded as problem:
                refused = problem
        if refused and not found:
            raise refused
        return found

    def accounts(self) -> Iterable[Account]:
        """The chart of accounts."""
        return self._chart.accounts.values()

    def axes(self) -> Iterable[AxisValue]:
        """The options of tracking categories; each category is an axis."""
        return self._chart.values.values()

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """The whole ledger by ascending journal number, or what was booked since."""
        self._read_whole = cursor is None
        self._chart = read_chart(self._api)
        names, now = self._chart.digests(), self._api.now()
        place = Place(now, names, behind=0) if cursor is None else Place.of(cursor).begun_again(now, names)
        stream = Stream(self._api, place, self._chart)
        yield from stream.items()
        if stream.unlisted:
            # Accounts and options that were made since the chart was read.
            self._chart = read_chart(self._api)
        yield End(stream.place.as_json())

    def trial_balance(self, at: date) -> TrialBalance:
        """Balances as Xero's own report adds them up."""
        years = MOST_YEARS if self._read_whole else 1
        return closing_balances(self._api, self._chart, year_end_of(self._organisation), at, years)

    def close(self) -> None:
        """Let go of the connection; nobody signs out of a grant."""
        self._api.close()

    def _tenants(self) -> list[str]:
        return [each.tenant for each in self._api.connections() if each.kind == ORGANISATION]

    @cached_property
    def _organisation(self) -> OrganisationRow:
        return self._api.organisation()

    @cached_property
    def _chart(self) -> Chart:
        return read_chart(self._api)


def _administration(tenant: str, organisation: OrganisationRow) -> Administration:
    return Administration(tenant, organisation.name, organisation.currency, first_month(organisation))
