"""When something last changed in financial years: a year that changed is read again, whole."""

from collections.abc import Iterator, Mapping

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.lifecycle.errors import OurFault, ProviderDown
from monitr_pipelines.providers.yuki.api import Api
from monitr_pipelines.providers.yuki.balances import Balances
from monitr_pipelines.providers.yuki.datasets import YEAR_CHANGED
from monitr_pipelines.providers.yuki.values import bare
from monitr_pipelines.providers.yuki.windows import months_between


class Years:
    """The financial years of an administration, by their numbers."""

    def __init__(self, api: Api, administration: str, balances: Balances) -> None:
        self._api = api
        self._administration = administration
        self._balances = balances

    def told(self, known: Mapping[str, str]) -> dict[str, str]:
        """When something last changed in years; what is known stands where Yuki does not tell."""
        return {year: self._changed(year) or before for year, before in known.items()}

    def changed(self, known: Mapping[str, str], told: Mapping[str, str]) -> Iterator[Month]:
        """The months of years in which something changed."""
        for number, moment in told.items():
            if moment != known[number]:
                year = self._balances.year(int(number))
                yield from months_between(year.start, year.end)

    def _changed(self, year: str) -> str | None:
        """As Yuki writes it; None where it does not tell, as of a year that is called otherwise."""
        asked = {"administrationID": self._administration, "yearID": year}
        try:
            rows = self._api.rows(YEAR_CHANGED, asked)
        except (OurFault, ProviderDown):
            return None  # lines are read without it
        return bare(rows[0].get(YEAR_CHANGED.result)) if rows else None
