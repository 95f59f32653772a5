"""Exact amounts: text to Decimal and back, never through a binary fraction."""

from decimal import Decimal

ZERO = Decimal(0)
SMALLEST_UNIT = Decimal("0.0001")
LARGEST_AMOUNT = Decimal("1e15")
# Of NUMERIC(21,4), in which balances are kept.
LARGEST_SUM = Decimal("1e17")


def within_limits(amount: Decimal) -> bool:
    """Whether an amount fits the ledger's NUMERIC(19,4) column without rounding a digit away."""
    return amount.is_finite() and abs(amount) < LARGEST_AMOUNT and amount == amount.quantize(SMALLEST_UNIT)


def plain(amount: Decimal) -> str:
    """An amount as reports print it: no exponent, at least two decimals, further ones only if used.

    >>> plain(Decimal("1E+3")), plain(Decimal("0.1250")), plain(Decimal("-0"))
    ('1000.00', '0.125', '0.00')
    """
    text = f"{amount or ZERO:f}"
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
