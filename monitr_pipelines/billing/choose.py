"""The billing source of this installation, from the environment.

`MONITR_BILLING` is `table` (the default) or `stripe`; Stripe needs `MONITR_STRIPE_KEY`, and asks
`MONITR_STRIPE_ADDRESS` where that is set.
"""

import os
from collections.abc import Mapping
from datetime import datetime

from monitr_pipelines.billing.contract import BillingSource, BillingUnreachable

SOURCE = "MONITR_BILLING"
STRIPE_KEY = "MONITR_STRIPE_KEY"
STRIPE_ADDRESS = "MONITR_STRIPE_ADDRESS"


class TableBilling:
    """The states are those of the table of organisations: it answers for no customer of anyone's."""

    def states(self, known: Mapping[str, str], *, now: datetime) -> Mapping[str, str]:  # noqa: ARG002
        """Nothing is read elsewhere, so that what the table says stands."""
        return {}


def chosen_source() -> BillingSource:
    """The source that is asked; BillingUnreachable where the settings do not name one."""
    name = os.environ.get(SOURCE) or "table"
    if name == "table":
        return TableBilling()
    if name != "stripe":
        raise BillingUnreachable(f"{SOURCE} must be table or stripe, not {name!r}")
    key = os.environ.get(STRIPE_KEY)
    if not key:
        raise BillingUnreachable(f"{SOURCE} is stripe, but {STRIPE_KEY} is not set")
    from monitr_pipelines.billing.stripe_source import StripeBilling  # noqa: PLC0415 - only where it is used

    return StripeBilling(key, os.environ.get(STRIPE_ADDRESS))
