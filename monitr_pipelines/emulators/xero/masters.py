"""What journals refer to: accounts, tracking categories, the organisation and its connection."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import moment
from monitr_pipelines.emulators.shared.records import Account, Axis, Company, Value
from monitr_pipelines.emulators.xero import chart
from monitr_pipelines.emulators.xero.conditions import Row
from monitr_pipelines.emulators.xero.forms import Dates, guid

# So many tracking categories of an organisation are active, and so many of them a line has.
MOST_CATEGORIES = 2
ACTIVE, ARCHIVED = "ACTIVE", "ARCHIVED"
TIME_ZONES = {"BE": "ROMANCESTANDARDTIME", "NL": "WEUROPESTANDARDTIME"}
ACCOUNT_FIELDS = frozenset(
    {"AccountID", "Code", "Name", "Status", "Type", "Class", "TaxType", "SystemAccount"}
)
CATEGORY_FIELDS = frozenset({"TrackingCategoryID", "Name", "Status"})
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Form:
    """What can be chosen of how rows are shown; see `OPTIONS` of the package."""

    dates: Dates = field(default_factory=Dates)
    bank_codes: bool = True
    line_ids: bool = True
    partial_pages: bool = False


@dataclass(frozen=True)
class Masters:
    """The masters of organisations over the shared books."""

    books: SharedBooks
    form: Form
    _retained: dict[int, int] = field(default_factory=dict, repr=False)

    def retained(self, company: int) -> int:
        """The account of earlier years' results; 0 for the one that the software keeps by itself."""
        if company not in self._retained:
            self._retained[company] = chart.retained_account(self.books, company)
        return self._retained[company]

    def code(self, account: Account) -> str | None:
        """The code of an account: one of a bank may have none."""
        if not self.form.bank_codes and chart.kind_of(account).type == chart.BANK:
            return None
        return account.code

    def accounts(self, company: Company, since: int) -> list[Row]:
        """The chart of accounts, as far as it changed since a moment (µs since 1970)."""
        rows = [
            self._account(company, each)
            for each in self.books.accounts.values()
            if each.company == company.id and each.stamp.time >= since
        ]
        if not self.retained(company.id) and company.stamp.time >= since:
            rows.append(self._retained_earnings(company))
        return rows

    def categories(self, company: Company, *, archived: bool) -> list[Row]:
        """The axes as tracking categories with their options; those behind the second are archived."""
        return [
            {
                "Name": axis.name,
                "Status": status,
                "TrackingCategoryID": guid("category", company.id, axis.id),
                "Options": list(self._options(company, axis, archived=archived)),
            }
            for place, axis in enumerate(self.books.axes.values())
            for status in [ACTIVE if place < MOST_CATEGORIES else ARCHIVED]
            if archived or status == ACTIVE
        ]

    def tracking(self, company: int, value: Value) -> Row:
        """An option as a line has it."""
        return {
            "Name": self.books.axes[value.axis].name,
            "Option": value.name,
            "TrackingCategoryID": guid("category", company, value.axis),
            "TrackingOptionID": guid("option", company, value.id),
        }

    def organisation(self, company: Company) -> Row:
        """The organisation itself."""
        end = date(2001, company.fiscal_year_start, 1) - DAY
        locked = company.locked_through
        return {
            "Name": company.name,
            "LegalName": company.name,
            "PaysTax": True,
            "Version": "GLOBAL",
            "OrganisationType": "COMPANY",
            "BaseCurrency": company.currency,
            "CountryCode": company.country,
            "IsDemoCompany": False,
            "OrganisationStatus": ACTIVE,
            "TaxNumber": company.tax_number,
            "FinancialYearEndDay": end.day,
            "FinancialYearEndMonth": end.month,
            **({"PeriodLockDate": self.form.dates.day(locked)} if locked else {}),
            "CreatedDateUTC": self.form.dates.stamp(company.stamp.time),
            "OrganisationEntityType": "COMPANY",
            "Timezone": TIME_ZONES.get(company.country, "UTC"),
            "ShortCode": f"!e{company.id:04}",
            "OrganisationID": guid("organisation", company.id, company.id),
            "Edition": "BUSINESS",
            "Class": "PREMIUM",
            "Addresses": [],
            "Phones": [],
            "ExternalLinks": [],
            "PaymentTerms": {},
        }

    def connection(self, company: Company) -> Row:
        """The organisation among the connections of a program."""
        when = f"{moment(company.stamp.time).replace(tzinfo=None).isoformat(timespec='microseconds')}0"
        return {
            "id": guid("connection", company.id, company.id),
            "authEventId": guid("consent", 0, 1),
            "tenantId": guid("organisation", company.id, company.id),
            "tenantType": "ORGANISATION",
            "tenantName": company.name,
            "createdDateUtc": when,
            "updatedDateUtc": when,
        }

    def _options(self, company: Company, axis: Axis, *, archived: bool) -> Iterator[Row]:
        for value in self.books.values.values():
            if (
                value.axis == axis.id
                and value.company in (None, company.id)
                and (archived or not value.archived)
            ):
                yield {
                    "TrackingOptionID": guid("option", company.id, value.id),
                    "Name": value.name,
                    "Status": ARCHIVED if value.archived else ACTIVE,
                }

    def _account(self, company: Company, account: Account) -> Row:
        kind, code = chart.kind_of(account), self.code(account)
        bank = kind.type == chart.BANK
        return {
            "AccountID": guid("account", company.id, account.id),
            **({} if code is None else {"Code": code}),
            "Name": account.name,
            "Status": ARCHIVED if account.archived else ACTIVE,
            "Type": kind.type,
            "TaxType": "NONE",
            "Class": kind.group,
            **({"SystemAccount": "RETAINEDEARNINGS"} if account.id == self.retained(company.id) else {}),
            "EnablePaymentsToAccount": False,
            "ShowInExpenseClaims": False,
            **(
                {
                    "BankAccountNumber": f"{account.id:016}",
                    "BankAccountType": "BANK",
                    "CurrencyCode": company.currency,
                }
                if bank
                else {"BankAccountType": ""}
            ),
            "HasAttachments": False,
            "UpdatedDateUTC": self.form.dates.stamp(account.stamp.time),
            "AddToWatchlist": False,
        }

    def _retained_earnings(self, company: Company) -> Row:
        return {
            "AccountID": guid("account", company.id, 0),
            "Code": chart.RETAINED_CODE,
            "Name": chart.RETAINED_NAME,
            "Status": ACTIVE,
            "Type": chart.EQUITY.type,
            "TaxType": "NONE",
            "Class": chart.EQUITY.group,
            "SystemAccount": "RETAINEDEARNINGS",
            "EnablePaymentsToAccount": False,
            "ShowInExpenseClaims": False,
            "BankAccountType": "",
            "HasAttachments": False,
            "UpdatedDateUTC": self.form.dates.stamp(company.stamp.time),
            "AddToWatchlist": False,
        }
