"""What is booked: journal entries by month, and the general ledger with its sums and balances.

Only what is posted is in it. Lines are kept by month and account as long as the books do not change: a
report of one of them is a page of lines that are found at once.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from monitr_pipelines.emulators.moneybird.administrations import Administrations, Row
from monitr_pipelines.emulators.moneybird.documents import document_type
from monitr_pipelines.emulators.moneybird.forms import amount, identifier, identifier_or_none
from monitr_pipelines.emulators.moneybird.masters import CREDIT_TYPES, account_type, bank_of
from monitr_pipelines.emulators.moneybird.periods import Period, month_of
from monitr_pipelines.emulators.shared.books import Placed, SharedBooks, fiscal_year_start
from monitr_pipelines.emulators.shared.records import Account, Company, Line, State
from monitr_pipelines.ledger.records import AccountType

# An edited document is booked anew: its journal entries have other identifiers than before.
BOOKINGS_OF_A_LINE = 10**6
MONTHS_A_YEAR = 12

SIGNS: Mapping[str, Callable[[Account], int]] = {
    "debit": lambda _: 1,
    "credit": lambda _: -1,
    "natural": lambda account: -1 if account_type(account) in CREDIT_TYPES else 1,
}


@dataclass(frozen=True)
class Wanted:
    """Which journal entries of a month are asked for; None and an empty text are no condition.

    Args:
        account: On a ledger account.
        project: Of a project; 0 for those without one.
        contact: Of a contact; 0 for those without one.
        account_type: On accounts of a type.
    """

    account: int | None = None
    project: int | None = None
    contact: int | None = None
    account_type: str = ""


@dataclass
class Booked:
    """The lines of a company by month and account, the latest day first, and their debits and credits.

    `found` keeps what was asked for otherwise, so that its pages are not searched one by one.
    """

    lines: dict[int, dict[int, list[Placed]]] = field(default_factory=dict)
    debits: dict[int, dict[int, int]] = field(default_factory=dict)
    credits: dict[int, dict[int, int]] = field(default_factory=dict)
    found: dict[tuple[int, Wanted], list[Placed]] = field(default_factory=dict)

    @classmethod
    def of(cls, books: SharedBooks, company: Company) -> "Booked":
        """Those of a company as they are now."""
        lines: defaultdict[int, defaultdict[int, list[Placed]]] = defaultdict(lambda: defaultdict(list))
        for entry in books.company_entries(company.id):
            if entry.state is State.POSTED:
                by_account = lines[month_of(entry.day)]
                for line in entry.lines:
                    if line.account is not None:
                        by_account[line.account].append(Placed(entry, line))
        booked = cls()
        for month, by_account in lines.items():
            booked._keep(month, by_account)
        return booked

    def month(self, month: int) -> list[Placed]:
        """All lines of a month, the latest day first."""
        key = (month, Wanted())
        if key not in self.found:
            lines = chain.from_iterable(self.lines.get(month, {}).values())
            self.found[key] = sorted(lines, key=_place, reverse=True)
        return self.found[key]

    def sums(self, months: Iterable[int]) -> tuple[Counter[int], Counter[int]]:
        """Debits and credits by account over some months; an account with lines alone is in both."""
        debit: Counter[int] = Counter()
        credit: Counter[int] = Counter()
        for month in months:
            debit.update(self.debits.get(month, {}))
            credit.update(self.credits.get(month, {}))
        return debit, credit

    def _keep(self, month: int, lines: Mapping[int, list[Placed]]) -> None:
        self.lines[month] = dict(lines)
        self.debits[month], self.credits[month] = {}, {}
        for account, placed in lines.items():
            placed.sort(key=_place, reverse=True)
            amounts = [each.line.amount for each in placed]
            debit = sum(cents for cents in amounts if cents > 0)
            self.debits[month][account] = debit
            self.credits[month][account] = debit - sum(amounts)


class Ledger:
    """The reports that are made of bookings.

    Args:
        administrations: Whose books they are.
        sign: How amounts of journal entries are signed, one of `SIGNS`.
    """

    def __init__(self, administrations: Administrations, sign: str) -> None:
        self._administrations = administrations
        self._books = administrations.books
        self._sign = SIGNS[sign]
        self._booked: dict[int, tuple[int, Booked]] = {}

    def booked(self, company: Company) -> Booked:
        """The lines of a company as they are now; the books are locked meanwhile."""
        revision = self._books.revision
        made_at, booked = self._booked.get(company.id, (None, None))
        if booked is None or made_at != revision:
            booked = Booked.of(self._books, company)
            self._booked[company.id] = (revision, booked)
        return booked

    def began(self, company: Company) -> date:
        """The first day of the first calendar year that has lines; without any, of this one."""
        months = self.booked(company).lines
        year = min(months) // MONTHS_A_YEAR if months else self._administrations.today(company).year
        return date(year, 1, 1)

    def entries(self, company: Company, period: Period, wanted: Wanted) -> list[Placed]:
        """The journal entries of a month, the latest day first."""
        booked, month = self.booked(company), month_of(period.first)
        if wanted.account is None:
            whole = booked.month(month)
        else:
            whole = booked.lines.get(month, {}).get(wanted.account, [])
        if (month, wanted) not in booked.found:
            booked.found[month, wanted] = [each for each in whole if self._is_wanted(each.line, wanted)]
        return booked.found[month, wanted]

    def rows(self, company: Company, placed: Iterable[Placed]) -> Iterator[Row]:
        """Journal entries as they are reported."""
        for entry, line in placed:
            account = self._books.accounts[line.account or 0]
            booking = line.stamp.version % BOOKINGS_OF_A_LINE
            yield {
                "id": identifier("journal_entry", line.id * BOOKINGS_OF_A_LINE + booking),
                "administration_id": identifier("administration", company.id),
                "date": entry.day.isoformat(),
                "document_type": document_type(self._books, entry),
                "document_id": identifier("document", entry.id),
                "ledger_account_id": identifier("ledger_account", account.id),
                "project_id": identifier_or_none("project", self._administrations.project_of(line)),
                "contact_id": identifier_or_none("contact", line.relation),
                "tax_rate_id": None,
                "financial_account_id": identifier_or_none("financial_account", bank_of(account)),
                "amount": amount(self._sign(account) * line.amount),
                "description": line.text,
            }

    def general_ledger(self, company: Company, period: Period) -> Row:
        """Debits and credits of some months, and the balances before and behind them, debit positive."""
        booked = self.booked(company)
        debit, credit = booked.sums(period.months)
        start = self._balances(company, booked, period.first)
        final = Counter(start)
        final.update(debit)
        final.subtract(credit)
        return {
            "debit_sums": _sums(debit),
            "credit_sums": _sums(credit),
            "start_balance": _sums(start, zeros=False),
            "final_balance": _sums(final, zeros=False),
        }

    def _balances(self, company: Company, booked: Booked, before: date) -> Counter[int]:
        """Balances before a day: since ever on the balance sheet, since its fiscal year began elsewhere."""
        this_year = month_of(fiscal_year_start(company.fiscal_year_start, before))
        end = month_of(before)
        ever, year = (
            booked.sums(month for month in booked.lines if since <= month < end) for since in (0, this_year)
        )
        balances: Counter[int] = Counter()
        for account in ever[0]:
            kind = self._books.accounts[account].type
            debit, credit = ever if kind is AccountType.BALANCE_SHEET else year
            balances[account] = debit[account] - credit[account]
        return balances

    def _is_wanted(self, line: Line, wanted: Wanted) -> bool:
        if wanted.project is not None and (self._administrations.project_of(line) or 0) != wanted.project:
            return False
        if wanted.contact is not None and (line.relation or 0) != wanted.contact:
            return False
        account = self._books.accounts[line.account or 0]
        return not wanted.account_type or account_type(account) == wanted.account_type


def _place(placed: Placed) -> tuple[date, int]:
    return placed.entry.day, placed.line.id


def _sums(sums: Mapping[int, int], *, zeros: bool = True) -> Row:
    return {
        "ledger_accounts": [
            {"ledger_account_id": identifier("ledger_account", account), "value": amount(cents)}
            for account, cents in sorted(sums.items())
            if zeros or cents
        ]
    }
