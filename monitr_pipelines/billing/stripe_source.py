"""Stripe as the billing source: the list of all subscriptions, page by page."""

import logging
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import stripe

from monitr_pipelines import settings
from monitr_pipelines.billing.contract import BillingUnreachable
from monitr_pipelines.billing.doubt import doubt

# Of several subscriptions of a customer the best one counts.
BEST_FIRST = (
    "active",
    "trialing",
    "past_due",
    "unpaid",
    "paused",
    "incomplete",
    "canceled",
    "incomplete_expired",
)
PAGE_SIZE = 100
MOST_PAGES = 1000
# Together they end before Dagster gives a sensor up, which is after 60 seconds.
ANSWER_SECONDS = 8
RETRIES = 1
ALL_PAGES_SECONDS = 40
LONGEST_WAIT = timedelta(hours=1)

# Its messages may quote the key; what is worth telling is in the reasons given here.
logging.getLogger("stripe").addFilter(lambda _: False)
stripe.enable_telemetry = False


class StripeBilling:
    """The subscriptions of one Stripe account; a customer without any is canceled."""

    def __init__(self, key: str, address: str | None = None) -> None:
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": _safe(address)} if address else None,
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=ANSWER_SECONDS),
        )

    def states(self, known: Mapping[str, str], *, now: datetime) -> Mapping[str, str]:
        """The best state of each customer; nothing is asked where there are no customers."""
        if not known:
            return {}
        try:
            listed = self._best_states(known)
        except stripe.StripeError as error:
            raise _unreachable(error, now) from None
        except (AttributeError, TypeError, ValueError) as error:
            told = f"Stripe's answer has a form that we do not know ({type(error).__name__})"
            raise BillingUnreachable(told) from None
        reason = doubt(known, listed)
        if reason:
            raise BillingUnreachable(f"Stripe's answer is not believed: {reason}")
        return {customer: listed.get(customer, "canceled") for customer in known}

    def _best_states(self, known: Mapping[str, str]) -> dict[str, str]:
        best: dict[str, str] = {}
        for subscription in self._subscriptions():
            customer, state = str(subscription.customer), subscription.status
            if customer in known:
                best[customer] = min(best.get(customer, state), state, key=BEST_FIRST.index)
        return best

    def _subscriptions(self) -> Iterator[stripe.Subscription]:
        """Every subscription; the library's own iterator would end quietly at a page that is cut short."""
        deadline = time.monotonic() + ALL_PAGES_SECONDS
        page = self._client.v1.subscriptions.list({"status": "all", "limit": PAGE_SIZE})
        for _ in range(MOST_PAGES):
            yield from page.data
            if not page.has_more:
                return
            if page.is_empty or time.monotonic() > deadline:
                raise BillingUnreachable("Stripe's list of subscriptions does not come to an end")
            page = page.next_page()
        raise BillingUnreachable(f"Stripe lists more than {MOST_PAGES * PAGE_SIZE} subscriptions")


def _safe(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in settings.LOOPBACK):
        return address.rstrip("/")
    raise BillingUnreachable("the address of Stripe must begin with https://")


def _unreachable(error: stripe.StripeError, now: datetime) -> BillingUnreachable:
    """In words of our own: the library's message may hold the key."""
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return BillingUnreachable(f"Stripe refused the key (HTTP {error.http_status})")
    if isinstance(error, stripe.APIConnectionError):
        return BillingUnreachable("Stripe did not answer, or not completely")
    if isinstance(error, stripe.RateLimitError):
        return BillingUnreachable("Stripe is asked too often (HTTP 429)", retry_at=_retry_at(error, now))
    return BillingUnreachable(f"Stripe gave no answer that can be used (HTTP {error.http_status})")


def _retry_at(error: stripe.StripeError, now: datetime) -> datetime | None:
    seconds = (error.headers or {}).get("Retry-After", "")
    if not seconds.isdecimal():
        return None
    # Its first digits tell enough: a longer number is beyond what Python reads.
    return now + min(timedelta(seconds=int(seconds[:9])), LONGEST_WAIT)
