"""Xero, over its accounting API: journals by their number, one organisation at a time.

# Connecting

People sign in on Xero's own page and choose organisations there; this installation must be registered with
Xero as an app, and `MONITR_OAUTH_APPLICATIONS` names it: `{"xero": {"id": "...", "secret": "..."}}`. Since
2 March 2026 Xero lets an app read journals only from its tier Advanced on, after an assessment of its
security and with approval of its use: without it, imports end with `ledger_closed`. Tokens are good once and
are renewed by themselves; a connection that nobody uses is tried out well before the sixty days after which
it would end.

# Reading

An organisation is an administration. Every journal is read, with what each line books on its account, in the
currency of the organisation; tax is a line of its own. Each tracking category is an axis, and so are archived
ones. An account without a code, as bank accounts may be, gets one made of its id: `#` and the id.

# Increments and deletions

Journals with a higher number than that of the last import. Journals are permanent: Xero books back what
somebody edits or voids, and books it anew. Journals that are younger than an hour are read again by
the next import, for what is committed late. Lines keep the codes and names that they were read with: when an
account gets another code, or a tracking category or an option another name, everything is fetched, and so it
is after an organisation was reset.

# Limits

60 calls a minute and 5,000 a day for an app and an organisation, a hundred journals each (Xero's
documentation of its limits, 2026); headers of the answers tell where more are left, and are believed. Where
fewer are allowed, a first import that uses up the calls of a day ends, and goes on with the next journal when
Xero says that it may.

# Tie-out

The report of the trial balance on this month's last day: accounts of the result since the fiscal year began,
others since ever. Its retained earnings hold the results of all earlier years, which no journal books: they
are taken off, as the reports of the ends of these years tell them. After an increment only the last of these
is asked for, and the running fiscal year is compared; where nothing is booked in it, earlier years too. The
connected user must be allowed to see reports.

# Not read

Contacts, invoices, currencies and exchange rates: journals do not tell them. Budgets, the cash basis, and
everything of payroll but what it books.

# Known limits

No organisation was read with this connector yet: it was written from Xero's own description of the API and
from answers that others recorded. Xero says that journals are generally permanent: one that changed all the
same would be seen by a full import alone, and by the comparison with the report. That retained earnings of
the report hold the results of earlier years is what reports must do to balance; it is not described.
"""

from datetime import timedelta

from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.providers.xero import datasets
from monitr_pipelines.providers.xero.limits import limits_of
from monitr_pipelines.providers.xero.sign_in import OAUTH, TITLE
from monitr_pipelines.providers.xero.source import XeroSource

PROVIDER = Provider(
    name="xero",
    title=TITLE,
    fields=(
        CredentialField("url", "Address of a server on this machine, to try it", optional=True, to_try=True),
    ),
    connect=XeroSource,
    bookings_balance=True,
    axes=True,
    tells_deletions=True,
    has_trial_balance=True,
    sign_in=OAUTH,
    longest_rest=timedelta(days=60),
    reads={each.path: each.fields for each in datasets.READ},
    limits=limits_of(None),
)
