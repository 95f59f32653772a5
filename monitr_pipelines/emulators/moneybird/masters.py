"""Ledger accounts, projects, contacts and bank accounts as rows."""

from monitr_pipelines.emulators.moneybird.administrations import Administrations, Row
from monitr_pipelines.emulators.moneybird.forms import identifier, identifier_or_none, moment, version
from monitr_pipelines.emulators.shared.records import Account, Company, Relation, Value
from monitr_pipelines.ledger.records import AccountType

# Types of the balance sheet and of profit and loss by the first digits of a code, the longest that fits.
BALANCE_SHEET_TYPES = {
    "": "current_assets",
    "1": "equity",
    "16": "provisions",
    "17": "non_current_liabilities",
    "2": "non_current_assets",
    "42": "current_liabilities",
    "43": "current_liabilities",
    "44": "current_liabilities",
    "45": "current_liabilities",
    "46": "current_liabilities",
    "47": "current_liabilities",
    "48": "current_liabilities",
    "58": "temporary",
}
PROFIT_AND_LOSS_TYPES = {
    "": "expenses",
    "60": "direct_costs",
    "65": "other_income_expenses",
    "66": "other_income_expenses",
    "67": "other_income_expenses",
    "69": "other_income_expenses",
    "7": "revenue",
    "75": "other_income_expenses",
    "76": "other_income_expenses",
}
ACCOUNT_TYPES = frozenset({*BALANCE_SHEET_TYPES.values(), *PROFIT_AND_LOSS_TYPES.values(), "other"})
# Those whose balance is usually in credit.
CREDIT_TYPES = frozenset(
    {"equity", "non_current_liabilities", "current_liabilities", "revenue", "provisions"}
)
BANK = "55"
DOCUMENT_TYPES = {
    "revenue": ["sales_invoice", "financial_mutation", "general_journal_document"],
    "expenses": ["purchase_invoice", "financial_mutation", "general_journal_document"],
    "direct_costs": ["purchase_invoice", "financial_mutation", "general_journal_document"],
}
OTHER_DOCUMENT_TYPES = ["financial_mutation", "general_journal_document"]


def account_type(account: Account) -> str:
    """The type of an account: on the side of the statements that the books say."""
    sides = {
        AccountType.BALANCE_SHEET: BALANCE_SHEET_TYPES,
        AccountType.PROFIT_AND_LOSS: PROFIT_AND_LOSS_TYPES,
    }
    types = sides[account.type]
    return next(types[account.code[:digits]] for digits in (2, 1, 0) if account.code[:digits] in types)


def bank_of(account: Account) -> int | None:
    """The number of the bank account that a ledger account stands for, None where it stands for none."""
    return account.id if account.code.startswith(BANK) else None


class Masters:
    """The rows that are no bookings."""

    def __init__(self, administrations: Administrations) -> None:
        self._administrations = administrations
        self._books = administrations.books

    def accounts(self, company: Company) -> list[Row]:
        """Every ledger account, those that are no longer used too."""
        return [account_row(each) for each in self._accounts(company)]

    def projects(self, company: Company, state: str) -> list[Row]:
        """The projects that are `active`, `archived`, or `all`."""
        rows = [project_row(each) for each in self._administrations.projects(company)]
        return [row for row in rows if state in ("all", row["state"])]

    def contacts(self, company: Company) -> list[Row]:
        """The customers and suppliers."""
        return [contact_row(each) for each in self._administrations.contacts(company)]

    def banks(self, company: Company) -> list[Row]:
        """The bank accounts that have a ledger account."""
        return [bank_row(company, each) for each in self._accounts(company) if bank_of(each) is not None]

    def _accounts(self, company: Company) -> list[Account]:
        return [each for each in self._books.accounts.values() if each.company == company.id]


def account_row(account: Account) -> Row:
    """A ledger account; its code is its `account_id`."""
    kind = account_type(account)
    return {
        "id": identifier("ledger_account", account.id),
        "administration_id": identifier("administration", account.company),
        "name": account.name,
        "account_type": kind,
        "account_id": account.code or None,
        "parent_id": None,
        "active": not account.archived,
        "created_at": moment(account.stamp.time),
        "updated_at": moment(account.stamp.time),
        "allowed_document_types": DOCUMENT_TYPES.get(kind, OTHER_DOCUMENT_TYPES),
        "financial_account_id": identifier_or_none("financial_account", bank_of(account)),
    }


def project_row(project: Value) -> Row:
    """A project: it has a name and no code."""
    return {
        "id": identifier("project", project.id),
        "name": project.name,
        "state": "archived" if project.archived else "active",
        "budget": None,
    }


def contact_row(contact: Relation) -> Row:
    """A customer or supplier; its code is its `customer_id`."""
    return {
        "id": identifier("contact", contact.id),
        "administration_id": identifier("administration", contact.company),
        "company_name": contact.name,
        "firstname": None,
        "lastname": None,
        "customer_id": contact.code,
        "created_at": moment(contact.stamp.time),
        "updated_at": moment(contact.stamp.time),
        "version": version([contact.stamp.time]),
        "archived": False,
    }


def bank_row(company: Company, account: Account) -> Row:
    """A bank account."""
    return {
        "id": identifier("financial_account", account.id),
        "administration_id": identifier("administration", company.id),
        "type": "BankAccount",
        "name": account.name,
        "identifier": f"BE00EMULATED{account.id:04d}",
        "currency": company.currency,
        "provider": None,
        "moneybird_account": False,
        "active": not account.archived,
        "created_at": moment(account.stamp.time),
        "updated_at": moment(account.stamp.time),
    }
