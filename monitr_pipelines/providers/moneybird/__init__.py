"""Moneybird (NL), over its REST API: the journal month by month, one administration at a time.

# Connecting

People sign in on Moneybird's own page; this installation must be registered with Moneybird as an external
OAuth application, and `MONITR_OAUTH_APPLICATIONS` names it: `{"moneybird": {"id": "...", "secret": "..."}}`.
The scopes are `sales_invoices`, `documents`, `bank` and `settings`; nothing is ever written. Access tokens do
not end for now; one that is refused is renewed where there is a refresh token, else a person connects again.
Who has tokens connects without the page: `monitr connection add --provider moneybird` asks for a refresh
token, and a personal API token is given as `--set access_token=...`.

# Reading

An administration is one of Moneybird's; suspended ones are not listed, and not imported. The report of
journal entries gives a month at most, and of that one project or one account: each month is read by project
or by account, whichever takes fewer questions, until its lines add up, account by account, to what the
general ledger report says moved. Which sign debits have is not described: the sums tell it too. A booking is
what one document has in the journal. Lines of nothing are left out. A line has at most one project, the one
axis. Accounts without a code of their own, or with one that others have too, are known by their id.

# Increments and deletions

What moved within each year is compared with what was read, then the months of years that differ: these are
read anew, whole, and what is gone from them is deleted. Documents with a version that is later than the
latest one that was read show what leaves all sums as they are: their months are read anew too. Versions of
the hour before the latest one are looked at again until they are settled. Another code of an account lets
everything be read anew.

# Limits

150 calls in five minutes for a user or a token, over all administrations (Moneybird's help centre, and the
headers of its answers, 2026). A first import asks for the general ledger once a month of books, and for lines
once for each project of a month and each further hundred: with three projects, ten years take some twenty
minutes.

# Tie-out

The general ledger report from the start of the fiscal year to the end of this month: accounts of the balance
sheet by their final balance, those of the result by debit less credit.

# Not read

Contacts, so that lines do not tell whom they are about; the numbers of invoices; amounts in other currencies,
which the journal does not have; drafts, estimates, hours and whatever else is not in the journal.

# Known limits

Whether Moneybird's own report of journal entries gives a line the same id for ever is not published: months
are replaced whole, so that another id is no doubled line. Bookings that no document stands behind, such as
depreciation of assets, show their changes in the sums alone. Versions are asked for over all years at once:
no longest period is published for them. Whether final balances hold a result that no journal entry carried
over is not published either; then the tie-out shows it.
"""

from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.providers.moneybird import datasets
from monitr_pipelines.providers.moneybird.sign_in import OAUTH, TITLE
from monitr_pipelines.providers.moneybird.source import MoneybirdSource

PROVIDER = Provider(
    name="moneybird",
    title=TITLE,
    fields=(
        CredentialField("url", "Address of a server on this machine, to try it", optional=True, to_try=True),
    ),
    connect=MoneybirdSource,
    bookings_balance=False,
    axes=True,
    tells_deletions=False,
    has_trial_balance=True,
    sign_in=OAUTH,
    reads={each.path: each.fields for each in datasets.READ},
    limits=datasets.LIMITS,
)
