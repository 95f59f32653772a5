"""Yuki (BE, NL), over its SOAP web services: transaction lines by month, one administration at a time.

# Connecting

The API key that Yuki makes for web services (a portal administrator or someone of the management can), and
the country of the subscription: keys of one country are not known in the other. A key is of one
administration, of a domain or of a portal; it needs the right to use the services `Accounting`,
`AccountingInfo` and `ChangeDigest`.

# Reading

An administration is an administration, in whatever domain of the key it is. All transactions are read, those
of the commercial books: corrections that are booked for taxes alone are left out, as they are in the balances
that are compared. Amounts are in euros. A line has at most one project: the one axis. Yuki tells of no
journal entries; lines of one document are taken for one booking.

# Increments and deletions

The last change of each financial year is asked for: a year that changed since the last import is read again,
month by month. So are this month and the one before, and whatever months the digest of changes
names, which tells of lines that were changed or deleted since a day before the last import. Where an account
or a project has another code, or is gone, everything is read.

# Limits

1,000 calls a day for a domain, of all programs together (Yuki's articles on web services, 2026). A first
import takes a call for each month since the administration started, an increment two for each year, and one
for each month of the years that changed. An import that Yuki refuses for the limit goes on the next day.

# Tie-out

`GLAccountBalance` at the last day of this month, without tax corrections: accounts of the balance sheet since
ever, those of the result since the financial year of that day began, as `GetPeriodDateTable` tells it.

# Not read

Documents, contacts, invoices, outstanding items, VAT returns, budgets and tax corrections.

# Known limits

No official description of the services was at hand, only answers that Yuki documents and what other programs
ask. Which accounts are of the result Yuki tells with their balances alone, so these are asked for the end of
each financial year. More calls a day than the free ones are not made where they were bought. A relation that
is renamed keeps its name on lines that are not read again.
"""

from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.providers.yuki import datasets
from monitr_pipelines.providers.yuki.datasets import COUNTRIES, TITLE
from monitr_pipelines.providers.yuki.source import YukiSource

PROVIDER = Provider(
    name="yuki",
    title=TITLE,
    fields=(
        CredentialField("country", "Country of the subscription", choices=tuple(COUNTRIES)),
        CredentialField("api_key", "API key for web services", secret=True),
        CredentialField("url", "Address of a server on this machine, to try it", optional=True, to_try=True),
    ),
    connect=YukiSource,
    bookings_balance=False,
    axes=True,
    tells_deletions=True,
    has_trial_balance=True,
    preview=True,
    reads={each.operation: each.fields for each in datasets.READ},
    limits=datasets.limits_of(None),
)
