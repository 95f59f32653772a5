"""When something last changed in financial years: what shows that the digest of changes told of all."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.lifecycle.errors import OurFault, ProviderDown
from monitr_pipelines.providers.yuki.api import Api
from monitr_pipelines.providers.yuki.balances import Balances
from monitr_pipelines.providers.yuki.changes import Change
from monitr_pipelines.providers.yuki.datasets import YEAR_CHANGED
from monitr_pipelines.providers.yuki.values import bare, moment_of
from monitr_pipelines.providers.yuki.windows import months_between

# One of two stamps of the same change may be rounded.
SAME = timedelta(seconds=1)


class Years:
    """The financial years of an administration, by their numbers."""

    def __init__(self, api: Api, administration: str, balances: Balances) -> None:
        self._api = api
        self._administration = administration
        self._balances = balances

    def told(self, known: Mapping[str, str]) -> dict[str, str]:
        """When something last changed in years; what is known stands where Yuki does not tell."""
        return {year: self._changed(year) or before for year, before in known.items()}

    def untold(
        self, known: Mapping[str, str], told: Mapping[str, str], changes: Sequence[Change]
    ) -> Iterable[Month]:
        """The months of years that changed without the digest telling of the last change in them."""
        for number, moment in told.items():
            if moment and moment != known[number] and not _is_among(moment_of(moment, "a year"), changes):
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


def _is_among(moment: datetime, changes: Sequence[Change]) -> bool:
    return any(abs(change.stamp - moment) <= SAME for change in changes)
