"""Buying and selling: invoices in a month, their payments the month after."""

from datetime import date
from random import Random
from typing import NamedTuple

from monitr_pipelines.emulators.company.charts import JournalKind, Role
from monitr_pipelines.emulators.company.journal import GeneralJournal, Leg
from monitr_pipelines.emulators.company.names import PROJECTS, companies
from monitr_pipelines.emulators.company.plan import YearPlan, percentage, split
from monitr_pipelines.ledger.periods import Month

DEPARTMENTS = (("100", "Sales"), ("200", "Operations"), ("300", "Administration"), ("400", "Marketing"))
MONTHS = 12
SALES, OPERATIONS, ADMINISTRATION, MARKETING = (code for code, _ in DEPARTMENTS)

OVERHEADS = {
    Role.UTILITIES: OPERATIONS,
    Role.FEES: ADMINISTRATION,
    Role.MARKETING: MARKETING,
    Role.INSURANCE: ADMINISTRATION,
}


class Invoice(NamedTuple):
    """An unpaid invoice: cents including VAT."""

    relation: str
    document: str
    cents: int


class Trade:
    """The customers and suppliers of a company and what is open with them."""

    def __init__(self, journal: GeneralJournal, random: Random, invoices_per_month: int) -> None:
        self.journal = journal
        self.random = random
        self.sales = max(2, invoices_per_month * 3 // 5)
        self.purchases = max(2, invoices_per_month - self.sales - len(OVERHEADS) - 1)
        names = companies(random, 30, journal.chart.legal_form)
        self.customers, self.suppliers, self.landlord = names[:18], names[18:-1], names[-1]
        self.receivable: list[Invoice] = []
        self.payable: list[Invoice] = []

    def open_invoices(self, receivable: int, payable: int, year: int) -> None:
        """Take over what was open when the books begin; the opening entry holds the totals."""
        for prefix, total, names, invoices in (
            ("V", receivable, self.customers, self.receivable),
            ("A", payable, self.suppliers, self.payable),
        ):
            parts = split(self.random, total, 6)
            invoices += [
                Invoice(self.random.choice(names), self.journal.document(prefix, year - 1), part)
                for part in parts
            ]

    def settle(self, month: Month) -> None:
        """Pay and collect all that is open from the month before."""
        for invoice in self.receivable:
            self._pay(invoice, month, Role.CUSTOMERS, invoice.cents, self.random.randint(3, 24))
        for invoice in self.payable:
            self._pay(invoice, month, Role.SUPPLIERS, -invoice.cents, self.random.randint(12, 27))
        self.receivable, self.payable = [], []

    def _pay(self, invoice: Invoice, month: Month, role: Role, cents: int, day: int) -> None:
        self.journal.post(
            JournalKind.BANK,
            date(month.year, month.month, day),
            f"Payment of {invoice.document}",
            (Leg(Role.BANK, cents), Leg(role, -cents)),
            document=invoice.document,
            relation=invoice.relation,
        )

    def invoice(self, month: Month, plan: YearPlan) -> None:
        """Book the month's invoices, sent and received."""
        for net in split(self.random, plan.of_month(plan.revenue, month.month), self.sales):
            self._sell(month, net)
        for net in split(self.random, plan.of_month(plan.purchases, month.month), self.purchases):
            self._buy(month, net, Role.PURCHASES, OPERATIONS)
        overheads = split(self.random, plan.overheads // MONTHS, len(OVERHEADS))
        for (role, department), net in zip(OVERHEADS.items(), overheads, strict=True):
            self._buy(month, net, role, department)
        self._buy(month, plan.rent // MONTHS, Role.RENT, ADMINISTRATION, self.landlord)

    def _sell(self, month: Month, net: int) -> None:
        goods = net * self.random.choice((50, 70, 100, 100)) // 100
        project = self.random.choice(PROJECTS)[0] if self.random.randrange(3) == 0 else None
        vat = percentage(net, self.journal.chart.vat_percent)
        invoice = Invoice(
            self.random.choice(self.customers), self.journal.document("V", month.year), net + vat
        )
        self.receivable.append(invoice)
        self.journal.post(
            JournalKind.SALES,
            self._day(month),
            f"Invoice {invoice.document}",
            (
                Leg(Role.CUSTOMERS, invoice.cents),
                Leg(Role.SALES_OF_GOODS, -goods, SALES, project),
                Leg(Role.SALES_OF_SERVICES, goods - net, OPERATIONS, project),
                Leg(Role.VAT_ON_SALES, -vat),
            ),
            document=invoice.document,
            relation=invoice.relation,
        )

    def _buy(self, month: Month, net: int, role: Role, department: str, relation: str | None = None) -> None:
        self.receive(month, Leg(role, net, department), relation)

    def receive(self, month: Month, leg: Leg, relation: str | None = None) -> None:
        """Book a supplier's invoice for anything, with VAT to recover."""
        vat = percentage(leg.cents, self.journal.chart.vat_percent)
        supplier = relation or self.random.choice(self.suppliers)
        invoice = Invoice(supplier, self.journal.document("A", month.year), leg.cents + vat)
        self.payable.append(invoice)
        legs = (leg, Leg(Role.VAT_ON_PURCHASES, vat), Leg(Role.SUPPLIERS, -invoice.cents))
        name = self.journal.chart.accounts[leg.role].name
        self.journal.post(
            JournalKind.PURCHASES,
            self._day(month),
            f"{name} {invoice.document}",
            legs,
            document=invoice.document,
            relation=supplier,
        )

    def _day(self, month: Month) -> date:
        return date(month.year, month.month, self.random.randint(1, 28))


def relations(trade: Trade) -> dict[str, str]:
    """Codes of the relations by name: C for customers, S for suppliers."""
    numbered = [(f"C{number:04d}", name) for number, name in enumerate(trade.customers, start=1)]
    suppliers = [*trade.suppliers, trade.landlord]
    numbered += [(f"S{number:04d}", name) for number, name in enumerate(suppliers, start=1)]
    return {name: code for code, name in numbered}
