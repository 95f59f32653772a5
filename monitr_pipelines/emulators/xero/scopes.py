"""What programs may ask to read, and which of it each path wants."""

from collections.abc import Mapping

IDENTITY = ("openid", "profile", "email", "offline_access")
JOURNALS = "accounting.journals.read"
SETTINGS = ("accounting.settings", "accounting.settings.read")
REPORTS = ("accounting.reports.read", "accounting.reports.trialbalance.read")
# They exist and open nothing that is emulated.
OTHERS = (
    "accounting.attachments",
    "accounting.attachments.read",
    "accounting.banktransactions",
    "accounting.banktransactions.read",
    "accounting.budgets.read",
    "accounting.contacts",
    "accounting.contacts.read",
    "accounting.invoices",
    "accounting.invoices.read",
    "accounting.manualjournals",
    "accounting.manualjournals.read",
    "accounting.payments",
    "accounting.payments.read",
    "accounting.reports.aged.read",
    "accounting.reports.balancesheet.read",
    "accounting.reports.banksummary.read",
    "accounting.reports.budgetsummary.read",
    "accounting.reports.executivesummary.read",
    "accounting.reports.profitandloss.read",
    "accounting.reports.taxreports.read",
    "accounting.transactions",
    "accounting.transactions.read",
)
KNOWN = frozenset({*IDENTITY, JOURNALS, *SETTINGS, *REPORTS, *OTHERS})
# What whoever connects without the page is taken to have agreed to.
EVERYTHING = frozenset({*IDENTITY, JOURNALS, "accounting.settings.read", "accounting.reports.read"})

NEEDED: Mapping[str, frozenset[str]] = {
    "Accounts": frozenset(SETTINGS),
    "Journals": frozenset({JOURNALS}),
    "Organisation": frozenset(SETTINGS),
    "TrackingCategories": frozenset(SETTINGS),
    "Reports/TrialBalance": frozenset(REPORTS),
}
