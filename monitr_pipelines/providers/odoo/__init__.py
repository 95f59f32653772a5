"""Odoo 16 and newer: posted journal items with their analytic distribution, read by company."""

from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.providers.odoo.source import OdooSource

PROVIDER = Provider(
    name="odoo",
    title="Odoo",
    fields=(
        CredentialField("url", "Address of the server"),
        CredentialField("database", "Database"),
        CredentialField("username", "User name"),
        CredentialField("api_key", "API key", secret=True),
    ),
    connect=OdooSource,
    bookings_balance=True,
    axes=True,
    tells_deletions=True,
    has_trial_balance=True,
)
