"""What loses its place when a structure is replaced or another is chosen: told before it is done.

The change is made, looked at by what imports place accounts by, and taken back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from monitr_pipelines.ledger.mapping.lines import Lines, is_unmapped
from monitr_pipelines.ledger.mapping.placing import Placing
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.warehouse.mapping.reading import (
    EntityMapping,
    Placed,
    placed_accounts,
    read_balances,
    read_mapping,
    read_values,
)
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# Of the entities on a structure; each is asked for by itself.
MOST_LOOKED_AT = 50


@dataclass(frozen=True)
class Lost:
    """An account, or a value of it, that leaves the line `before` for `after`; None is Unmapped.

    `amount`: what it holds at the end of the last month, debit positive. `chosen`: a person placed it, and
    the line is gone.
    """

    placing: Placing
    name: str
    amount: Decimal
    before: str
    after: str | None
    chosen: bool


@dataclass(frozen=True)
class LostEntries:
    """A line of adjusting entries that is gone: how many, and their sum, debit positive."""

    line: str
    entries: int
    amount: Decimal


@dataclass(frozen=True)
class Losses:
    """What an entity loses; `mapping` is as it was before, `lines` those that there are afterwards."""

    mapping: EntityMapping
    lines: Lines
    accounts: Sequence[Lost]
    entries: Sequence[LostEntries]


@dataclass(frozen=True)
class _Places:
    """Where everything of an entity stands; `values`: choices for values of an axis that place something."""

    mapping: EntityMapping
    accounts: Mapping[str, Placed]
    values: Mapping[Placing, str]
    adjusted: Mapping[str, LostEntries]

    def is_effective(self, placing: Placing) -> bool:
        """Whether a choice places what it is for."""
        if placing.value:
            return placing in self.values
        choice, placed = self.mapping.choices.get(placing), self.accounts.get(placing.account)
        return choice is not None and placed is not None and placed.line == choice.line


def losses(connection: Connection, keys: Sequence[str], change: Callable[[], object]) -> list[Losses]:
    """What entities lose by a change of structures, which is taken back; only those that lose anything.

    Of many entities, the first `MOST_LOOKED_AT` are looked at.
    """
    looked_at = keys[:MOST_LOOKED_AT]
    before = [_places(connection, key) for key in looked_at]
    with connection.transaction(force_rollback=True):
        change()
        after = [_places(connection, key) for key in looked_at]
    found = [_losses(connection, *pair) for pair in zip(before, after, strict=True)]
    return [each for each in found if each.accounts or each.entries]


def _places(connection: Connection, key: str) -> _Places:
    mapping = read_mapping(connection, key)
    accounts = placed_accounts(connection, mapping, mapping.choices)
    values = {}
    for placing, choice in mapping.choices.items():
        line, account = mapping.lines.get(choice.line), accounts.get(placing.account)
        if placing.value and line and account and line.is_leaf and line.statement == account.type:
            values[placing] = choice.line
    rows = database.run(
        connection,
        "mapping/adjusted_lines",
        entity_id=mapping.entity_id,
        structure_id=mapping.structure_id,
    )
    adjusted = {
        row["line"]: LostEntries(row["line"], row["entries"], row["amount"]) for row in rows if row["stands"]
    }
    return _Places(mapping, accounts, values, adjusted)


def _losses(connection: Connection, before: _Places, after: _Places) -> Losses:
    mapping = before.mapping
    amounts = read_balances(connection, mapping)
    lost = []
    for code, old in before.accounts.items():
        new, placing = after.accounts[code], Placing(code)
        chosen = _lost_choice(placing, before, after)
        left = _left(old, new)
        if chosen or left:
            to = None if left or new.is_unmapped else new.line
            lost.append(Lost(placing, old.name, amounts.get(code, ZERO), left or old.line, to, chosen))
    lost += _lost_values(connection, before, after)
    gone = [each for line, each in before.adjusted.items() if line not in after.adjusted]
    return Losses(mapping, after.mapping.lines, sorted(lost, key=_order), gone)


def _left(old: Placed, new: Placed) -> str | None:
    """The line that an account leaves for Unmapped, if only while its balance is on one side."""
    sides = zip(_sides(old), _sides(new), strict=True)
    left = (was for was, now in sides if is_unmapped(now) and not is_unmapped(was))
    return next(left, None)


def _sides(placed: Placed) -> tuple[str, str]:
    return placed.line, placed.credit_line or placed.line


def _lost_choice(placing: Placing, before: _Places, after: _Places) -> bool:
    """Whether a choice that is kept places nothing any more; those of another structure wait for it."""
    kept = before.mapping.choices.get(placing) == after.mapping.choices.get(placing)
    return kept and before.is_effective(placing) and not after.is_effective(placing)


def _lost_values(connection: Connection, before: _Places, after: _Places) -> list[Lost]:
    gone = [placing for placing in before.values if _lost_choice(placing, before, after)]
    if not gone:
        return []
    held = read_values(connection, before.mapping, {placing.account for placing in gone})
    values = {(each.account, each.value): each for each in held}
    lost = []
    for placing in gone:
        value, account = values[placing.account, placing.value], after.accounts[placing.account]
        to = None if account.is_unmapped else account.line
        lost.append(Lost(placing, value.name, value.amount, before.values[placing], to, chosen=True))
    return lost


def _order(lost: Lost) -> tuple[object, ...]:
    """Those that end unmapped first, the largest before the others."""
    return lost.after is not None, -abs(lost.amount), lost.placing
