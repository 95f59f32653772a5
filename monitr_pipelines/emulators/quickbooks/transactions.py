"""Entries as the transactions of this software: what kind they are, their entities, which are gone.

There are no drafts here: an entry that goes back to draft is deleted. One that is cancelled is voided: it
stays, and its amounts are nought.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from monitr_pipelines.emulators.quickbooks.chart import Charted, Charts, account_reference
from monitr_pipelines.emulators.quickbooks.forms import (
    Document,
    amount,
    currency,
    metadata,
    reference,
    written,
)
from monitr_pipelines.emulators.quickbooks.realms import Realms
from monitr_pipelines.emulators.shared.records import Company, Entry, Line, Stamp, State

VOIDED = "Voided"


class TransactionKind(NamedTuple):
    """A kind of transactions.

    Args:
        entity: Its name.
        label: How reports call it.
        detail: What its lines are.
        account: What a line calls its account.
        party: What the transaction calls whom it is with; None where lines name that, and their locations.
    """

    entity: str
    label: str
    detail: str
    account: str = "AccountRef"
    party: str | None = None


JOURNAL_ENTRY = TransactionKind("JournalEntry", "Journal Entry", "JournalEntryLineDetail")
# By the kind of an entry's journal.
KINDS: Mapping[str, TransactionKind] = {
    "S": TransactionKind("Invoice", "Invoice", "SalesItemLineDetail", "ItemAccountRef", "CustomerRef"),
    "P": TransactionKind("Bill", "Bill", "AccountBasedExpenseLineDetail", party="VendorRef"),
    "B": TransactionKind("Purchase", "Expense", "AccountBasedExpenseLineDetail", party="EntityRef"),
}
ENTITIES = (JOURNAL_ENTRY.entity, *(kind.entity for kind in KINDS.values()))
ON_ACCOUNT = ("Invoice", "Bill")


class Gone(NamedTuple):
    """A transaction that is there no longer, and since when."""

    id: int
    time: int


def changed(entry: Entry) -> Stamp:
    """When a transaction last changed: any of its lines counts."""
    return max(entry.stamp, *(line.stamp for line in entry.lines)) if entry.lines else entry.stamp


def is_shown(entry: Entry) -> bool:
    """Whether an entry is a transaction here."""
    return entry.committed and entry.state is not State.DRAFT


class Transactions:
    """The transactions of all companies."""

    def __init__(self, realms: Realms, charts: Charts) -> None:
        self._realms = realms
        self._books = realms.books
        self._charts = charts
        # The journal of every entry that ever was: those that are gone no longer tell theirs.
        self._journals: dict[int, int] = {}
        self._noted = -1
        self.note()

    def kind(self, entry: Entry) -> TransactionKind:
        """What kind an entry is of."""
        return KINDS.get(self._books.journals[entry.journal].kind, JOURNAL_ENTRY)

    def shown(self, company: Company, entity: str) -> list[Entry]:
        """The transactions of a kind, by id."""
        entries = self._books.company_entries(company.id)
        return [each for each in entries if is_shown(each) and self.kind(each).entity == entity]

    def gone(self, company: Company, entity: str) -> Iterator[Gone]:
        """Those that were deleted or are drafts again, in no order."""
        self.note()
        for each in self._books.gone:
            if (each.kind, each.company) == ("entry", company.id) and each.id in self._journals:
                journal = self._books.journals[self._journals[each.id]]
                if KINDS.get(journal.kind, JOURNAL_ENTRY).entity == entity:
                    yield Gone(each.id, each.stamp.time)
        for entry in self._books.company_entries(company.id):
            left = entry.state is State.DRAFT and changed(entry) != entry.created
            if left and self.kind(entry).entity == entity:
                yield Gone(entry.id, changed(entry).time)

    def note(self) -> None:
        """Remember which journal each entry is in, as long as it tells."""
        if self._noted != self._books.revision:
            self._journals.update((entry.id, entry.journal) for entry in self._books.entries.values())
            self._noted = self._books.revision

    def row(self, company: Company, entry: Entry) -> Document:
        """A transaction as an entity."""
        kind, chart = self.kind(entry), self._charts.of(company)
        voided = entry.state is State.CANCELLED
        rate = next(((line.amount, line.foreign) for line in entry.lines if line.foreign), None)
        code = next((line.currency for line in entry.lines if line.currency), company.currency)
        debits = 0 if voided else sum(_told(line) for line in entry.lines if line.amount > 0)
        row: dict[str, object] = {
            "domain": "QBO",
            "sparse": False,
            "Id": str(entry.id),
            "SyncToken": str(changed(entry).version - entry.created.version),
            "MetaData": metadata(entry.created.time, changed(entry).time),
            "DocNumber": entry.number,
            "TxnDate": entry.day.isoformat(),
            "CurrencyRef": currency(code),
            "TotalAmt": amount(debits),
            "Line": [self._line(kind, chart.accounts, entry, number) for number in range(len(entry.lines))],
        }
        if note := " - ".join(text for text in (VOIDED if voided else "", entry.reference) if text):
            row["PrivateNote"] = note
        if rate and rate[1]:
            row["ExchangeRate"] = exchange_rate(*rate)
        return row | (self._about(kind.party, entry) if kind.party else {})

    def deleted(self, gone: Gone) -> Document:
        """What is told of a transaction that is gone: no date and no amount."""
        return {
            "domain": "QBO",
            "status": "Deleted",
            "Id": str(gone.id),
            "MetaData": {"LastUpdatedTime": written(gone.time)},
        }

    def _line(
        self, kind: TransactionKind, accounts: Mapping[int, Charted], entry: Entry, number: int
    ) -> Document:
        line = entry.lines[number]
        row: dict[str, object] = {"Id": str(number), "Description": line.text}
        if line.account is None:
            return row | {"DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}
        cents = 0 if entry.state is State.CANCELLED else abs(_told(line))
        detail: dict[str, object] = {kind.account: account_reference(accounts[line.account])}
        codes = self._realms.codes(line)
        if codes.klass and self._realms.setup.tracked:
            detail["ClassRef"] = reference(codes.klass.id, codes.klass.name)
        if kind is JOURNAL_ENTRY:
            detail["PostingType"] = "Debit" if line.amount >= 0 else "Credit"
            about = self._about("EntityRef", replace(entry, lines=(line,)))
            if "EntityRef" in about:
                relation = self._books.relations[line.relation or 0]
                detail["Entity"] = {"Type": party_of(relation.code), "EntityRef": about.pop("EntityRef")}
            detail |= about
        return row | {"Amount": amount(cents), "DetailType": kind.detail, kind.detail: detail}

    def _about(self, party: str, entry: Entry) -> dict[str, object]:
        """Whom a transaction is with and its location: the first that any of its lines has."""
        relations = (self._books.relations.get(line.relation or 0) for line in entry.lines)
        locations = (self._realms.codes(line).location for line in entry.lines)
        told: dict[str, object] = {}
        if relation := next((each for each in relations if each), None):
            told[party] = reference(relation.id, relation.name)
        location = next((each for each in locations if each), None)
        if location and self._realms.setup.tracked:
            told["DepartmentRef"] = reference(location.id, location.name)
        return told


def party_of(code: str) -> str:
    """Whether a relation is a customer or a vendor, by the code that it has in the books."""
    return "Customer" if code.startswith("C") else "Vendor"


def exchange_rate(cents: int, foreign: int) -> object:
    """What a unit of the foreign currency is worth."""
    return (amount(cents) / amount(foreign)).quantize(amount(1) / 10_000).normalize()


def _told(line: Line) -> int:
    """Cents as the transaction has them: in its own currency."""
    return line.amount if line.foreign is None else line.foreign
