"""Octopus (BE), over its REST API: whole bookings by bookyear and type of journal, one dossier at a time.

# Connecting

A user of Octopus with its password; the licence of the dossier must allow web services. This installation
must have a software house number of Octopus, and `MONITR_OAUTH_APPLICATIONS` names it:
`{"octopus": {"id": "<the number>", "secret": "unused"}}`. Octopus counts sign-ins that fail: one that is
refused is not tried again.

# Reading

A dossier is an administration. Every booking of the journals of purchases, sales, financial and various
operations is read; amounts are those in the currency of the dossier, which is taken to be the euro. Lines
keep the period that they were booked into beside the date of their document. Accounts have no type: their
class in the Belgian chart tells it. A line has at most one cost centre: one axis.

Octopus does not say whether positive amounts are debits. At the first import the sides that accounts of the
Belgian chart are on tell it of balances, and balances tell it of lines. Then it is proved: the lines of each
account and bookyear must add up to the balance that Octopus has of it, or nothing is stored.

# Increments and deletions

Bookings that changed since the last import began, each whole, and the keys of those that are gone. The
window reaches back four hours, for it is not known in which time zone Octopus takes moments. The first
import asks by bookyear and type of journal, as Octopus demands; what is too much for one answer is asked
for in halves of the time in which it was written.

# Limits

Calls a day: 48 for bookings, accounts and balances each, 24 for bookyears, 150 for connecting and for the
list of dossiers, 2 for cost centres (Octopus's OpenAPI document, 2026). They are counted for each dossier,
where that is what is asked about. So there is an import every half an hour at most, and the first one reads
twelve bookyears at most. Of the two calls for cost centres an increment uses one: until tomorrow, new ones
are called by their number, and others keep their name.

# Tie-out

`accounts/amounts/modified`: what moved on each account in each period, summed up to the end of the period
that this month's last day lies in. A line counts in the period that it was booked into, and not by its date.

# Not read

Relations (lines have their number), delivery notes, invoices, payments and what they settle.

# Known limits

The specification at hand is a part of Octopus's, and no recording of its bookings is public: how they are
written rests on it alone. Not published are the sign of amounts, the time zone, whether limits are those of a
dossier, and how a call too many is refused; nor how an entry is marked that carries balances over into a new
bookyear: it is read like any other, and would count a second time. People cannot sign in on Octopus's own
page: the address that gives out tokens is not published either.
"""

from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.providers.octopus import datasets
from monitr_pipelines.providers.octopus.source import OctopusSource
from monitr_pipelines.providers.octopus.values import TITLE

PROVIDER = Provider(
    name="octopus",
    title=TITLE,
    fields=(
        CredentialField("user", "User name"),
        CredentialField("password", "Password", secret=True),
        CredentialField("url", "Address of a server on this machine, to try it", optional=True, to_try=True),
    ),
    connect=OctopusSource,
    bookings_balance=True,
    axes=True,
    tells_deletions=True,
    has_trial_balance=True,
    preview=True,
    reads={each.path: each.fields for each in datasets.READ},
    limits=(datasets.CONNECTS, *(limit for each in datasets.READ for limit in each.limits())),
)
