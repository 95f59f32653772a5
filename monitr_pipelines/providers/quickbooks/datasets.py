"""What is read from QuickBooks Online: entities, reports, fields, limits.

Entities and their fields are those of Intuit's `Finance.xsd` (Java SDK of version 3), reports have the
form of `Report.xsd`; the columns of the general ledger are in no official specification at hand.
"""

from dataclasses import dataclass
from datetime import timedelta

from msgspec import Struct, field

from monitr_pipelines.providers.contract import RateLimit

# From August 2025 on the oldest that Intuit answers.
MINOR_VERSION = "75"
# Rows of a page of a query, at most.
PAGE = 1000
# Objects of an answer about changes, beyond which it is cut.
MOST_CHANGES = 1000


@dataclass(frozen=True)
class Dataset:
    """What is asked for: the part of a question that names it, its name, and the fields that are used."""

    asked: str
    name: str
    fields: tuple[str, ...]


COMPANY = Dataset("/companyinfo/", "CompanyInfo", ("CompanyName", "FiscalYearStartMonth"))
PREFERENCES = Dataset("/preferences", "Preferences", ("CurrencyPrefs", "AccountingInfoPrefs"))
ACCOUNTS = Dataset(
    "from Account",
    "Account",
    ("Id", "Name", "FullyQualifiedName", "AcctNum", "Classification", "AccountSubType"),
)
CLASSES = Dataset("from Class", "Class", ("Id", "FullyQualifiedName"))
LOCATIONS = Dataset("from Department", "Department", ("Id", "FullyQualifiedName"))
CHANGES = Dataset("/cdc", "ChangeDataCapture", ("Id", "TxnDate"))
BALANCES = Dataset("/reports/TrialBalance", "TrialBalance", ("account", "debit", "credit"))

DATE, TYPE, NUMBER, NAME, MEMO = "tx_date", "txn_type", "doc_num", "name", "memo"
DEBIT, CREDIT = "debt_amt", "credit_amt"
HOME_DEBIT, HOME_CREDIT, CURRENCY, FOREIGN = (
    "debt_home_amt",
    "credit_home_amt",
    "currency",
    "nat_foreign_amount",
)
CLASS_COLUMN, LOCATION_COLUMN = "klass_name", "dept_name"
LEDGER = Dataset(
    "/reports/GeneralLedger",
    "GeneralLedger",
    (
        *(DATE, TYPE, NUMBER, NAME, MEMO, CLASS_COLUMN, LOCATION_COLUMN),
        *(DEBIT, CREDIT, HOME_DEBIT, HOME_CREDIT, CURRENCY, FOREIGN),
    ),
)

READ = (COMPANY, PREFERENCES, ACCOUNTS, CLASSES, LOCATIONS, LEDGER, CHANGES, BALANCES)

CLASS, LOCATION = "Class", "Location"
# Axes by the column of the general ledger; a line has at most one value of each.
AXES = {CLASS_COLUMN: CLASS, LOCATION_COLUMN: LOCATION}

# Entities that post, as changes are told of them, by how the general ledger calls their transactions.
ENTITIES = {
    "Bill": "Bill",
    "Bill Payment (Check)": "BillPayment",
    "Bill Payment (Credit Card)": "BillPayment",
    "Bill Payment": "BillPayment",
    "Cash Expense": "Purchase",
    "Check": "Purchase",
    "Cheque": "Purchase",
    "Credit Card Credit": "Purchase",
    "Credit Card Expense": "Purchase",
    "Credit Memo": "CreditMemo",
    "Credit Note": "CreditMemo",
    "Deposit": "Deposit",
    "Expense": "Purchase",
    "Invoice": "Invoice",
    "Journal Entry": "JournalEntry",
    "Payment": "Payment",
    "Refund": "RefundReceipt",
    "Refund Receipt": "RefundReceipt",
    "Sales Receipt": "SalesReceipt",
    "Supplier Credit": "VendorCredit",
    "Transfer": "Transfer",
    "Vendor Credit": "VendorCredit",
}
CHANGING = tuple(sorted(set(ENTITIES.values())))

# How a row is called that carries a balance over.
BEGINNING = "Beginning Balance"

LIMITS = (RateLimit("minute", 500, timedelta(minutes=1)),)


class Cell(Struct, gc=False):
    """What stands in one column of a row; `id` is that of what it names."""

    value: str
    id: str | None = None


class Cells(Struct, gc=False):
    """The header or the sums of a section."""

    cells: list[Cell] = field(name="ColData")


class Row(Struct, gc=False):
    """A row with cells, or a section: a header, rows, sums."""

    cells: list[Cell] | None = field(name="ColData", default=None)
    header: Cells | None = field(name="Header", default=None)
    rows: "Rows | None" = field(name="Rows", default=None)
    sums: Cells | None = field(name="Summary", default=None)


class Rows(Struct, gc=False):
    """The rows of a report or of a section."""

    rows: list[Row] = field(name="Row", default_factory=list)


class Named(Struct):
    """A value by its name."""

    name: str = field(name="Name")
    value: str = field(name="Value", default="")


class Column(Struct):
    """A column of a report; its key is among the properties."""

    title: str = field(name="ColTitle", default="")
    properties: list[Named] = field(name="MetaData", default_factory=list)

    @property
    def key(self) -> str:
        """How it is asked for; its title where it has no key."""
        found = next((each.value for each in self.properties if each.name == "ColKey"), "")
        return found or self.title.strip().lower()


class ColumnList(Struct):
    """The columns of a report, in the order of its cells."""

    columns: list[Column] = field(name="Column", default_factory=list)


class Heading(Struct):
    """What a report says of itself."""

    name: str | None = field(name="ReportName", default=None)
    basis: str | None = field(name="ReportBasis", default=None)
    start: str | None = field(name="StartPeriod", default=None)
    end: str | None = field(name="EndPeriod", default=None)
    currency: str | None = field(name="Currency", default=None)
    options: list[Named] = field(name="Option", default_factory=list)


class Report(Struct):
    """A report: heading, columns, rows."""

    heading: Heading = field(name="Header")
    columns: ColumnList = field(name="Columns")
    rows: Rows = field(name="Rows")
