"""Ledger lines by the million, balanced and repeatable, for benchmarks: fast first, believable second."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import NamedTuple, TypeAlias

from monitr_pipelines.emulators.company.journal import DEPARTMENT, PROJECT, euros
from monitr_pipelines.emulators.company.plan import percentage
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue, LedgerLine

DEPARTMENTS = tuple(f"{number}00" for number in range(1, 9))
PROJECTS = tuple(f"P{number:02d}" for number in range(1, 6))
COMBINATIONS = tuple(
    ((DEPARTMENT, department), (PROJECT, project)) for department in DEPARTMENTS for project in PROJECTS
)
VOLUME_AXES = [AxisValue(DEPARTMENT, code, f"Department {code}") for code in DEPARTMENTS]
VOLUME_AXES += [AxisValue(PROJECT, code, f"Project {code}") for code in PROJECTS]

FIRST_MONTH = Month(2023, 1)
FEWEST_ACCOUNTS = 10
BANK, VAT = "550000", "451000"
_TEMPLATE_BITS = 13
_DAYS = range(1, 29)
_TWO, _THREE = 2, 3


# Line number, account, amount, journal, description, axes: what a template knows of a line.
_Row: TypeAlias = tuple[str, str, Decimal, str, str, tuple[tuple[str, str], ...]]


class _Side(NamedTuple):
    """A line of a template in whole cents."""

    account: Account
    cents: int
    axes: tuple[tuple[str, str], ...] = ()


def volume_accounts(count: int = 300) -> list[Account]:
    """Accounts of the Belgian chart: bank and VAT, customers, suppliers, costs and revenue."""
    if count < FEWEST_ACCOUNTS:
        raise ValueError(f"at least {FEWEST_ACCOUNTS} accounts are needed, not {count}")
    parties = (count - 2) // 4
    costs = (count - 2) // 3
    balance, result = AccountType.BALANCE_SHEET, AccountType.PROFIT_AND_LOSS
    rest = count - 2 - 2 * parties - costs
    series = (
        ("400", "Customers", parties, balance),
        ("440", "Suppliers", parties, balance),
        ("61", "Costs", costs, result),
        ("70", "Revenue", rest, result),
    )
    accounts = [Account(BANK, "Bank", balance), Account(VAT, "VAT", balance)]
    for prefix, name, number, statement in series:
        digits = 6 - len(prefix)
        accounts += [
            Account(f"{prefix}{index:0{digits}d}", f"{name} {index}", statement) for index in range(number)
        ]
    return accounts


def generate_lines(
    count: int,
    seed: int,
    *,
    accounts: int = 300,
    months: int = 36,
    first_month: Month = FIRST_MONTH,
) -> Iterator[LedgerLine]:
    """So many lines in entries of two or three, spread evenly over the months and in order of date.

    Entries are drawn from a few thousand templates; only keys and dates are made per line, because
    making an amount costs more than the rest of the line.
    """
    if count < _TWO:
        raise ValueError(f"an entry has at least two lines, {count} cannot balance")
    random = Random(seed)  # noqa: S311 - invented figures, not secrets
    templates = _templates(random, volume_accounts(accounts))
    pairs = [template for template in templates if len(template) == _TWO]
    triples = [template for template in templates if len(template) == _THREE]
    days = [
        (month.first_day.replace(day=day), str(month))
        for month in _months(first_month, months)
        for day in _DAYS
    ]
    draw = random.getrandbits
    made, number = 0, 0
    while made < count:
        rest = count - made
        if rest > _TWO + _THREE:
            template = templates[draw(_TEMPLATE_BITS)]
        else:
            template = (triples if rest in (_THREE, _TWO + _THREE) else pairs)[draw(_TEMPLATE_BITS - 2)]
        day, period = days[made * len(days) // count]
        number += 1
        booking = f"E{number:08d}"
        for line_number, account, amount, journal, text, axes in template:
            yield LedgerLine(
                f"{booking}:{line_number}",
                day,
                account,
                amount,
                booking,
                line_number,
                period,
                journal,
                booking,
                None,
                text,
                None,
                None,
                axes,
            )
        made += len(template)


def _months(first: Month, count: int) -> Iterator[Month]:
    return (first.plus(number) for number in range(count))


def _templates(random: Random, accounts: list[Account]) -> list[list[_Row]]:
    """Half of two lines, half of three, over all accounts in turn."""
    by_prefix = {
        prefix: [a for a in accounts if a.code.startswith(prefix)] for prefix in ("40", "44", "61", "70")
    }
    bank, vat = accounts[:2]
    made: list[list[_Row]] = []
    for index in range(2**_TEMPLATE_BITS):
        net = random.randint(500, 2_000_000)
        tax = percentage(net, 21)
        combination = random.choice(COMBINATIONS)
        customer, supplier, cost, revenue = (group[index // 4 % len(group)] for group in by_prefix.values())
        kinds = (
            ("VKP", [_Side(customer, net + tax), _Side(revenue, -net, combination), _Side(vat, -tax)]),
            ("BNK", [_Side(bank, net), _Side(customer, -net)]),
            ("AKP", [_Side(cost, net, combination), _Side(vat, tax), _Side(supplier, -net - tax)]),
            ("BNK", [_Side(supplier, net), _Side(bank, -net)]),
        )
        journal, sides = kinds[index % 4]
        made.append(
            [
                (str(number), side.account.code, euros(side.cents), journal, side.account.name, side.axes)
                for number, side in enumerate(sides, start=1)
            ]
        )
    return made
