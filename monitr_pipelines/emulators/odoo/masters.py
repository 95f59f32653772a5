"""Companies, users, currencies, partners, journals and accounts: what entries refer to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from monitr_pipelines.emulators.odoo.models import Env, Field, Model, Row, State
from monitr_pipelines.emulators.odoo.wire import FLOAT, Raw
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Account, Company, Stamp
from monitr_pipelines.ledger.records import AccountType

EURO, DOLLAR = 125, 1
CURRENCIES = {"EUR": EURO, "USD": DOLLAR}
# Partners of companies have low ids; customers and suppliers come after them.
FIRST_PARTNER = 100
JOURNAL_TYPES = {"S": "sale", "P": "purchase", "B": "bank"}
# The type of an account by how its code begins in the Belgian chart.
TYPES = (
    ("10", "equity"),
    ("14", "equity_unaffected"),
    ("1", "liability_non_current"),
    ("2", "asset_fixed"),
    ("3", "asset_current"),
    ("400", "asset_receivable"),
    ("440", "liability_payable"),
    ("41", "asset_current"),
    ("4", "liability_current"),
    ("5", "asset_cash"),
    ("60", "expense_direct_cost"),
    ("63", "expense_depreciation"),
    ("6", "expense"),
    ("70", "income"),
    ("7", "income_other"),
)
SHARED = "55"


@dataclass(frozen=True)
class Partner:
    """A customer, a supplier, or a company as a partner of its own."""

    id: int
    name: str
    reference: str | None
    company: int | None
    stamp: Stamp


@dataclass(frozen=True)
class Record:
    """An `account.account`: from 18 on one record may stand for accounts of several companies."""

    id: int
    accounts: tuple[Account, ...]

    def of(self, company: int) -> Account | None:
        """The account of a company."""
        return next((each for each in self.accounts if each.company == company), None)

    @property
    def first(self) -> Account:
        """The account of the company that has had it longest."""
        return self.accounts[0]


def record_of(state: State, account: int) -> int:
    """The id of the record that stands for an account of the books."""
    return state.owners.get(account, account)


def account_in(state: State, record: int, company: int) -> Account | None:
    """The account of the books that a record stands for in a company."""
    members = [account for account, owner in state.owners.items() if owner == record]
    found = [state.books.accounts[each] for each in (*members, record) if each in state.books.accounts]
    return next((each for each in found if each.company == company), None)


def owners_of(books: SharedBooks, version: int) -> dict[int, int]:
    """Which accounts are shown as the record of another: from 18 on, bank accounts with one code."""
    first: dict[str, int] = {}
    accounts = sorted(books.accounts.values(), key=lambda each: each.id)
    shared = [each for each in accounts if version >= 18 and each.code.startswith(SHARED)]
    return {account.id: first.setdefault(account.code, account.id) for account in shared}


def day(text: Raw) -> date:
    """A day as a client writes it."""
    return date.fromisoformat(str(text))


def month_after(locked: date) -> date:
    """The last day of the month after a lock date's."""
    first = (locked.replace(day=1) + timedelta(days=62)).replace(day=1)
    return first - timedelta(days=1)


def partner_of(relation: int) -> int:
    """The id of the partner of a customer or supplier."""
    return FIRST_PARTNER + relation


def models(version: int) -> list[Model]:
    """All of them."""
    return [_company(version), _user(), _currency(), _partner(), _journal(), _account(version)]


def table(rows: Callable[[Env], Mapping[int, Row]]) -> dict[str, Raw]:
    """The rows of a small table, by id."""

    def after(env: Env, first: int) -> Iterator[Row]:
        return (row for number, row in sorted(rows(env).items()) if number > first)

    return {"rows": after, "row": lambda env, number: rows(env).get(number)}


