"""What a year is to look like before it is booked: shares of revenue in per mille, whole cents."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

# A shop's year: quiet in January and August, busy before the winter holidays.
SEASON = (80, 85, 100, 100, 105, 110, 75, 60, 110, 115, 120, 140)
WHOLE_YEAR = sum(SEASON)

# December's wages are paid double: the thirteenth month.
PAY_DAYS = (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2)

_DEPRECIATION_AND_INTEREST = 38


@dataclass(frozen=True)
class YearPlan:
    """The year's totals in cents, without VAT."""

    revenue: int
    purchases: int
    payroll: int
    rent: int
    overheads: int
    investment: int
    stock_increase: int

    def of_month(self, total: int, month: int) -> int:
        """The part of a yearly total that falls in a month of the season; the twelve parts add up."""
        before = sum(SEASON[: month - 1])
        return total * (before + SEASON[month - 1]) // WHOLE_YEAR - total * before // WHOLE_YEAR


def plans(random: Random, years: int) -> Iterator[YearPlan]:
    """A plan a year: revenue grows a little, profit before tax is 6 to 14 % of it."""
    revenue = random.randrange(90_000_000, 600_000_000, 10_000)
    for _ in range(years):
        margin = random.randint(60, 140)
        purchases = random.randint(420, 460)
        payroll = random.randint(250, 280)
        rent = random.randint(25, 35)
        overheads = 1000 - margin - purchases - payroll - rent - _DEPRECIATION_AND_INTEREST
        yield YearPlan(
            revenue=revenue,
            purchases=_share(revenue, purchases),
            payroll=_share(revenue, payroll),
            rent=_share(revenue, rent),
            overheads=_share(revenue, overheads),
            investment=_share(revenue, random.randint(25, 45)),
            stock_increase=_share(revenue, random.randint(1, 4)),
        )
        revenue += _share(revenue, random.randint(15, 85))


def split(random: Random, total: int, parts: int) -> list[int]:
    """A total in so many uneven parts that add up to it exactly.

    >>> sum(split(Random(7), 100_001, 7))
    100001
    """
    marks = [0]
    for _ in range(parts):
        marks.append(marks[-1] + random.randint(40, 160))
    return [total * after // marks[-1] - total * before // marks[-1] for before, after in pairwise(marks)]


def percentage(cents: int, percent: int) -> int:
    """So many per cent, half a cent rounded up."""
    return (cents * percent + 50) // 100


def _share(total: int, per_mille: int) -> int:
    return total * per_mille // 1000
