"""Toy: an accounting software that is made to be connected; its books come as JSON, page by page.

# Connecting

The address of the server, and a key.

# Reading

A company is an administration. It has no analytical axes.

# Increments and deletions

It tells of none: every import reads the whole ledger.

# Limits

A hundred calls a second, by its own documentation.

# Tie-out

Its sums by account up to a day, compared by date.

# Not read

Nothing else is in it.

# Known limits

It does not exist.
"""

from datetime import timedelta

from monitr_pipelines.providers.toy.source import LIMITS, ToySource

from monitr_pipelines.providers.contract import CredentialField, Provider, RateLimit

PROVIDER = Provider(
    name="toy",
    title="Toy",
    fields=(
        CredentialField("url", "Address of the server"),
        CredentialField("key", "Key", secret=True),
    ),
    connect=ToySource,
    bookings_balance=True,
    axes=False,
    tells_deletions=False,
    has_trial_balance=True,
    reads={"/lines": ("id", "entry", "day", "account", "amount"), "/balances": ("account", "balance")},
    limits=(RateLimit("second", LIMITS, timedelta(seconds=1)),),
)
