"""Exact Online (BE, NL), over its REST API: transaction lines by row version, one division at a time.

# Connecting

People sign in on Exact's own page; this installation must be registered with Exact as an app, and
`MONITR_OAUTH_APPLICATIONS` names it: `{"exact": {"id": "...", "secret": "..."}}`. Each country is an
instance of its own. Who has a refresh token connects without the page: `monitr connection add --provider
exact --set country=be` asks for it. Tokens are good once and are renewed by themselves; a connection that
nobody uses is tried out well before the thirty days after which it would end.

# Reading

A division is an administration. Every posted line is read, those of entries that nobody processed yet too,
as in Exact's own reports; amounts are those in the currency of the division. A line has at most one cost
centre, one cost unit and one project: three axes.

# Increments and deletions

Lines whose row version is higher than that of the last import, and the log of what was deleted. Versions
that are younger than an hour are read again by the next import, for what is committed late. Exact keeps the
log for two months: after 55 days without an import everything is fetched, and so it is after a division was
moved or linked for HR, which gives all rows new versions.

# Limits

60 calls a minute and 5,000 a day for an app in a division, unless the contract says otherwise: headers of
the answers tell, and are believed (Exact's documentation of its limits, 2026). The tenth refusal within an
hour blocks the app: an import ends with its first one.

# Tie-out

`financial/ReportingBalance` at the end of the financial period that this month's last day lies in:
movements of accounts by reporting period, summed. Exact counts an entry in the period that it was booked
into, so lines are compared by their period and not by their date. The running financial year is compared
whole; earlier years too after a full import, and after an increment as long as there are few figures: they
come sixty a page.

# Not read

Budgets, quotations, orders, documents and everything about people.

# Known limits

Whether the real service holds back row versions that are committed late is not published; the hour above
covers it either way. Rights that are missing can make Exact answer with nothing at all: a division without
accounts is refused for that reason.
"""

from datetime import timedelta

from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.providers.exact import datasets
from monitr_pipelines.providers.exact.sign_in import COUNTRIES, OAUTH, TITLE
from monitr_pipelines.providers.exact.source import ExactSource

PROVIDER = Provider(
    name="exact",
    title=TITLE,
    fields=(
        CredentialField("country", "Country of the subscription", choices=tuple(COUNTRIES)),
        CredentialField("url", "Address of a server on this machine, to try it", optional=True, to_try=True),
    ),
    connect=ExactSource,
    bookings_balance=True,
    axes=True,
    tells_deletions=True,
    has_trial_balance=True,
    sign_in=OAUTH,
    longest_rest=timedelta(days=30),
    reads={each.path: each.fields for each in datasets.READ},
    limits=datasets.limits_of(None),
)
