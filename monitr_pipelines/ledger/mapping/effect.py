"""What choices do to the statements: the amount of every line before and after them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from monitr_pipelines.ledger.mapping.lines import PROFIT_AND_LOSS, Line, Lines
from monitr_pipelines.ledger.money import ZERO


@dataclass(frozen=True)
class Stand:
    """Where an account stands: its statement and line; `credit_line` while its balance is a credit, if other.

    `values`: the lines of its values of the primary axis that stand elsewhere.
    """

    statement: str
    line: str
    credit_line: str | None
    values: Mapping[str, str]


@dataclass(frozen=True)
class Balance:
    """An account at the end of the last month, debit positive: of profit and loss since the year's start.

    `values`: what of it has each value of the primary axis.
    """

    account: str
    amount: Decimal
    values: Mapping[str, Decimal]


@dataclass(frozen=True)
class Shift:
    """A line whose amount changes: profit and loss credit positive, balance sheet debit positive."""

    line: Line
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """How much more it is afterwards."""
        return self.after - self.before


def shifts(
    lines: Lines, balances: Sequence[Balance], before: Mapping[str, Stand], after: Mapping[str, Stand]
) -> list[Shift]:
    """The lines of both statements whose amounts change, in their order, with those above them."""
    changed = [each for each in balances if before.get(each.account) != after.get(each.account)]
    if not changed:
        return []
    old, new = amounts(lines, balances, before), amounts(lines, balances, after)
    found = (Shift(line, old.get(line.line, ZERO), new.get(line.line, ZERO)) for line in lines)
    return [shift for shift in found if shift.difference]


def amounts(lines: Lines, balances: Iterable[Balance], stands: Mapping[str, Stand]) -> Mapping[str, Decimal]:
    """The amount of every line that has one, subtotals too."""
    own: dict[str, Decimal] = {}
    result = lines.result_of_year()
    for balance in balances:
        stand = stands.get(balance.account)
        if stand is None:
            continue
        is_result = stand.statement == PROFIT_AND_LOSS
        for leaf, amount in _parts(balance, stand):
            own[leaf] = own.get(leaf, ZERO) + (-amount if is_result else amount)
        if is_result and result is not None:
            own[result] = own.get(result, ZERO) + balance.amount
    sums: dict[str, Decimal] = {}
    for leaf, amount in own.items():
        for line in lines.up_from(leaf):
            sums[line.line] = sums.get(line.line, ZERO) + amount
    return sums


def _parts(balance: Balance, stand: Stand) -> Iterable[tuple[str, Decimal]]:
    """The lines that an account's balance is spread over, debit positive."""
    elsewhere = {value: line for value, line in stand.values.items() if value in balance.values}
    for value, line in elsewhere.items():
        yield line, balance.values[value]
    rest = balance.amount - sum((balance.values[value] for value in elsewhere), ZERO)
    yield (stand.credit_line or stand.line) if rest < ZERO else stand.line, rest
