"""Exact Online (BE, NL), over its REST API: transaction lines by row version, one division at a time."""

from datetime import timedelta

from monitr_pipelines.providers.contract import CredentialField, Provider
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
)
