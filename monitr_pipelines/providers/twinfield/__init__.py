"""Twinfield (NL, BE), over its web services: browsed transactions by year and period, one office at a time.

# Connecting

People sign in on Twinfield's own page; this installation must be registered with Wolters Kluwer as a
client, and `MONITR_OAUTH_APPLICATIONS` names it: `{"twinfield": {"id": "...", "secret": "..."}}`. What
Twinfield tells of an access token names the servers that hold the books of its organisation; these are
asked.

# Reading

An office is an administration. Provisional and final transactions are read, drafts are not; amounts are
those in the base currency of the office. Where the office keeps regimes for its fixed assets, the fiscal
one is read with the generic one. A line has at most one cost centre and one project, activity or asset:
axes of these names. Period 0 holds opening balances and period 55 the end of the year; both are read.

# Increments and deletions

Transactions that were modified since the day before the last import, whole, and the list of deleted ones. A
number that was deleted and given again is that of the transaction that has it now. Where a provisional
transaction got another number and Twinfield does not list the old one as deleted, nothing tells: everything
is fetched again after 28 days.

# Limits

About 1,000 credits a minute for a client and for an address; reading costs one each. Answers have no pages,
so that a whole ledger takes a question for each period, and an increment one for each period with changes.

# Tie-out

Totals per period and account (browse code 040_1), at the end of the period that this month's last day lies
in. Twinfield counts a transaction in the period that it was booked into, so lines are compared by their
period.

# Not read

Budgets, invoices that were not booked, time and expenses, and everything about people.

# Known limits

Nobody tried this connector on the real service yet. One period must fit into 64 MB, some 30,000 lines.
Dimension types of an office's own are axes by their code.
"""

from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.providers.twinfield import datasets
from monitr_pipelines.providers.twinfield.sign_in import OAUTH, TITLE
from monitr_pipelines.providers.twinfield.source import TwinfieldSource

PROVIDER = Provider(
    name="twinfield",
    title=TITLE,
    fields=(
        CredentialField("url", "Address of a server on this machine, to try it", optional=True, to_try=True),
    ),
    connect=TwinfieldSource,
    bookings_balance=True,
    axes=True,
    tells_deletions=True,
    has_trial_balance=True,
    sign_in=OAUTH,
    preview=True,
    reads=datasets.fields_by_name(),
    limits=datasets.LIMITS,
)
