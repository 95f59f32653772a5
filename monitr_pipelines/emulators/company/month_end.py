"""What returns every month beside trade: wages, taxes, the loan, depreciation; and the year's end."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from random import Random

from monitr_pipelines.emulators.company.charts import JournalKind, Role
from monitr_pipelines.emulators.company.journal import GeneralJournal, Leg
from monitr_pipelines.emulators.company.plan import PAY_DAYS, YearPlan, percentage
from monitr_pipelines.emulators.company.trading import (
    ADMINISTRATION,
    DEPARTMENTS,
    MARKETING,
    OPERATIONS,
    SALES,
    Trade,
)
from monitr_pipelines.ledger.periods import Month

EMPLOYER_PERCENT, EMPLOYEE_PERCENT, WITHHELD_PERCENT = 27, 13, 20
INTEREST_PERCENT = 4
LIFE_IN_MONTHS = 96
LOAN_IN_MONTHS = 120
TAX_MONTH, INVESTMENT_MONTHS, LAST_MONTH = 7, range(3, 11), 12
_STAFF = {SALES: 35, OPERATIONS: 40, ADMINISTRATION: 15, MARKETING: 10}


def last_day(month: Month) -> date:
    """The last day of a month."""
    return date(month.year, month.month, monthrange(*month)[1])


def pay_dues(journal: GeneralJournal, month: Month) -> None:
    """Pay the State and the social security what the month before left, and the year's tax in July."""
    due = [(Role.WITHHELD, 5, "Withholding tax"), (Role.SOCIAL_SECURITY, 5, "Social security")]
    due.append((Role.VAT_SETTLED, 20, "VAT return"))
    due += [(Role.TAX_DUE, 15, "Corporate income tax")] if month.month == TAX_MONTH else []
    for role, day, text in due:
        cents = journal.balance[role]
        legs = (Leg(role, -cents), Leg(Role.BANK, cents))
        journal.post(JournalKind.BANK, date(month.year, month.month, day), text, legs)


def wages(journal: GeneralJournal, month: Month, plan: YearPlan) -> None:
    """Book the month's wages per department and pay them out."""
    yearly_gross = plan.payroll * 100 // (100 + EMPLOYER_PERCENT)
    gross = yearly_gross * PAY_DAYS[month.month - 1] // sum(PAY_DAYS)
    employer = percentage(gross, EMPLOYER_PERCENT)
    employee, withheld = percentage(gross, EMPLOYEE_PERCENT), percentage(gross, WITHHELD_PERCENT)
    net = gross - employee - withheld
    journal.post(
        JournalKind.PAYROLL,
        last_day(month),
        f"Wages {month}",
        (
            *_by_department(Role.WAGES, gross),
            *_by_department(Role.SOCIAL_CHARGES, employer),
            Leg(Role.SOCIAL_SECURITY, -employee - employer),
            Leg(Role.WITHHELD, -withheld),
            Leg(Role.WAGES_DUE, -net),
        ),
    )
    paid = (Leg(Role.WAGES_DUE, net), Leg(Role.BANK, -net))
    journal.post(JournalKind.BANK, last_day(month), f"Net wages {month}", paid)


def _by_department(role: Role, cents: int) -> Iterator[Leg]:
    rest = cents
    for department, percent in _STAFF.items():
        part = rest if department == DEPARTMENTS[-1][0] else cents * percent // 100
        rest -= part
        yield Leg(role, part, department)


def loan(journal: GeneralJournal, month: Month, owed_in_january: int) -> None:
    """Pay the interest and a monthly part of what was owed when the year began."""
    owed = -journal.balance[Role.LOAN]
    interest = owed * INTEREST_PERCENT // (12 * 100)
    instalment = min(owed, owed_in_january // LOAN_IN_MONTHS)
    legs = (
        Leg(Role.LOAN, instalment),
        Leg(Role.INTEREST, interest, ADMINISTRATION),
        Leg(Role.BANK, -instalment - interest),
    )
    journal.post(JournalKind.BANK, last_day(month), f"Loan {month}", legs)


def depreciation(journal: GeneralJournal, month: Month) -> None:
    """Write off the equipment in equal parts, never below nothing."""
    cost, written_off = journal.balance[Role.EQUIPMENT], -journal.balance[Role.DEPRECIATED]
    cents = min(cost // LIFE_IN_MONTHS, cost - written_off)
    legs = (Leg(Role.DEPRECIATION, cents, OPERATIONS), Leg(Role.DEPRECIATED, -cents))
    journal.post(JournalKind.MEMORIAL, last_day(month), f"Depreciation {month}", legs)


def vat(journal: GeneralJournal, month: Month) -> None:
    """Move the month's VAT to the current account with the State."""
    sales, purchases = journal.balance[Role.VAT_ON_SALES], journal.balance[Role.VAT_ON_PURCHASES]
    legs = (
        Leg(Role.VAT_ON_SALES, -sales),
        Leg(Role.VAT_ON_PURCHASES, -purchases),
        Leg(Role.VAT_SETTLED, sales + purchases),
    )
    journal.post(JournalKind.MEMORIAL, last_day(month), f"VAT {month}", legs)


def year_end(journal: GeneralJournal, year: int, plan: YearPlan, profit_before: int) -> None:
    """Count the stock, then estimate the tax on the year's profit."""
    day = last_day(Month(year, LAST_MONTH))
    stock = (Leg(Role.STOCK, plan.stock_increase), Leg(Role.STOCK_CHANGE, -plan.stock_increase, OPERATIONS))
    journal.post(JournalKind.MEMORIAL, day, f"Stock count {year}", stock)
    tax = percentage(max(0, journal.profit() - profit_before), journal.chart.tax_percent)
    legs = (Leg(Role.TAX, tax, ADMINISTRATION), Leg(Role.TAX_DUE, -tax))
    journal.post(JournalKind.MEMORIAL, day, f"Estimated tax {year}", legs)


def run_year(journal: GeneralJournal, trade: Trade, random: Random, year: int, plan: YearPlan) -> None:
    """Keep the books for twelve months."""
    profit_before = journal.profit()
    owed_in_january = -journal.balance[Role.LOAN]
    invests = random.choice(INVESTMENT_MONTHS)
    for number in range(1, LAST_MONTH + 1):
        month = Month(year, number)
        pay_dues(journal, month)
        trade.settle(month)
        trade.invoice(month, plan)
        if number == invests:
            trade.receive(month, Leg(Role.EQUIPMENT, plan.investment))
        wages(journal, month, plan)
        loan(journal, month, owed_in_january)
        depreciation(journal, month)
        vat(journal, month)
    year_end(journal, year, plan, profit_before)
