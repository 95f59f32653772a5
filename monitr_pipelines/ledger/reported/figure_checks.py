"""The checks of published figures: what each of them is about, in the order of how much it says."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Check(StrEnum):
    """A check; the first of those that fail is the worst."""

    BALANCE_SHEET = "balance_sheet"
    TIE_OUT = "tie_out"
    CURRENCY = "currency"
    BOOKINGS = "bookings"
    CASH_FLOW = "cash_flow"
    OPENING = "opening"
    MAPPED = "mapped"
    NAMED = "named"


# The codes of `marts.validation` that fail a check. What the software says of itself is kept in raw.tie_out.
CODES: Mapping[Check, tuple[str, ...]] = {
    Check.BALANCE_SHEET: ("balance_sheet_unbalanced",),
    Check.TIE_OUT: (),
    Check.CURRENCY: ("currency_differs",),
    Check.BOOKINGS: ("bookings_unbalanced",),
    Check.CASH_FLOW: ("cash_flow_differs",),
    Check.OPENING: (
        "opening_differs",
        "opening_added",
        "opening_unsure",
        "closing_unsure",
        "result_account_unset",
        "result_account_unfit",
    ),
    Check.MAPPED: ("unmapped_month", "unmapped_account"),
    Check.NAMED: ("unknown_account",),
}
# An account that no list names has its figures; a card has better things to tell.
OF_NOTE = frozenset(set(Check) - {Check.NAMED})


def failing(codes: Iterable[str]) -> list[Check]:
    """The checks that fail where these codes were found, the worst first."""
    found = set(codes)
    return [check for check in Check if found.intersection(CODES[check])]
