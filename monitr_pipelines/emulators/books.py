"""Believable books of a company that does not exist; the same seed gives the same books for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from monitr_pipelines.emulators.company.charts import BELGIAN, DUTCH, FRENCH, Chart, JournalKind, Role
from monitr_pipelines.emulators.company.journal import DEPARTMENT, PROJECT, GeneralJournal, Leg
from monitr_pipelines.emulators.company.month_end import LIFE_IN_MONTHS, run_year
from monitr_pipelines.emulators.company.names import PROJECTS
from monitr_pipelines.emulators.company.plan import SEASON, WHOLE_YEAR, YearPlan, percentage, plans
from monitr_pipelines.emulators.company.trading import DEPARTMENTS, Trade, relations
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue, LedgerLine

__all__ = ["BELGIAN", "DUTCH", "FRENCH", "Books", "generate_books"]

CAPITAL_IN_CENTS = 6_200_000


@dataclass(frozen=True)
class Books:
    """A company's ledger over whole calendar years.

    `lines` begin with the opening balance of the first year; later years follow on without opening
    or closing entries. `opening` and `closing` make these for the files that state them.
    `relations` holds the sub-ledger code of each customer and supplier by name.
    """

    company: str
    chart: Chart
    first_year: int
    years: int
    accounts: list[Account]
    axes: list[AxisValue]
    relations: Mapping[str, str]
    lines: tuple[LedgerLine, ...]

    def of_year(self, year: int) -> list[LedgerLine]:
        """The lines of one year without any opening balance."""
        return [line for line in self.lines if line.booking_date.year == year and not line.opening]

    def profit(self, year: int) -> Decimal:
        """The net result of a year, profit positive."""
        types = {account.code: account.type for account in self.accounts}
        losses = [
            line for line in self.of_year(year) if types[line.account_code] is not AccountType.BALANCE_SHEET
        ]
        return -sum((line.amount for line in losses), ZERO)

    def balances(self, through: int) -> dict[str, Decimal]:
        """Balance sheet accounts at the end of a year, results carried over; they add up to nothing.

        The results of all years so far are in the account of the chart's `RESULT`.
        """
        types = {account.code: account.type for account in self.accounts}
        result = self.chart.accounts[Role.RESULT].code
        amounts: dict[str, Decimal] = dict.fromkeys(sorted(types), ZERO)
        for line in self.lines:
            if line.booking_date.year <= through:
                code = line.account_code if types[line.account_code] is AccountType.BALANCE_SHEET else result
                amounts[code] += line.amount
        return {code: amount for code, amount in amounts.items() if amount}

    def opening(self, year: int) -> list[LedgerLine]:
        """The opening entry of a year: stated in the first, the closing balances of the year before later."""
        if year == self.first_year:
            return [line for line in self.lines if line.opening]
        journal = self.chart.journals[JournalKind.OPENING].code
        return self._entry(
            journal, date(year, 1, 1), "Opening balance", self.balances(year - 1), opening=True
        )

    def closing(self, year: int) -> list[LedgerLine]:
        """The entry that carries the year's result over on its last day.

        Where the chart has an account for that (Belgium: 693) it is used and the P&L accounts keep
        their balances; elsewhere they are brought to zero.
        """
        profit = self.profit(year)
        amounts: dict[str, Decimal] = {}
        if Role.CARRIED_FORWARD in self.chart.accounts:
            amounts[self.chart.accounts[Role.CARRIED_FORWARD].code] = profit
        else:
            types = {account.code: account.type for account in self.accounts}
            for line in self.of_year(year):
                if types[line.account_code] is AccountType.PROFIT_AND_LOSS:
                    amounts[line.account_code] = amounts.get(line.account_code, ZERO) - line.amount
        amounts[self.chart.accounts[Role.RESULT].code] = -profit
        journal = self.chart.journals[JournalKind.MEMORIAL].code
        return self._entry(journal, date(year, 12, 31), "Result carried over", amounts, opening=False)

    def _entry(
        self, journal: str, day: date, text: str, amounts: Mapping[str, Decimal], *, opening: bool
    ) -> list[LedgerLine]:
        booking = f"{journal}-{day.year}-{'00001' if opening else '99999'}"
        return [
            LedgerLine(
                external_id=f"{booking}:{number}",
                booking_date=day,
                account_code=code,
                amount=amount,
                booking=booking,
                line_number=str(number),
                period=f"{day:%Y-%m}",
                journal=journal,
                document_number=booking,
                description=text,
                opening=opening,
            )
            for number, (code, amount) in enumerate(sorted(amounts.items()), start=1)
            if amount
        ]


def generate_books(
    seed: int,
    company: str,
    first_year: int,
    years: int = 2,
    *,
    entries_per_month: int = 50,
    chart: Chart = BELGIAN,
) -> Books:
    """Keep a company's books for some calendar years.

    `entries_per_month` counts the invoices and their payments; wages, taxes, loan and month end add
    about ten entries.
    """
    random = Random(f"{seed}/{company}/{chart.country}")  # noqa: S311 - invented figures, not secrets
    yearly = list(plans(random, years))
    journal = GeneralJournal(chart)
    trade = Trade(journal, random, entries_per_month // 2)
    _open(journal, trade, random, first_year, yearly[0])
    for year, plan in enumerate(yearly, start=first_year):
        run_year(journal, trade, random, year, plan)
    axes = [AxisValue(DEPARTMENT, code, name) for code, name in DEPARTMENTS]
    axes += [AxisValue(PROJECT, code, name) for code, name in PROJECTS]
    by_code = {account.code: account for account in chart.accounts.values()}
    return Books(
        company=company,
        chart=chart,
        first_year=first_year,
        years=years,
        accounts=[by_code[code] for code in sorted(by_code)],
        axes=axes,
        relations=relations(trade),
        lines=tuple(journal.lines()),
    )


def _open(journal: GeneralJournal, trade: Trade, random: Random, year: int, plan: YearPlan) -> None:
    """Book what the company had when the books begin: what is left over is retained profit of before."""
    chart = journal.chart
    december_sales = plan.revenue * SEASON[-1] // WHOLE_YEAR * random.randint(93, 97) // 100
    december_costs = december_sales * 57 // 100
    sold = december_sales + percentage(december_sales, chart.vat_percent)
    bought = december_costs + percentage(december_costs, chart.vat_percent)
    vat = percentage(december_sales - december_costs, chart.vat_percent)
    equipment = plan.revenue * random.randint(22, 26) // 100 // LIFE_IN_MONTHS * LIFE_IN_MONTHS
    monthly_gross = plan.payroll * 100 // 127 // 13
    legs = [
        Leg(Role.EQUIPMENT, equipment),
        Leg(Role.DEPRECIATED, -equipment * random.randint(30, 45) // 100),
        Leg(Role.STOCK, plan.purchases * random.randint(10, 14) // 100),
        Leg(Role.CUSTOMERS, sold),
        Leg(Role.BANK, plan.revenue * random.randint(12, 16) // 100),
        Leg(Role.CAPITAL, -CAPITAL_IN_CENTS),
        Leg(Role.LOAN, -plan.revenue // 10),
        Leg(Role.SUPPLIERS, -bought),
        Leg(Role.VAT_SETTLED, -vat),
        Leg(Role.WITHHELD, -percentage(monthly_gross * 2, 20)),
        Leg(Role.SOCIAL_SECURITY, -percentage(monthly_gross * 2, 40)),
        Leg(Role.TAX_DUE, -plan.revenue * random.randint(15, 25) // 1000),
    ]
    legs.append(Leg(Role.RETAINED, -sum(leg.cents for leg in legs)))
    journal.post(JournalKind.OPENING, date(year, 1, 1), "Opening balance", legs)
    trade.open_invoices(sold, bought, year)
