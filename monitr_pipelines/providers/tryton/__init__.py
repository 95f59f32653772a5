"""Tryton, over its JSON-RPC: posted moves with their analytic lines, read by company."""

from monitr_pipelines.providers.contract import CredentialField, Provider
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
)
