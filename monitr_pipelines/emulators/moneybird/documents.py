"""Entries as documents: sales and purchase invoices, bank mutations, and journal documents for all others.

A document tells by its version that it was changed: the second of its latest change. One that was deleted
is no longer listed, and nothing tells when; a cancelled entry is one that was deleted.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from monitr_pipelines.emulators.moneybird.administrations import Administrations
from monitr_pipelines.emulators.moneybird.forms import EPOCH, Refused, version
from monitr_pipelines.emulators.moneybird.periods import period_of
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import MICROSECOND
from monitr_pipelines.emulators.shared.records import Company, Entry, State

SALES, PURCHASES = "sales_invoices", "documents/purchase_invoices"
MUTATIONS, JOURNAL = "financial_mutations", "documents/general_journal_documents"
# Families that these books have no documents of.
EMPTY = (
    "documents/receipts",
    "documents/typeless_documents",
    "documents/general_documents",
    "external_sales_invoices",
)
FAMILIES = (SALES, PURCHASES, MUTATIONS, JOURNAL, *EMPTY)
# The family of an entry by the kind of its journal.
BY_KIND = {"S": SALES, "P": PURCHASES, "B": MUTATIONS}
TYPES = {SALES: "SalesInvoice", MUTATIONS: "FinancialMutation"}
OTHER_TYPE = "Document"
# What a family calls an entry that is no draft any more, and what it calls drafts.
STATES = {
    SALES: ("open", "draft"),
    PURCHASES: ("open", "new"),
    MUTATIONS: ("processed", "unprocessed"),
    JOURNAL: ("saved", "new"),
}
KNOWN_STATES = frozenset(
    (
        *("all", "new", "saved", "open", "paid", "late", "pending_payment", "draft", "scheduled"),
        *("reminded", "uncollectible", "unprocessed", "processed", "auto_booked"),
    )
)
DEFAULT_FILTER = "period:this_year"
# Filters that the software has, and that are not emulated: nobody is to think that they did anything.
NOT_EMULATED = frozenset(
    (
        *("recurring", "attachment", "reference", "contact_id", "ledger_account_id", "created_after"),
        *("recurring_sales_invoice_id", "workflow_id", "mutation_type", "financial_account_id"),
        *("amount_from", "amount_to"),
    )
)

Filter = Callable[[Entry], bool]


def family_of(books: SharedBooks, entry: Entry) -> str:
    """The family of the document that an entry is."""
    return BY_KIND.get(books.journals[entry.journal].kind, JOURNAL)


def document_type(books: SharedBooks, entry: Entry) -> str:
    """What journal entries call the document that they are from."""
    return TYPES.get(family_of(books, entry), OTHER_TYPE)


def document_version(entry: Entry) -> int:
    """The version of a document: a line that is changed changes it too."""
    return version([entry.stamp.time, *(line.stamp.time for line in entry.lines)])


def state_of(family: str, entry: Entry) -> str:
    """What the software calls the state of a document."""
    done, draft = STATES[family]
    return draft if entry.state is State.DRAFT else done


@dataclass(frozen=True)
class Documents:
    """The documents of administrations."""

    administrations: Administrations

    def of(self, company: Company, family: str) -> Iterator[Entry]:
        """All documents of a family, by their numbers."""
        books = self.administrations.books
        return (
            entry
            for entry in books.company_entries(company.id)
            if entry.state is not State.CANCELLED and family_of(books, entry) == family
        )

    def filtered(self, company: Company, family: str, text: str | None) -> Iterator[Entry]:
        """Those that a filter lets through; without one, those of this calendar year.

        Raises:
            Refused: The filter has a value that there is not.
        """
        conditions = [
            self._condition(company, family, name, value)
            for name, value in terms(DEFAULT_FILTER if text is None else text).items()
        ]
        return (
            entry for entry in self.of(company, family) if all(condition(entry) for condition in conditions)
        )

    def _condition(self, company: Company, family: str, name: str, value: str) -> Filter:
        if name == "period":
            period = period_of(value, self.administrations.today(company))
            return lambda entry: period.first <= entry.day <= period.last
        if name == "state":
            states = value.split("|")
            if not set(states) <= KNOWN_STATES:
                raise Refused(400, "Status is not included in the list", filter="invalid")
            return lambda entry: "all" in states or state_of(family, entry) in states
        if name == "updated_after":
            after = _microseconds(value)
            return lambda entry: max(entry.stamp.time, *(line.stamp.time for line in entry.lines)) > after
        if name in NOT_EMULATED:
            raise Refused(400, f"The filter {name} is not emulated")
        return lambda _: True


def terms(text: str) -> Mapping[str, str]:
    """The terms of a filter, `key:value` with commas between."""
    pairs = (term.partition(":") for term in text.split(",") if term)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _microseconds(text: str) -> int:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, "Date is invalid") from None
    return ((told if told.tzinfo else told.replace(tzinfo=UTC)) - EPOCH) // MICROSECOND