def _company(version: int) -> Model:
    lock = "fiscalyear_lock_date"
    fields = {
        "id": Field("integer", lambda _, row: row.id, "ID"),
        "name": Field("char", lambda _, row: row.name, "Company Name"),
        "display_name": Field("char", lambda _, row: row.name, "Display Name", stored=False),
        "vat": Field("char", lambda _, row: row.tax_number, "Tax ID"),
        "currency_id": Field("many2one", lambda _, row: CURRENCIES[row.currency], "Currency", "res.currency"),
        "country_code": Field("char", lambda _, row: row.country, "Country Code"),
        "parent_id": Field("many2one", lambda *_: None, "Parent Company", "res.company"),
        "partner_id": Field("many2one", lambda _, row: row.id, "Partner", "res.partner"),
        "active": Field("boolean", lambda *_: True, "Active"),
        "sequence": Field("integer", lambda *_: 10, "Sequence"),
        "fiscalyear_last_day": Field("integer", lambda _, row: last_of_year(row).day, "Fiscalyear Last Day"),
        "fiscalyear_last_month": Field(
            "selection",
            lambda _, row: str(last_of_year(row).month),
            "Fiscalyear Last Month",
            selection=tuple((str(month), f"{date(2000, month, 1):%B}") for month in range(1, 13)),
        ),
        lock: Field("date", lambda _, row: row.locked_through, "Global Lock Date"),
        "write_date": Field("datetime", lambda _, row: row.stamp.time, "Last Updated on"),
    }
    if version >= 18:
        fields["hard_lock_date"] = Field("date", lambda *_: None, "Hard Lock Date")
    return Model(
        name="res.company",
        title="Companies",
        fields=fields,
        order="sequence, name",
        **table(lambda env: env.books.companies),
        visible=lambda env, row: row.id in env.state.user_companies(),
        display=lambda _, row: row.name,
    )


def last_of_year(company: Company) -> date:
    """The last day of a company's fiscal years, in a year that is no leap year."""
    return date(2001, company.fiscal_year_start, 1) - timedelta(days=1)


def _user() -> Model:
    fields = {
        "id": Field("integer", lambda _, row: row.id, "ID"),
        "name": Field("char", lambda _, row: row.login.partition("@")[0].capitalize(), "Name"),
        "display_name": Field("char", lambda _, row: row.login, "Display Name", stored=False),
        "login": Field("char", lambda _, row: row.login, "Login"),
        "company_id": Field("many2one", lambda _, row: row.company, "Company", "res.company"),
        "company_ids": Field(
            "many2many", lambda env, _: env.state.user_companies(), "Companies", "res.company"
        ),
        "active": Field("boolean", lambda *_: True, "Active"),
        "lang": Field("char", lambda *_: "en_US", "Language"),
        "tz": Field("char", lambda *_: "Europe/Brussels", "Timezone"),
    }
    return Model(
        name="res.users",
        title="User",
        fields=fields,
        order="name, login",
        **table(lambda env: {env.state.user.id: env.state.user}),
        visible=lambda *_: True,
        display=lambda _, row: row.login,
        methods={"context_get": _context},
    )


def _context(env: Env) -> Raw:
    return {"lang": "en_US", "tz": "Europe/Brussels", "uid": env.state.user.id}


def _currency() -> Model:
    symbols = {EURO: ("EUR", "€"), DOLLAR: ("USD", "$")}
    fields = {
        "id": Field("integer", lambda _, row: row, "ID"),
        "name": Field("char", lambda _, row: symbols[row][0], "Currency"),
        "display_name": Field("char", lambda _, row: symbols[row][0], "Display Name", stored=False),
        "symbol": Field("char", lambda _, row: symbols[row][1], "Symbol"),
        "decimal_places": Field("integer", lambda *_: 2, "Decimal Places"),
        "rounding": Field(FLOAT, lambda *_: 1, "Rounding Factor"),
        "active": Field("boolean", lambda *_: True, "Active"),
    }
    return Model(
        name="res.currency",
        title="Currency",
        fields=fields,
        order="active desc, name",
        **table(lambda _: {number: number for number in symbols}),
        visible=lambda *_: True,
        display=lambda _, row: symbols[row][0],
    )


def _partners(env: Env) -> dict[int, Partner]:
    own = {row.id: Partner(row.id, row.name, None, None, row.stamp) for row in env.books.companies.values()}
    others = {
        partner_of(row.id): Partner(partner_of(row.id), row.name, row.code, row.company, row.stamp)
        for row in env.books.relations.values()
    }
    return own | others


def _partner() -> Model:
    fields = {
        "id": Field("integer", lambda _, row: row.id, "ID"),
        "name": Field("char", lambda _, row: row.name, "Name"),
        "display_name": Field("char", lambda _, row: row.name, "Display Name", stored=False),
        "ref": Field("char", lambda _, row: row.reference, "Reference"),
        "company_id": Field("many2one", lambda _, row: row.company, "Company", "res.company"),
        "active": Field("boolean", lambda *_: True, "Active"),
        "write_date": Field("datetime", lambda _, row: row.stamp.time, "Last Updated on"),
    }
    return Model(
        name="res.partner",
        title="Contact",
        fields=fields,
        order="name, id",
        **table(_partners),
        visible=lambda env, row: row.company is None or row.company in env.companies,
        display=lambda _, row: row.name,
    )


