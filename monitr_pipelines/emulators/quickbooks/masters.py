"""What stands beside the ledger: the company, its preferences, classes, locations, customers, vendors."""

from collections.abc import Iterable
from datetime import date

from monitr_pipelines.emulators.quickbooks.forms import Document, currency, metadata
from monitr_pipelines.emulators.quickbooks.realms import Realms
from monitr_pipelines.emulators.quickbooks.transactions import party_of
from monitr_pipelines.emulators.shared.records import Axis, Company, Stamp

# Every company has one row of these, of this id.
ONLY = "1"


def _entity(key: int | str, stamp: Stamp) -> dict[str, object]:
    return {
        "domain": "QBO",
        "sparse": False,
        "Id": str(key),
        "SyncToken": str(stamp.version),
        "MetaData": metadata(stamp.time, stamp.time),
    }


class Masters:
    """The rows of a company that are no transactions and no accounts."""

    def __init__(self, realms: Realms) -> None:
        self._realms = realms
        self._books = realms.books

    def company_info(self, company: Company, _: int) -> list[Document]:
        """Who the company is."""
        month = date(2000, company.fiscal_year_start, 1)
        return [
            {
                **_entity(ONLY, company.stamp),
                "CompanyName": company.name,
                "LegalName": company.name,
                "Country": company.country,
                "FiscalYearStartMonth": f"{month:%B}",
                "SupportedLanguages": "en",
                "NameValue": [{"Name": "SubscriptionStatus", "Value": "PAID"}],
            }
        ]

    def preferences(self, company: Company, _: int) -> list[Document]:
        """How its books are kept."""
        tracked = self._realms.setup.tracked
        month = date(2000, company.fiscal_year_start, 1)
        accounting: dict[str, object] = {
            "FirstMonthOfFiscalYear": f"{month:%B}",
            "UseAccountNumbers": True,
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": tracked,
            "TrackDepartments": tracked,
            "CustomerTerminology": "Customers",
        }
        if tracked:
            accounting["DepartmentTerminology"] = "Location"
        if company.locked_through:
            accounting["BookCloseDate"] = company.locked_through.isoformat()
        return [
            {
                **_entity(ONLY, company.stamp),
                "AccountingInfoPrefs": accounting,
                "CurrencyPrefs": {
                    "MultiCurrencyEnabled": self._realms.several_currencies(company),
                    "HomeCurrency": {"value": company.currency},
                },
                "ReportPrefs": {"ReportBasis": self._realms.setup.basis},
            }
        ]

    def classes(self, company: Company, _: int) -> list[Document]:
        """Its classes, by id."""
        return self._values(company, self._realms.axes()[0], "SubClass")

    def locations(self, company: Company, _: int) -> list[Document]:
        """Its locations, by id."""
        return self._values(company, self._realms.axes()[1], "SubDepartment")

    def customers(self, company: Company, _: int) -> list[Document]:
        """Its customers, by id."""
        return list(self._parties(company, "Customer"))

    def vendors(self, company: Company, _: int) -> list[Document]:
        """Its suppliers, by id."""
        return list(self._parties(company, "Vendor"))

    def _values(self, company: Company, axis: Axis | None, below: str) -> list[Document]:
        return [
            {
                **_entity(value.id, value.stamp),
                "Name": f"{value.name} (deleted)" if value.archived else value.name,
                below: False,
                "FullyQualifiedName": value.name,
                "Active": not value.archived,
            }
            for value in self._realms.values(company, axis)
        ]

    def _parties(self, company: Company, party: str) -> Iterable[Document]:
        for relation in self._books.relations.values():
            if relation.company == company.id and party_of(relation.code) == party:
                row = _entity(relation.id, relation.stamp)
                row |= {"DisplayName": relation.name, "PrintOnCheckName": relation.name, "Active": True}
                if party == "Customer":
                    row |= {"FullyQualifiedName": relation.name, "Job": False, "IsProject": False}
                yield row | {"CurrencyRef": currency(company.currency)}
