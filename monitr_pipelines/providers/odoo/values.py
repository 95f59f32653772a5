"""Values as Odoo's JSON writes them: amounts are its floats, and `false` stands for whatever is empty."""

from datetime import date
from decimal import Decimal
from typing import Any

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.money import LARGEST_SUM, SMALLEST_UNIT
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.odoo.faults import TITLE, contradiction

# From here on cents get lost, otherwise in one field than in another: seen on a running server.
INEXACT = Decimal("1e13")
# What arithmetic of floats may leave behind the last digit that counts.
NOISE = Decimal("1e-7")


def amount(value: object, entry: str | None) -> Decimal:
    """An amount of an entry, or of an account where there is none, exact to its digits.

    Raises:
        InconsistentData: It is none, or so large that its cents are not to be trusted.
    """
    found = sum_of_many(value)
    if abs(found) >= INEXACT:
        told = sentence("inexact_amount", entry=entry) if entry else sentence("inexact_balance")
        finding = Finding("inexact_amount", told)
        raise InconsistentData(Message("amounts_inexact", {"title": TITLE}), findings=[finding])
    return found


def sum_of_many(value: object) -> Decimal:
    """An amount of any size; from `INEXACT` on it is only roughly that.

    Raises:
        InconsistentData: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise contradiction("an amount is no number")
    exact = Decimal(value)
    if not exact.is_finite() or abs(exact) >= LARGEST_SUM:
        raise contradiction("an amount is larger than any ledger")
    rounded = exact.quantize(SMALLEST_UNIT)
    if abs(rounded - exact) > NOISE:
        raise contradiction("an amount has more decimals than money has")
    return exact if rounded == exact else rounded


def day(value: object) -> date:
    """A date."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise contradiction("a date is none") from None


def one(value: Any) -> tuple[int, str]:  # noqa: ANN401 - whatever was answered
    """Another row that a row refers to: its id and how Odoo calls it."""
    found = maybe_one(value)
    if found is None:
        raise contradiction("a row lacks what every row refers to")
    return found


def maybe_one(value: Any) -> tuple[int, str] | None:  # noqa: ANN401
    """The same, None where the row refers to none."""
    if value is False:
        return None
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], int):
        return value[0], str(value[1] or "")
    raise contradiction("a reference to another row is none")
