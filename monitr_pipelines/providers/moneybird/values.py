"""Values of Moneybird's rows. What cannot be read is told by its field, never by what stood there."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.lifecycle.errors import InconsistentData, OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.moneybird.sign_in import TITLE

# Many lines have the same date.
KEPT = 10_000


def unknown(detail: str) -> NoReturn:
    """Raise that an answer has a form that nobody knows here."""
    raise OurFault(Message("answer_unknown", {"title": TITLE}), detail=detail)


def contradiction(detail: str) -> InconsistentData:
    """Answers that cannot both be right."""
    return InconsistentData(Message("answer_contradicts", {"title": TITLE}), detail=detail)


@lru_cache(KEPT)
def day_of(text: str, name: str) -> date:
    """A calendar day, written YYYY-MM-DD."""
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-31") else unknown(f"{name} is no day")
    except ValueError:
        unknown(f"{name} is no day")


def finite(amount: Decimal, name: str) -> Decimal:
    """An amount that is a number."""
    return amount if amount.is_finite() else unknown(f"{name} is no amount")


def bare(text: str | None) -> str | None:
    """A text without the spaces around it; None where nothing is left."""
    return text.strip() or None if text else None


def months_of(period: str) -> list[Month]:
    """The months of a period, written `202601..202603` or `20260101..20260331`."""
    first, _, last = period.partition("..")
    try:
        start, end = (Month.parse(f"{each[:4]}-{each[4:6]}") for each in (first, last or first))
    except ValueError:
        unknown("period is none")
    return [start.plus(step) for step in range(start.until(end) + 1)]
