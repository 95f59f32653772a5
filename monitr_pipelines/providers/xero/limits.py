"""How often Xero may be asked: an app in an organisation, from Xero's documentation of OAuth 2.0 limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from monitr_pipelines.providers.contract import RateLimit
from monitr_pipelines.providers.retries import RateHeaders

A_MINUTE, A_DAY = 60, 5000


@dataclass(frozen=True)
class WhatIsLeft(RateHeaders):
    """A header that tells how many calls are left, and none that tells of how many.

    Args:
        least: How many there are at least, by the documentation.
    """

    least: int = 0

    def calls(self, headers: Mapping[str, str]) -> int:
        """How many calls the window has: more than are documented where more are left."""
        left = (headers.get(self.remaining) or "").strip()
        return max(self.least, int(left[:9]) + 1) if left.isascii() and left.isdecimal() else self.least


def limits_of(tenant: str | None) -> tuple[RateLimit, ...]:
    """The limits of a tenant; None before it is known which one is asked for."""
    return (
        RateLimit(f"minute {tenant or ''}".strip(), A_MINUTE, timedelta(minutes=1)),
        RateLimit(f"day {tenant or ''}".strip(), A_DAY, timedelta(days=1)),
    )


def rate_headers_of(tenant: str | None) -> tuple[RateHeaders, ...]:
    """How Xero tells what is left of them; it tells no reset, refusals say how long to wait."""
    names = ("X-MinLimit-Remaining", "X-DayLimit-Remaining")
    return tuple(
        WhatIsLeft(limit.name, "", header, "", limit.calls)
        for limit, header in zip(limits_of(tenant), names, strict=True)
    )
