"""What is read from Yuki, and where: servers, operations, fields, limits.

From the answers that Yuki documents; names of parameters, which differ in their capitals from one operation
to the other, from programs that are generated from its descriptions of the services.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from monitr_pipelines.lifecycle.errors import ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import RateLimit
from monitr_pipelines.web_address import is_loopback, parts_of

TITLE = "Yuki"
# Each country has servers of its own, which know its keys alone.
COUNTRIES = {"be": "https://api.yukiworks.be", "nl": "https://api.yukiworks.nl"}
NAMESPACE = "http://www.theyukicompany.com/"
# Rows of a page of the digest of changes.
PAGE = 1000


@dataclass(frozen=True)
class Dataset:
    """An operation of a service, the name of its records, and the fields that are read of each.

    An operation that answers one thing alone has its result as its only record.
    """

    operation: str
    service: str
    record: str
    fields: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where it is asked for."""
        return f"/ws/{self.service}.asmx"

    @property
    def response(self) -> str:
        """What holds its answer."""
        return f"{self.operation}Response"

    @property
    def result(self) -> str:
        """What holds the records of its answer."""
        return f"{self.operation}Result"


def _one(operation: str, service: str, fields: tuple[str, ...]) -> Dataset:
    return Dataset(operation, service, f"{operation}Result", fields)


SESSION = _one("Authenticate", "Accounting", ("AuthenticateResult",))
DOMAINS = Dataset("Domains", "Accounting", "Domain", ("ID",))
CURRENT_DOMAIN = Dataset("SetCurrentDomain", "Accounting", "", ())
ADMINISTRATIONS = Dataset(
    "Administrations", "Accounting", "Administration", ("ID", "Name", "StartDate", "DomainID", "Active")
)
ACCOUNTS = Dataset("GetGLAccountScheme", "AccountingInfo", "GlAccount", ("code", "type", "descripton"))
PROJECTS = Dataset("GetProjectsAndID", "AccountingInfo", "Project", ("id", "code", "description"))
YEARS = _one("GetPeriodDateTable", "AccountingInfo", ("wholePeriod",))
YEAR_CHANGED = _one("GetFinancialYearModifiedDate", "AccountingInfo", ("GetFinancialYearModifiedDateResult",))
BALANCES = Dataset("GLAccountBalance", "Accounting", "GLAccount", ("Code", "BalanceType", "Amount"))
LINES = Dataset(
    "GetTransactionDetails",
    "AccountingInfo",
    "TransactionInfo",
    (
        "id",
        "transactionDate",
        "description",
        "transactionAmount",
        "transactionAmountForeignCurrency",
        "currency",
        "fullName",
        "projectCode",
        "glAccountCode",
        "documentID",
        "documentReference",
        "periodId",
    ),
)
# The elements of such a record in the order in which they are documented, up to those of the contact and
# from there on; what is empty is absent.
BEFORE_CONTACT = (
    "id",
    "hID",
    "transactionDate",
    "description",
    "transactionAmount",
    "transactionAmountForeignCurrency",
    "currencyRate",
    "currency",
    "fullName",
)
BEHIND_CONTACT = (
    "project",
    "projectCode",
    "glAccountCode",
    "documentID",
    "documentReference",
    "documentType",
    "documentFolder",
    "documentFolderTab",
    "contactID",
    "periodId",
    "company",
    "mutationUser",
)
CHANGES = Dataset(
    "GetUpdatedAndDeletedTransactions",
    "ChangeDigest",
    "UpdatedTransaction",
    ("id", "transactionDate", "created", "updated", "deleted"),
)

READ = (ADMINISTRATIONS, ACCOUNTS, PROJECTS, YEARS, YEAR_CHANGED, BALANCES, LINES, CHANGES)

PROJECT = "Project"
# The books without tax corrections, as GLAccountBalance sums them; 1 is with them.
COMMERCIAL = "0"
CURRENCY = "EUR"


def limits_of(domain: str | None) -> tuple[RateLimit, ...]:
    """The limit of a domain; None before it is known which one it is."""
    return (RateLimit(f"day {domain or ''}".strip(), 1000, timedelta(days=1)),)


def address_of(given: Mapping[str, str]) -> str:
    """Where the services of a connection are; a key goes there, so it is never just any address.

    Raises:
        ReconnectNeeded: The country is none, or the address is not on this machine.
    """
    url = given.get("url")
    address = _on_this_machine(url) if url else COUNTRIES.get(given.get("country", ""))
    if address is None:
        raise ReconnectNeeded(Message("software_elsewhere", {"title": TITLE}))
    return address


def _on_this_machine(url: str) -> str | None:
    try:
        host = parts_of(url).hostname or ""
    except ValueError:
        return None
    return url.rstrip("/") if is_loopback(host) else None
