"""Amounts with two decimals and nothing else, as most are: read by column, without a Decimal for each."""

import re
from collections.abc import Sequence
from decimal import Decimal


class PlainAmounts:
    """Columns of amounts with a decimal mark, read as AmountReader does, to which all others are left.

    Amounts come out as `str` of their Decimal, debit positive.
    """

    def __init__(self, decimal: str) -> None:
        self._decimal = decimal
        number = rf"(?:[1-9]\d{{0,11}}|0){re.escape(decimal)}\d\d"
        self._signed = re.compile(rf"(?:-?+{number}\n)*+", re.ASCII).fullmatch
        self._sides = re.compile(rf"(?:(?:{number})?+\n)*+", re.ASCII).fullmatch
        zero = f"0{decimal}00"
        self._nothing = frozenset({"", zero})
        self._unclear = frozenset({"", zero, f"-{zero}"})

    def signed(self, texts: Sequence[str]) -> list[str] | None:
        """Amounts that have a sign; None where one is zero, or written otherwise."""
        if not self._signed("\n".join([*texts, ""])) or not self._unclear.isdisjoint(texts):
            return None
        return self._pointed(texts)

    def sides(self, debits: Sequence[str], credited: Sequence[str]) -> list[str] | None:
        """Debit less credit; None where one is written otherwise, or a line has both or neither."""
        if not (self._sides("\n".join([*debits, ""])) and self._sides("\n".join([*credited, ""]))):
            return None
        nothing = self._nothing
        amounts = [
            debit if credit in nothing else f"-{credit}" if debit in nothing else ""
            for debit, credit in zip(debits, credited, strict=True)
        ]
        return self._pointed(amounts) if nothing.isdisjoint(amounts) else None

    def _pointed(self, amounts: Sequence[str]) -> list[str]:
        return "\n".join(amounts).replace(self._decimal, ".").split("\n")


def normal(amount: str) -> str:
    """An amount of two decimals as `str(Decimal(amount).normalize())` writes it.

    >>> normal("12.34"), normal("-12.50"), normal("1200.00"), normal("0.10")
    ('12.34', '-12.5', '1.2E+3', '0.1')
    """
    if amount[-1] != "0":
        return amount
    return amount[:-1] if amount[-2] != "0" else str(Decimal(amount).normalize())
