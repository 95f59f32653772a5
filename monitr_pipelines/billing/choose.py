"""The billing source of this installation, from the environment.

`MONITR_BILLING` is `table` (the default) or `stripe`; Stripe needs `MONITR_STRIPE_KEY`, and asks
`MONITR_STRIPE_ADDRESS` where that is set.
"""

from collections.abc import Mapping
from datetime import datetime

from monitr_pipelines import settings
from monitr_pipelines.billing.contract import BillingSource, BillingUnreachable


class TableBilling:
    """The states are those of the table of organisations: it answers for no customer of anyone's."""

    def states(self, known: Mapping[str, str], *, now: datetime) -> Mapping[str, str]:  # noqa: ARG002
        """Nothing is read elsewhere, so that what the table says stands."""
        return {}


def chosen_source() -> BillingSource:
    """The source that is asked; BillingUnreachable where the settings do not name one."""
    try:
        source, key, address = settings.billing(), settings.stripe_key(), settings.stripe_address()
    except settings.BadSetting as wrong:
        raise BillingUnreachable(str(wrong).removesuffix(".")) from None
    if source == "table":
        return TableBilling()
    if not key:
        raise BillingUnreachable("MONITR_BILLING is stripe, but MONITR_STRIPE_KEY is not set")
    from monitr_pipelines.billing.stripe_source import StripeBilling  # noqa: PLC0415 - only where it is used

    return StripeBilling(key, address)