def _journal() -> Model:
    kinds = tuple((kind, kind.capitalize()) for kind in (*JOURNAL_TYPES.values(), "general"))
    fields = {
        "id": Field("integer", lambda _, row: row.id, "ID"),
        "name": Field("char", lambda _, row: row.name, "Journal Name"),
        "display_name": Field("char", lambda _, row: row.name, "Display Name", stored=False),
        "code": Field("char", lambda _, row: row.code, "Short Code"),
        "type": Field(
            "selection", lambda _, row: JOURNAL_TYPES.get(row.kind, "general"), "Type", selection=kinds
        ),
        "company_id": Field("many2one", lambda _, row: row.company, "Company", "res.company"),
        "currency_id": Field("many2one", lambda *_: None, "Currency", "res.currency"),
        "active": Field("boolean", lambda *_: True, "Active"),
        "sequence": Field("integer", lambda *_: 10, "Sequence"),
        "write_date": Field("datetime", lambda _, row: row.stamp.time, "Last Updated on"),
    }
    return Model(
        name="account.journal",
        title="Journal",
        fields=fields,
        order="sequence, type, code",
        **table(lambda env: env.books.journals),
        visible=lambda env, row: row.company in env.companies,
        display=lambda _, row: row.name,
    )


def account_type(account: Account) -> str:
    """The type of an account, which agrees with the statement that it belongs to."""
    found = next((kind for start, kind in TYPES if account.code.startswith(start)), "")
    sheet = account.type is AccountType.BALANCE_SHEET
    if found.startswith(("asset", "liability", "equity")) == sheet and found:
        return found
    return "asset_current" if sheet else "expense_other"


def _code(env: Env, row: Record) -> str | None:
    account = row.first if env.version < 18 else row.of(env.company)
    return account.code if account else None


def _account_display(env: Env, row: Record) -> str:
    return f"{_code(env, row) or ''} {row.first.name}".strip()


def _records(env: Env) -> dict[int, Record]:
    """Accounts of the books by the record that stands for them."""
    members: dict[int, list[Account]] = {}
    for account in env.books.accounts.values():
        members.setdefault(record_of(env.state, account.id), []).append(account)
    return {number: Record(number, tuple(accounts)) for number, accounts in members.items()}


def _account(version: int) -> Model:
    kinds = tuple((kind, kind.replace("_", " ").capitalize()) for kind in dict(TYPES).values())
    fields = {
        "id": Field("integer", lambda _, row: row.id, "ID"),
        "code": Field("char", _code, "Code"),
        "name": Field("char", lambda _, row: row.first.name, "Account Name"),
        "display_name": Field("char", _account_display, "Display Name", stored=False),
        "account_type": Field("selection", lambda _, row: account_type(row.first), "Type", selection=kinds),
        "internal_group": Field(
            "selection", lambda _, row: account_type(row.first).partition("_")[0], "Internal Group"
        ),
        "include_initial_balance": Field(
            "boolean",
            lambda _, row: row.first.type is AccountType.BALANCE_SHEET,
            "Bring Accounts Balance Forward",
        ),
        "reconcile": Field("boolean", lambda _, row: row.first.code.startswith("4"), "Allow Reconciliation"),
        "currency_id": Field("many2one", lambda *_: None, "Account Currency", "res.currency"),
        "create_date": Field("datetime", lambda _, row: row.first.stamp.time, "Created on"),
        "write_date": Field(
            "datetime", lambda _, row: max(each.stamp.time for each in row.accounts), "Last Updated on"
        ),
    }
    if version >= 18:
        fields["company_ids"] = Field(
            "many2many",
            lambda _, row: tuple(each.company for each in row.accounts),
            "Companies",
            "res.company",
        )
    else:
        fields["company_id"] = Field("many2one", lambda _, row: row.first.company, "Company", "res.company")
    if version >= 19:
        fields["active"] = Field("boolean", lambda _, row: not row.first.archived, "Active")
    else:
        fields["deprecated"] = Field("boolean", lambda _, row: row.first.archived, "Deprecated")
    return Model(
        name="account.account",
        title="Account",
        fields=fields,
        order="code, id",
        **table(_records),
        visible=lambda env, row: any(each.company in env.companies for each in row.accounts),
        display=_account_display,
    )
