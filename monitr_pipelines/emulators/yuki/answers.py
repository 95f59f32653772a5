"""What is answered about one administration, each from what was given by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitr_pipelines.emulators.shared.records import Company
from monitr_pipelines.emulators.yuki.digest import Digest
from monitr_pipelines.emulators.yuki.envelopes import SoapFault
from monitr_pipelines.emulators.yuki.forms import number_of
from monitr_pipelines.emulators.yuki.ledger import Ledger
from monitr_pipelines.emulators.yuki.lines import transaction_info
from monitr_pipelines.emulators.yuki.reports import Reports

Values = Mapping[str, Any]
NO_TRANSACTION = "Invalid transaction ID"


@dataclass(frozen=True)
class Answers:
    """The answers of the operations that name an administration, as the XML of their results."""

    ledger: Ledger
    digest: Digest
    reports: Reports

    def details(self, company: Company, values: Values) -> str:
        """All lines in a time, of one account or of all: there are no pages."""
        books, code = self.ledger.books, values["GLAccountCode"]
        first, last = values["StartDate"].date(), values["EndDate"].date()
        return "".join(
            f"<TransactionInfo>{transaction_info(books, entry, line)}</TransactionInfo>"
            for entry, line in self.ledger.between(company, first, last, fiscal=_is_fiscal(values))
            if code in ("", books.accounts[line.account or 0].code)
        )

    def detail(self, company: Company, values: Values) -> str:
        """One line.

        Raises:
            SoapFault: There is none with this key, or it was deleted.
        """
        number = number_of("line", values["transactionID"])
        for each in self.ledger.changes(company):
            if each.line.id == number and not each.deleted:
                return transaction_info(self.ledger.books, each.entry, each.line)
        raise SoapFault(NO_TRANSACTION)

    def changes(self, company: Company, values: Values) -> str:
        """A page of the changes in a time."""
        first, count = values["startRecord"], values["numberOfRecords"]
        return self.digest.page(company, values["startDate"], values["endDate"], first, count)

    def year_changed(self, company: Company, values: Values) -> str:
        """When a financial year last changed."""
        return self.digest.year_changed(company, values["yearID"])

    def period(self, company: Company, values: Values) -> str:
        """The days of a financial year."""
        return self.reports.period(company, values["yearID"])

    def scheme(self, company: Company, _: Values) -> str:
        """The accounts."""
        return self.reports.scheme(company)

    def balances(self, company: Company, values: Values) -> str:
        """The balances at the end of a day."""
        return self.reports.balances(company, values["transactionDate"].date(), fiscal=False)

    def fiscal_balances(self, company: Company, values: Values) -> str:
        """The same with fiscal corrections."""
        return self.reports.balances(company, values["transactionDate"].date(), fiscal=True)

    def start_balances(self, company: Company, values: Values) -> str:
        """The balances with which a year begins."""
        return self.reports.start_balances(company, values["bookyear"], fiscal=_is_fiscal(values))

    def projects(self, company: Company, values: Values) -> str:
        """Projects without their keys."""
        return self.reports.projects(company, values["searchOption"], values["searchValue"], with_id=False)

    def projects_and_id(self, company: Company, values: Values) -> str:
        """Projects with their keys."""
        return self.reports.projects(company, values["searchOption"], values["searchValue"], with_id=True)

    def project_balances(self, company: Company, values: Values) -> str:
        """What was booked on a project in a time."""
        code, project = values["GLAccountCode"], values["projectCode"]
        first, last = values["StartDate"].date(), values["EndDate"].date()
        return self.reports.project_balances(company, code, project, first, last)


def _is_fiscal(values: Values) -> bool:
    return bool(values["financialMode"])
