"""Tryton, over its JSON-RPC: posted moves with their analytic lines, read by company.

# Connecting

The address of a Tryton 8.2 server, the database, and a user with its password. The user needs the companies
among its own and must show all of them (`company_filter`), and the right to read the accounting.

# Reading

A company is an administration. Posted moves are read, drafts are not. Each root of the analytical accounts
is an axis, where the server has that module; a line that several of them share is cut into parts that add
up to it.

# Increments and deletions

Moves of which they themselves, a line, an account or an analytical line carry a stamp since the last
import, each read anew, whole. A posted move cannot be deleted; lines that are gone are missing from their
move. The window reaches back an hour, for what is committed late.

# Limits

None that the software knows: one request after another, a thousand lines each.

# Tie-out

Debit and credit of each account as Tryton adds them up from posted moves, up to the last day of this month,
or to the end of the last fiscal year where that is earlier: since ever, and for income and expenses since
the fiscal year began. Its `balance` is not used: behind a closed year it holds that of all children.

# Not read

Drafts, budgets, and analytical lines that stem from no move line.

# Known limits

Periods of adjustment are read with the date of their moves, which may be months before the end of the year
that they close.
"""

from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.providers.tryton import datasets
from monitr_pipelines.providers.tryton.source import TrytonSource

PROVIDER = Provider(
    name="tryton",
    title="Tryton",
    fields=(
        CredentialField("url", "Address of the server"),
        CredentialField("database", "Database"),
        CredentialField("username", "User name"),
        CredentialField("password", "Password", secret=True),
    ),
    connect=TrytonSource,
    bookings_balance=True,
    axes=True,
    tells_deletions=True,
    has_trial_balance=True,
    reads={each.model: each.fields for each in datasets.READ},
)
