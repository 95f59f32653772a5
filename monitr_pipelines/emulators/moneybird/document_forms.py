"""Documents as whole objects, each family with the fields that matter of those that it has."""

from collections.abc import Callable, Mapping

from monitr_pipelines.emulators.moneybird import documents
from monitr_pipelines.emulators.moneybird.administrations import Administrations, Row
from monitr_pipelines.emulators.moneybird.documents import document_version, state_of
from monitr_pipelines.emulators.moneybird.forms import amount, identifier, identifier_or_none, moment
from monitr_pipelines.emulators.moneybird.masters import bank_of
from monitr_pipelines.emulators.shared.records import Company, Entry, Line
from monitr_pipelines.ledger.records import AccountType


class DocumentForms:
    """Makes the object of a document by its family."""

    def __init__(self, administrations: Administrations) -> None:
        self._administrations = administrations
        self._books = administrations.books
        self._forms: Mapping[str, Callable[[Company, Entry], Row]] = {
            documents.SALES: self._sales,
            documents.PURCHASES: self._purchase,
            documents.MUTATIONS: self._mutation,
            documents.JOURNAL: self._journal,
        }

    def form(self, family: str, company: Company, entry: Entry) -> Row:
        """A document of a family that has any."""
        common = {
            "id": identifier("document", entry.id),
            "administration_id": identifier("administration", company.id),
            "created_at": moment(entry.created.time),
            "updated_at": moment(max(entry.stamp.time, *(line.stamp.time for line in entry.lines))),
            "version": document_version(entry),
        }
        return common | self._forms[family](company, entry)

    def _journal(self, company: Company, entry: Entry) -> Row:
        rows = [
            self._line(company, line)
            | {
                "contact_id": identifier_or_none("contact", line.relation),
                "debit": amount(max(line.amount, 0)),
                "credit": amount(max(-line.amount, 0)),
                "row_order": number,
            }
            for number, line in enumerate(entry.lines, start=1)
        ]
        return {
            "reference": entry.number or None,
            "date": entry.day.isoformat(),
            "journal_type": None,
            "general_journal_document_entries": rows,
            "notes": [],
            "attachments": [],
            "events": [],
        }

    def _purchase(self, company: Company, entry: Entry) -> Row:
        return {
            "contact_id": self._contact(entry),
            "reference": entry.reference or entry.number or None,
            "date": entry.day.isoformat(),
            "due_date": None,
            "entry_number": entry.id,
            "state": state_of(documents.PURCHASES, entry),
            "currency": company.currency,
            "details": self._details(company, entry, 1),
            "payments": [],
            "notes": [],
            "attachments": [],
            "events": [],
        }

    def _sales(self, company: Company, entry: Entry) -> Row:
        return {
            "contact_id": self._contact(entry),
            "invoice_id": entry.number or None,
            "state": state_of(documents.SALES, entry),
            "invoice_date": entry.day.isoformat(),
            "reference": entry.reference or None,
            "currency": company.currency,
            "details": self._details(company, entry, -1),
            "payments": [],
            "notes": [],
            "attachments": [],
            "events": [],
        }

    def _mutation(self, company: Company, entry: Entry) -> Row:
        banks = [line for line in entry.lines if self._bank(line) is not None]
        others = [line for line in entry.lines if self._bank(line) is None]
        first = self._bank(banks[0]) if banks else None
        bookings = [
            self._line(company, line)
            | {
                "financial_mutation_id": identifier("document", entry.id),
                "price": amount(-line.amount),
            }
            for line in others
        ]
        return {
            "amount": amount(sum(line.amount for line in banks)),
            "date": entry.day.isoformat(),
            "message": entry.number or None,
            "state": state_of(documents.MUTATIONS, entry),
            "financial_account_id": identifier("financial_account", first or 0),
            "currency": company.currency,
            "payments": [],
            "ledger_account_bookings": bookings,
        }

    def _details(self, company: Company, entry: Entry, sign: int) -> list[Row]:
        """The lines of an invoice: those that are income or costs."""
        return [
            self._line(company, line)
            | {"amount_decimal": "1.0", "price": amount(sign * line.amount), "row_order": number}
            for number, line in enumerate(entry.lines)
            if self._books.accounts[line.account or 0].type is AccountType.PROFIT_AND_LOSS
        ]

    def _line(self, company: Company, line: Line) -> Row:
        return {
            "id": identifier("entry", line.id),
            "administration_id": identifier("administration", company.id),
            "ledger_account_id": identifier("ledger_account", line.account or 0),
            "project_id": identifier_or_none("project", self._administrations.project_of(line)),
            "description": line.text,
            "created_at": moment(line.stamp.time),
            "updated_at": moment(line.stamp.time),
        }

    def _contact(self, entry: Entry) -> str | None:
        relation = next((line.relation for line in entry.lines if line.relation), None)
        return identifier_or_none("contact", relation)

    def _bank(self, line: Line) -> int | None:
        return bank_of(self._books.accounts[line.account or 0])
