"""What a source of subscription states answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol


class BillingUnreachable(Exception):
    """Billing gave no answer that can be believed; `reason` says why, and never holds a secret.

    `retry_at` is the moment before which it asked to be left alone, if it did.
    """

    def __init__(self, reason: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_at = retry_at


class BillingSource(Protocol):
    """A billing system, or what stands for one."""

    def states(self, known: Mapping[str, str], *, now: datetime) -> Mapping[str, str]:
        """The state, as Stripe names it, of each customer that this source answers for.

        Args:
            known: Each customer with the state that was last read of it.
            now: The moment of asking.

        Raises:
            BillingUnreachable: No answer, or one that cannot be believed.
        """
