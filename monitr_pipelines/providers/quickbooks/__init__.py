"""QuickBooks Online, over its REST API: the general ledger report in windows of dates, one company at a time.

# Connecting

People sign in on Intuit's own page and choose a company there; this installation must be registered with
Intuit as an app, and `MONITR_OAUTH_APPLICATIONS` names it: `{"quickbooks": {"id": "...", "secret": "..."}}`.
The number of the company comes back with the person. Who has a refresh token connects without the page:
`monitr connection add --provider quickbooks --set realm_id=...` asks for it. Tokens are renewed by
themselves; a connection that nobody uses is tried out well before the hundred days after which it would end.

# Reading

A company is an administration; each has a connection of its own. Every transaction that posts is read from
the general ledger on the accrual basis, in the home currency, which is debit less credit. Accounts are known
by their number, and by their id where they have none or share it. A line has at most one class and one
location: two axes, as far as the company uses them. The report numbers no line: it is known by its
transaction, its account, and its place among the lines of both.

# Increments and deletions

Change data capture tells which transactions were changed or deleted since an hour before the last import. The
months of these are read again, and this month and the one before, for kinds of which no changes are told:
payroll, adjustments of stock, payments of sales tax and of credit cards. Whole transactions are replaced.
QuickBooks tells of changes for thirty days: after 29 days without an import everything is fetched, and so it
is when an account gets another number, when currencies, classes or locations are used otherwise, and each
time where a company has transactions of those kinds.

# Limits

500 requests a minute for a company. A report that does not fit into an answer is asked for in halves.

# Tie-out

The trial balance report at the end of this month. QuickBooks books nothing at the turn of a year: its report
adds the results of earlier years to the retained earnings by itself, so that this account is not compared.

# Not read

Estimates, purchase orders and other transactions that do not post; budgets, items, customers, projects and
everything about people, besides the names on lines.

# Known limits

The columns of the general ledger, how a report says that it was cut, and what a trial balance counts are in
no official specification that was at hand. Companies in France, whose general ledger is another report,
cannot be read. A customer or supplier who is renamed keeps the old name on lines until their month is read
again. A change of a kind that is never told is overlooked where it is older than the month before and the
first of its kind.
"""

from datetime import timedelta

from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.providers.quickbooks import datasets
from monitr_pipelines.providers.quickbooks.sign_in import OAUTH, TITLE
from monitr_pipelines.providers.quickbooks.source import QuickBooksSource

PROVIDER = Provider(
    name="quickbooks",
    title=TITLE,
    fields=(
        CredentialField("realm_id", "Number of the company (realm)", returned="realmId"),
        CredentialField("url", "Address of a server on this machine, to try it", optional=True, to_try=True),
    ),
    connect=QuickBooksSource,
    bookings_balance=True,
    axes=True,
    tells_deletions=True,
    has_trial_balance=True,
    sign_in=OAUTH,
    longest_rest=timedelta(days=100),
    preview=True,
    reads={each.name: each.fields for each in datasets.READ},
    limits=datasets.LIMITS,
)
