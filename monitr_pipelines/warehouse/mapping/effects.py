"""What choices would do to the statements, from figures that are there: nothing is written."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from monitr_pipelines.ledger.mapping.effect import Balance, Shift, Stand, shifts
from monitr_pipelines.ledger.mapping.placing import Choice, Placing
from monitr_pipelines.warehouse.mapping.reading import (
    EntityMapping,
    Placed,
    placed_accounts,
    read_balances,
    read_values,
)
from monitr_pipelines.warehouse.server.database import Connection

Choices = Mapping[Placing, Choice]


def effect_of(connection: Connection, mapping: EntityMapping, after: Choices) -> list[Shift]:
    """The lines that other choices than the stored ones change, by how much.

    Amounts are those of the last month with figures: the balance sheet at its end, profit and loss since
    the start of its fiscal year. An account that moves to the other statement brings what it held there.
    """
    old = _stands(mapping, placed_accounts(connection, mapping, mapping.choices), mapping.choices)
    new = _stands(mapping, placed_accounts(connection, mapping, after), after)
    return shifts(mapping.lines, _balances(connection, mapping, after), old, new)


def _balances(connection: Connection, mapping: EntityMapping, after: Choices) -> Sequence[Balance]:
    placed_by_value = {each.account for each in {*mapping.choices, *after} if each.value}
    parts: dict[str, dict[str, Decimal]] = {}
    for value in read_values(connection, mapping, placed_by_value):
        parts.setdefault(value.account, {})[value.value] = value.amount
    amounts = read_balances(connection, mapping)
    return [Balance(code, amount, parts.get(code, {})) for code, amount in amounts.items()]


def _stands(mapping: EntityMapping, placed: Mapping[str, Placed], choices: Choices) -> dict[str, Stand]:
    """Where accounts stand; a value counts only where it names a leaf of its account's statement."""
    values: dict[str, dict[str, str]] = {}
    for placing, choice in choices.items():
        line, account = mapping.lines.get(choice.line), placed.get(placing.account)
        if placing.value and line and account and line.is_leaf and line.statement == account.type:
            values.setdefault(placing.account, {})[placing.value] = choice.line
    return {
        code: Stand(each.type, each.line, each.credit_line, values.get(code, {}))
        for code, each in placed.items()
    }
