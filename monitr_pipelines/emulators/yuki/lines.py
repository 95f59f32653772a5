"""How a line is shown: with all that is known of it, and as a row of the changes."""

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import WHOLE, Entry, Line, Value
from monitr_pipelines.emulators.yuki.envelopes import SoapFault
from monitr_pipelines.emulators.yuki.forms import (
    amount,
    element,
    guid,
    midnight,
    on_the_wall,
    optional,
    rate,
    written,
    yes,
)
from monitr_pipelines.emulators.yuki.ledger import Change

PROJECT_AXIS = "project"
# Type, folder and tab of a document by the kind of its journal; other bookings have none.
DOCUMENTS = {
    "S": ("TRMSales invoice", "TRMSales", "TRMInvoices"),
    "P": ("TRMPurchase invoice", "TRMPurchase_1", "TRMInvoices"),
    "B": ("TRMBank statement", "TRMBank", "TRMStatements"),
    "M": ("TRMGeneral journal", "TRMGeneral", "TRMJournals"),
}
USER = "yuki"


def transaction_info(books: SharedBooks, entry: Entry, line: Line) -> str:
    """All that is known of a line, in the order of the description; what is empty is absent."""
    company = books.companies[entry.company]
    relation = books.relations.get(line.relation or 0)
    project = project_of(books, line)
    document = DOCUMENTS.get(books.journals[entry.journal].kind)
    code = books.accounts[line.account or 0].code
    contact = (
        optional("fullName", relation.name)
        + f"<contactHID>{relation.id}</contactHID>"
        + optional("contactCode", relation.code)
        if relation
        else "<contactHID>0</contactHID>"
    )
    return "".join(
        (
            _head(line, entry, company.currency),
            contact,
            element("project", project.name) + element("projectCode", project.code) if project else "",
            element("glAccountCode", code),
            _document(entry, document) if document else "",
            f"<contactID>{guid('relation', relation.id)}</contactID>" if relation else "",
            f"<periodId>{entry.day:%Y%m}</periodId>",
            element("company", company.name),
            f"<mutationUser>{USER}</mutationUser>",
        )
    )


def updated_transaction(books: SharedBooks, change: Change) -> str:
    """A line that changed, or was deleted: what it was, and when."""
    entry, line, stamp, deleted = change
    relation = books.relations.get(line.relation or 0)
    project = project_of(books, line)
    document = books.journals[entry.journal].kind in DOCUMENTS
    account = books.accounts.get(line.account or 0)
    return "".join(
        (
            "<UpdatedTransaction>",
            _head(line, entry, books.companies[entry.company].currency, with_hid=False),
            f"<contactID>{guid('relation', relation.id)}</contactID>" if relation else "",
            optional("fullName", relation.name) if relation else "",
            element("glAccountCode", account.code if account else ""),
            f"<documentID>{guid('document', entry.id)}</documentID>" if document else "<documentID />",
            element("project", project.name) + element("projectCode", project.code) if project else "",
            f"<created>{written(on_the_wall(entry.created.time))}</created>",
            f"<updated>{written(on_the_wall(stamp.time))}</updated>",
            f"<deleted>{yes(deleted)}</deleted></UpdatedTransaction>",
        )
    )


def project_of(books: SharedBooks, line: Line) -> Value | None:
    """The one project of a line.

    Raises:
        SoapFault: It is divided, or has two: this software has no such lines.
    """
    found: Value | None = None
    for share in line.shares:
        for number in share.values:
            value = books.values[number]
            if books.axes[value.axis].code != PROJECT_AXIS:
                continue
            if found is not None or share.percent != WHOLE:
                raise SoapFault(f"line {line.id} is divided over projects", code="Server")
            found = value
    return found


def _head(line: Line, entry: Entry, currency: str, *, with_hid: bool = True) -> str:
    foreign = line.amount if line.foreign is None else line.foreign
    return (
        f"<id>{guid('line', line.id)}</id>"
        f"{f'<hID>{line.id}</hID>' if with_hid else ''}"
        f"<transactionDate>{midnight(entry.day)}</transactionDate>"
        f"{optional('description', line.text)}"
        f"<transactionAmount>{amount(line.amount)}</transactionAmount>"
        f"<transactionAmountForeignCurrency>{amount(foreign)}</transactionAmountForeignCurrency>"
        f"<currencyRate>{rate(line.amount, foreign)}</currencyRate>"
        f"<currency>{line.currency or currency}</currency>"
    )


def _document(entry: Entry, document: tuple[str, str, str]) -> str:
    kind, folder, tab = document
    return (
        f"<documentID>{guid('document', entry.id)}</documentID>"
        f"{optional('documentReference', entry.reference or entry.number)}"
        f"<documentType>{kind}</documentType><documentFolder>{folder}</documentFolder>"
        f"<documentFolderTab>{tab}</documentFolderTab>"
    )
