"""Dossiers, bookyears, journals and cost centres: what is asked for as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitr_pipelines.emulators.octopus.accounts import Row, described
from monitr_pipelines.emulators.octopus.documents import Documents
from monitr_pipelines.emulators.octopus.dossiers import FINANCIAL, Dossiers, dossier_of
from monitr_pipelines.emulators.octopus.lines import cost_centre_axis
from monitr_pipelines.emulators.shared.records import Company

BY_SOFTWARE = 1


@dataclass(frozen=True)
class Masters:
    """The rows that lines and questions refer to."""

    dossiers: Dossiers
    documents: Documents

    def listed(self) -> list[Row]:
        """The dossiers that the user may open."""
        return [
            {
                "dossierDescription": company.name,
                "dossierKey": {"id": dossier_of(company.id)},
                "vatNr": _vat(company.tax_number),
                "city": "Brugge",
                "country": company.country,
                "email": "",
                "languageCode": "nl",
                "postalCode": "8000",
                "streetAndNr": "",
                "url": "",
            }
            for company in self.dossiers.reachable()
        ]

    def bookyears(self, company: Company) -> list[Row]:
        """The bookyears of a dossier with their periods."""
        locked = company.locked_through
        return [
            {
                "bookyearDescription": str(each.end.year),
                "bookyearKey": {"id": each.id},
                "closed": locked is not None and each.end <= locked,
                "endDate": each.end.isoformat(),
                "periods": [
                    {"bookyearPeriod": number, "endDate": last.isoformat(), "startDate": first.isoformat()}
                    for number, first, last in each.periods()
                ],
                "startDate": each.start.isoformat(),
            }
            for each in self.dossiers.bookyears(company)
        ]

    def journals(self, company: Company, bookyear: int) -> Iterator[Row]:
        """The journals of a bookyear."""
        booked: dict[tuple[int, int], int] = {}
        for document in self.documents.of(company):
            year, kind, number, sequence = document.key
            if year == bookyear:
                booked[kind, number] = max(sequence, booked.get((kind, number), 0))
        for journal in self.dossiers.journals(company.id):
            place = self.dossiers.place(journal.id)
            currency = {"currencyCode": company.currency} if place.type == FINANCIAL else {}
            yield {
                "bookyearKey": {"id": bookyear},
                "closed": False,
                "closedPeriod": 0,
                **currency,
                "insertionType": BY_SOFTWARE,
                "journalKey": place.key,
                "lastBookedDocumentNr": booked.get((place.type, place.number), 0),
                "name": journal.name,
                "protectedPeriod": 0,
            }

    def cost_centres(self, company: Company, *, active: bool = False) -> list[Row]:
        """The cost centres of a dossier, or those that are not closed."""
        axis = cost_centre_axis(self.dossiers)
        return [
            {
                "closed": value.archived,
                "costCentreKey": {"id": value.id},
                "description": described(value.name),
            }
            for value in self.dossiers.books.values.values()
            if value.axis == axis and value.company in (None, company.id)
            if not (active and value.archived)
        ]


def _vat(number: str) -> str:
    """`BE0123456749` as it is written: `BE0123.456.749`."""
    return f"{number[:6]}.{number[6:9]}.{number[9:]}"
