"""What is asked as a whole: the scheme of accounts, projects, and balances, which are sums of lines."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from xml.sax.saxutils import quoteattr

from monitr_pipelines.emulators.shared.books import SharedBooks, fiscal_year_start
from monitr_pipelines.emulators.shared.clock import moment
from monitr_pipelines.emulators.shared.records import Account, Company, Value
from monitr_pipelines.emulators.yuki.envelopes import SoapFault
from monitr_pipelines.emulators.yuki.forms import NEVER, ZONE, amount, element, guid, midnight, yes
from monitr_pipelines.emulators.yuki.ledger import Ledger
from monitr_pipelines.emulators.yuki.lines import PROJECT_AXIS, project_of
from monitr_pipelines.ledger.records import AccountType

# Accounts of the balance sheet are documented with 2; those of the result have another one here.
ACCOUNT_TYPES = {AccountType.BALANCE_SHEET: 2, AccountType.PROFIT_AND_LOSS: 3}
ACCOUNT_SUBTYPE = 0
PROJECTS_BEGAN = date(2020, 1, 1)
DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = date.min.year, date.max.year


@dataclass(frozen=True)
class Reports:
    """The reports of the administrations in a ledger."""

    ledger: Ledger

    @property
    def books(self) -> SharedBooks:
        """Whose accounts and projects."""
        return self.ledger.books

    def scheme(self, company: Company) -> str:
        """All accounts; `descripton` is spelt so."""
        return "".join(
            f"<GlAccount>{element('code', account.code)}<type>{ACCOUNT_TYPES[account.type]}</type>"
            f"<subtype>{ACCOUNT_SUBTYPE}</subtype><isEnabled>{yes(not account.archived)}</isEnabled>"
            f"{element('descripton', account.name)}</GlAccount>"
            for account in self._accounts(company)
        )

    def balances(self, company: Company, at: date, *, fiscal: bool) -> str:
        """The balance of each account that something was booked on, at the end of a day."""
        since = fiscal_year_start(company.fiscal_year_start, at)
        ever = self._sums(company, date.min, at, fiscal=fiscal)
        year = self._sums(company, since, at, fiscal=fiscal)
        rows = []
        for account in self._accounts(company):
            on_balance_sheet = account.type is AccountType.BALANCE_SHEET
            sums = ever if on_balance_sheet else year
            if account.id in sums:
                kind = quoteattr("B" if on_balance_sheet else "W")
                rows.append(
                    f"<GLAccount Code={quoteattr(account.code)} BalanceType={kind}>"
                    f"{element('Description', account.name)}<Amount>{amount(sums[account.id])}</Amount>"
                    "</GLAccount>"
                )
        return f'<GLAccountBalance xmlns="">{"".join(rows)}</GLAccountBalance>'

    def start_balances(self, company: Company, year: int, *, fiscal: bool) -> str:
        """The balances with which a financial year begins: those of balance sheet accounts."""
        began = date(year - (company.fiscal_year_start > 1), company.fiscal_year_start, 1)
        sums = self._sums(company, date.min, began - DAY, fiscal=fiscal)
        return "".join(
            f"<AccountStartBalance>{element('accountID', account.code)}"
            f"<startBalance>{amount(sums[account.id])}</startBalance>"
            f"{element('accountDescription', account.name)}</AccountStartBalance>"
            for account in self._accounts(company)
            if account.type is AccountType.BALANCE_SHEET and account.id in sums
        )

    def period(self, company: Company, year: int) -> str:
        """A financial year: its first day, then both ends.

        Raises:
            SoapFault: No calendar has it.
        """
        if not FIRST_YEAR < year < LAST_YEAR:
            raise SoapFault(f"Invalid financial year {year}")
        first = company.fiscal_year_start
        start = date(year - (first > 1), first, 1)
        end = start.replace(year=start.year + 1) - DAY
        return (
            f"{element('name', company.name)}{element('period', midnight(start))}"
            f"{element('wholePeriod', f'{midnight(start)} {midnight(end)}')}"
            "<ISO8601Period>false</ISO8601Period>"
        )

    def projects(self, company: Company, option: str, text: str, *, with_id: bool) -> str:
        """The projects of an administration, all or those whose code or description is looked for."""
        return "".join(
            self._project(company, value, with_id=with_id)
            for value in self._projects(company)
            if option == "All"
            or (option == "Code" and value.code == text)
            or (option == "Description" and text.lower() in value.name.lower())
            or (option == "Company" and company.name == text)
        )

    def project_balances(self, company: Company, code: str, project: str, first: date, last: date) -> str:
        """What was booked on a project in a time, by account."""
        sums: Counter[int] = Counter()
        named: dict[str, Value] = {value.code: value for value in self._projects(company)}
        for _, line in self.ledger.between(company, first, last):
            value = project_of(self.books, line)
            if value is not None and value.code == project and line.account is not None:
                sums[line.account] += line.amount
        return "".join(
            f"<ProjectBalance>{element('glAccountCode', account.code)}"
            f"{element('project', named[project].name)}{element('projectCode', project)}"
            f"<amount>{amount(sums[account.id])}</amount></ProjectBalance>"
            for account in self._accounts(company)
            if account.id in sums and code in ("", account.code)
        )

    def _sums(self, company: Company, first: date, last: date, *, fiscal: bool) -> Counter[int]:
        sums: Counter[int] = Counter()
        for _, line in self.ledger.between(company, first, last, fiscal=fiscal):
            sums[line.account or 0] += line.amount
        return sums

    def _accounts(self, company: Company) -> list[Account]:
        own = [account for account in self.books.accounts.values() if account.company == company.id]
        return sorted(own, key=lambda account: account.code)

    def _projects(self, company: Company) -> Iterator[Value]:
        axes = [axis.id for axis in self.books.axes.values() if axis.code == PROJECT_AXIS]
        for value in self.books.values.values():
            if value.axis in axes and value.company in (None, company.id):
                yield value

    def _project(self, company: Company, value: Value, *, with_id: bool) -> str:
        ended = midnight(moment(value.stamp.time).astimezone(ZONE).date()) if value.archived else NEVER
        return (
            f"<Project>{element('description', value.name)}<HID>{value.id}</HID>{element('code', value.code)}"
            f"<startDate>{midnight(PROJECTS_BEGAN)}</startDate><endDate>{ended}</endDate>"
            f"{element('company', company.name)}"
            f"<budgetSales>0</budgetSales><budgetPurchase>0</budgetPurchase>"
            f"{element('id', guid('project', value.id)) if with_id else ''}</Project>"
        )
