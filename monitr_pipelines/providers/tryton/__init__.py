"""Tryton (https://www.tryton.org), read over JSON-RPC as a user of it: companies are administrations."""

from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.providers.tryton.source import connect

PROVIDER = Provider(
    name="tryton",
    title="Tryton",
    fields=(
        CredentialField("url", "Address of the server, such as https://tryton.example.com"),
        CredentialField("database", "Name of the database"),
        CredentialField("username", "User name"),
        CredentialField("password", "Password", secret=True),
    ),
    connect=connect,
    bookings_balance=True,
    axes=True,
    tells_deletions=False,
    has_trial_balance=True,
)
