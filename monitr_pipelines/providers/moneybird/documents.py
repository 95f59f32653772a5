"""Documents that were changed, by their versions, and the months that they are booked in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.providers.moneybird.api import Api
from monitr_pipelines.providers.moneybird.cursors import look_again_from
from monitr_pipelines.providers.moneybird.datasets import FAMILIES, DocumentRow, Family, VersionRow
from monitr_pipelines.providers.moneybird.values import day_of, months_of, unknown
from monitr_pipelines.providers.retries import FIRST_EPOCH, FIRST_MILLISECONDS

# As `period` takes them; books of all times lie between.
FIRST, LAST = Month(1990, 1), Month(2100, 12)


@dataclass(frozen=True)
class Versions:
    """The documents of all families as they are now.

    Args:
        since: The version from which on each family is to be looked at by the next import.
        changed: Ids of documents that an import knows in another version, or not at all, by family.
    """

    since: Mapping[str, int]
    changed: Mapping[Family, list[str]]

    def months(self, api: Api) -> set[Month]:
        """The months in which changed documents are booked."""
        return {
            month
            for family, ids in self.changed.items()
            for row in api.documents(family, ids)
            for month in _booked_in(row)
        }


def read_versions(api: Api, known: Mapping[str, int] | None) -> Versions:
    """Ask for all versions; `known` is `since` of the import before, None where everything is read anyway."""
    since: dict[str, int] = {}
    changed: dict[Family, list[str]] = {}
    for family in FAMILIES:
        versions = {str(row.id): _version(row) for row in api.versions(family, FIRST, LAST)}
        since[family.name] = look_again_from(list(versions.values()), api.now())
        if known is not None:
            least = known.get(family.name, 0)
            changed[family] = [id_ for id_, version in versions.items() if version >= least]
    return Versions(since, changed)


def _version(row: VersionRow) -> int:
    """A moment in seconds since 1970: a mere count could not tell what is newest of all documents."""
    version = int(row.version) if str(row.version).isdecimal() else 0
    return version if FIRST_EPOCH <= version < FIRST_MILLISECONDS else unknown("version is no moment")


def _booked_in(row: DocumentRow) -> Iterator[Month]:
    for text in (row.date, row.invoice_date):
        if text:
            yield Month.of(day_of(text, "date"))
    for detail in row.details or ():
        if detail.period:
            yield from months_of(detail.period)
