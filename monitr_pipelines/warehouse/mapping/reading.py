"""The mapping of an entity: its accounts, the lines that they stand on, and why they stand there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, LiteralString

from monitr_pipelines.ledger.mapping.check import Grounds, Known
from monitr_pipelines.ledger.mapping.lines import UNMAPPED, Line, Lines, is_unmapped
from monitr_pipelines.ledger.mapping.placing import Choice, Placing
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

STORED = "from app.chosen_line as choices"
# Where results of earlier years stand that no entry carried over: no account of the books.
RESULT_CARRIED_FORWARD = "(result)"


@dataclass(frozen=True)
class Placed:
    """An account on its line, as an import would place it; `credit_line` where a credit stands elsewhere."""

    code: str
    name: str
    type: str
    line: str
    credit_line: str | None

    @property
    def is_unmapped(self) -> bool:
        """Whether it stands on no line of the structure."""
        return is_unmapped(self.line)


@dataclass(frozen=True)
class Account:
    """An account as people place it: its balance is debit positive, of profit and loss the running year's.

    `choice`: what someone chose for it. `in_books`: it is one of the books, not only chosen for in advance.
    """

    placed: Placed
    amount: Decimal
    choice: Choice | None
    in_books: bool

    @property
    def is_chosen(self) -> bool:
        """Whether a choice puts it where it stands; one that names no leaf of its statement does not."""
        return self.choice is not None and self.choice.line == self.placed.line


@dataclass(frozen=True)
class Value:
    """What of an account has a value of the primary axis; `choice`: where someone placed that."""

    account: str
    value: str
    name: str
    amount: Decimal
    choice: Choice | None


@dataclass(frozen=True)
class EntityMapping:
    """An entity's structure and what people chose in it.

    `axis`: its primary axis, '' where it has none. `month`: the last with figures, None where there are none.
    `last_change`: the number of the newest change; `counts`: what its last import told of the marts.
    """

    entity_id: int
    key: str
    name: str
    currency: str
    axis: str
    structure_id: int
    structure: str
    month: date | None
    last_change: int
    counts: Mapping[str, Any]
    lines: Lines
    choices: Mapping[Placing, Choice]


def read_mapping(connection: Connection, key: str) -> EntityMapping:
    """The mapping of an entity, as far as the connection's tenant sees it; EntityGone for any other."""
    row = database.run(connection, "mapping/entity", key=key).fetchone()
    if row is None:
        raise EntityGone(f"There is no entity {key!r}.", code="unknown_entity")
    within = {"entity_id": row["id"], "structure_id": row["structure_id"]}
    stored = database.run(connection, "mapping/choices", axis=row["axis"], **within)
    return EntityMapping(
        entity_id=row.pop("id"),
        counts=row.pop("counts") or {},
        lines=_lines(connection, row["structure_id"]),
        choices={
            Placing(each["account"], each["axis"], each["value"]): Choice(each["line"], each["comment"])
            for each in stored
        },
        **row,
    )


def read_accounts(connection: Connection, mapping: EntityMapping) -> list[Account]:
    """Every account by its code, those that are chosen for in advance too."""
    amounts = read_balances(connection, mapping)
    placed = placed_accounts(connection, mapping, mapping.choices)
    found = [
        Account(each, amounts.get(each.code, ZERO), mapping.choices.get(Placing(each.code)), in_books=True)
        for each in placed.values()
        if each.code != RESULT_CARRIED_FORWARD
    ]
    for placing, choice in mapping.choices.items():
        if not placing.value and placing.account not in placed:
            found.append(_in_advance(mapping, placing, choice))
    return sorted(found, key=lambda account: account.placed.code)


def read_values(connection: Connection, mapping: EntityMapping, accounts: Iterable[str]) -> list[Value]:
    """The values of the primary axis that some accounts have, by account; those chosen in advance too."""
    if not mapping.axis:
        return []
    codes = sorted(set(accounts))
    found = {
        (row["account"], row["value"]): row
        for row in database.run(
            connection, "mapping/values", entity_id=mapping.entity_id, axis=mapping.axis, accounts=codes
        )
    }
    chosen = {(each.account, each.value) for each in mapping.choices if each.value and each.account in codes}
    values = []
    for account, value in sorted({*found, *chosen}):
        row = found.get((account, value), {})
        choice = mapping.choices.get(Placing(account, mapping.axis, value))
        values.append(Value(account, value, row.get("name", ""), row.get("amount", ZERO), choice))
    return values


def read_balances(connection: Connection, mapping: EntityMapping) -> dict[str, Decimal]:
    """What each account holds at the end of the last month with figures, debit positive."""
    rows = database.run(connection, "mapping/balances", entity_id=mapping.entity_id, month=mapping.month)
    return {row["account"]: row["amount"] for row in rows}


def placed_accounts(
    connection: Connection, mapping: EntityMapping, choices: Mapping[Placing, Choice]
) -> dict[str, Placed]:
    """Where an import would place every account of the books if these were the choices, by code."""
    wanted = [(placing.account, choice.line) for placing, choice in choices.items() if not placing.value]
    rows = connection.execute(
        _statement(),
        {
            "entity_id": mapping.entity_id,
            "structure_id": mapping.structure_id,
            "codes": [code for code, _ in wanted],
            "lines": [line for _, line in wanted],
        },
    )
    return {
        row["account_code"]: Placed(
            row["account_code"], row["name"], row["type"], row["line"], row["credit_line"]
        )
        for row in rows
    }


def read_grounds(connection: Connection, mapping: EntityMapping) -> Grounds:
    """What new choices of the entity are judged by."""
    rows = database.run(connection, "mapping/told_types", entity_id=mapping.entity_id)
    told = {row["account"]: row["told"] for row in rows}
    placed = placed_accounts(connection, mapping, {})
    known = {code: Known(code, each.name, told.get(code), each.type) for code, each in placed.items()}
    return Grounds(mapping.lines, known, mapping.axis)


def _in_advance(mapping: EntityMapping, placing: Placing, choice: Choice) -> Account:
    line = mapping.lines.get(choice.line)
    statement = line.statement if line else "balance_sheet"
    on = choice.line if line and line.is_leaf else f"{UNMAPPED}{statement}"
    return Account(Placed(placing.account, "", statement, on, None), ZERO, choice, in_books=False)


def _lines(connection: Connection, structure_id: int) -> Lines:
    rows: Sequence[Mapping[str, Any]] = database.run(
        connection, "mapping/lines", structure_id=structure_id
    ).fetchall()
    return Lines(
        Line(
            row["line"],
            row["statement"],
            row["parent"],
            row["level"],
            row["role"],
            {language: row[f"name_{language}"] for language in ("en", "nl", "fr")},
            row["is_leaf"],
        )
        for row in rows
    )


@lru_cache(maxsize=1)
def _statement() -> LiteralString:
    """The statement that imports place accounts by, asked of choices that are given instead of stored."""
    before, found, after = database.statement("reports/account_line.sql").partition(STORED)
    if not found or STORED in after:
        raise RuntimeError(f"reports/account_line.sql does not read choices by {STORED!r}, once")
    return before + "from (" + database.statement("mapping/given_choices.sql") + ") as choices" + after
