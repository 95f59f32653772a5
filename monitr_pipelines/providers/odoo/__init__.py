"""Odoo 16 and newer: posted journal items with their analytic distribution, read by company.

# Connecting

The address of the server, the database, the name of a user, and an API key of that user (Preferences >
Account Security). The user needs the right to read the accounting of the companies, and no record rule that
hides lines from it. The server must be reachable from the internet, or its network listed in
`MONITR_PROVIDER_NETWORKS`.

# Reading

A company is an administration, a branch too. Posted journal items are read, drafts and canceled entries are
not; amounts are those in the company's currency. Codes of accounts are those of the company. Each root
analytic plan is an axis; a line that several analytic accounts share is cut into parts that add up to it
exactly. The version is asked first: JSON-RPC is spoken up to 18, JSON-2 from 19 on.

# Increments and deletions

One grouped request tells the number of lines, the sum of debits and the newest stamp of each month; months
that read otherwise than before are read anew, whole. So deletions, entries that moved and whatever was
committed late are found. Months whose newest stamp is younger than an hour are read once more. Accounts,
journals, partners and analytic accounts that are called otherwise bring the months of their lines.

# Limits

Odoo's own hosting (`.odoo.com`) is asked once a second, which its maker recommends to integrations without
an official figure; other servers as fast as they answer, one request after another.

# Tie-out

Odoo's own sums of posted journal items by account up to the last day of this month: since ever for accounts
of the balance sheet, since the fiscal year of the company began for income and expenses. Odoo closes no
year and carries no result over, so neither side does. Accounts off the balance sheet count since ever. An
account that has a balance and lost its code cannot be compared: then nothing is, and the reason is told.

# Not read

Drafts, sections and notes among the lines, attachments, stock, and analytic items that stem from no journal
item, such as timesheets.

# Known limits

Odoo tells amounts as binary numbers: those that fifteen digits do not hold are refused, not rounded. Lines
that a record rule hides show as entries that do not add up, and end the import. What a user may see of
partners' names decides what lines say of them.
"""

from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.providers.odoo import datasets, rpc
from monitr_pipelines.providers.odoo.source import OdooSource

PROVIDER = Provider(
    name="odoo",
    title="Odoo",
    fields=(
        CredentialField("url", "Address of the server"),
        CredentialField("database", "Database"),
        CredentialField("username", "User name"),
        CredentialField("api_key", "API key", secret=True),
    ),
    connect=OdooSource,
    bookings_balance=True,
    axes=True,
    tells_deletions=True,
    has_trial_balance=True,
    reads={each.model: each.fields for each in datasets.READ},
    limits=rpc.HOSTED,
)
