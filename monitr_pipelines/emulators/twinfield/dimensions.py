"""The dimensions of an office: its accounts, relations, cost centres and projects, each of a type and level.

A line has one dimension of each level at most: its account; its cost centre, or its relation where it has
no cost centre; its project.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from xml.sax.saxutils import escape

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import WHOLE, Company, Line, Relation, Value
from monitr_pipelines.emulators.twinfield.offices import code_of
from monitr_pipelines.ledger.records import AccountType

BALANCE, PROFIT_AND_LOSS = "BAS", "PNL"
CUSTOMER, SUPPLIER, COST_CENTRE, PROJECT = "DEB", "CRD", "KPL", "PRJ"
# Activities and assets are types of every office; the books have none.
ACTIVITY, ASSET = "ACT", "AST"
LEVELS = {
    BALANCE: 1,
    PROFIT_AND_LOSS: 1,
    CUSTOMER: 2,
    SUPPLIER: 2,
    COST_CENTRE: 2,
    PROJECT: 3,
    ACTIVITY: 3,
    ASSET: 3,
}
PROJECT_AXIS = "project"
CUSTOMER_PREFIX = "C"


class NotShown(ValueError):
    """The books hold what this software has no form for."""


class Dimension(NamedTuple):
    """One of a type; `modified` in µs since 1970. The same code may occur in two types."""

    type: str
    code: str
    name: str
    hidden: bool = False
    modified: int = 0


NOTHING = Dimension("", "", "")
Levels = tuple[Dimension, Dimension, Dimension]


@dataclass(frozen=True)
class Dimensions:
    """The dimensions that the books hold as they are now, and those of a line; made anew for each request."""

    books: SharedBooks
    _of_lines: dict[object, Levels] = field(default_factory=dict)

    def of_type(self, company: Company, kind: str) -> Iterator[Dimension]:
        """All of a type in the order of their codes."""
        return iter(sorted(each for each in self._all(company) if each.type == kind))

    def of_line(self, line: Line) -> Levels:
        """Those of the three levels.

        Raises:
            NotShown: It is divided, or has two values of an axis: this software has no such lines.
        """
        of = line.account, line.relation, line.shares
        if of not in self._of_lines:
            self._of_lines[of] = self._levels(line)
        return self._of_lines[of]

    def _levels(self, line: Line) -> Levels:
        centre, project = self._values(line)
        relation = self.books.relations.get(line.relation or 0)
        second = _value(COST_CENTRE, centre) if centre else _relation(relation) if relation else NOTHING
        return self.account(line.account or 0), second, _value(PROJECT, project) if project else NOTHING

    def account(self, number: int) -> Dimension:
        """An account of the balance sheet or of profit and loss."""
        account = self.books.accounts[number]
        kind = BALANCE if account.type is AccountType.BALANCE_SHEET else PROFIT_AND_LOSS
        return Dimension(kind, account.code, account.name, account.archived, account.stamp.time)

    def relation(self, lines: tuple[Line, ...]) -> Dimension:
        """The one relation of a transaction; nothing where its lines have none, or several."""
        several = {line.relation for line in lines if line.relation}
        return _relation(self.books.relations[several.pop()]) if len(several) == 1 else NOTHING

    def _all(self, company: Company) -> Iterator[Dimension]:
        for account in self.books.accounts.values():
            if account.company == company.id:
                yield self.account(account.id)
        for relation in self.books.relations.values():
            if relation.company == company.id:
                yield _relation(relation)
        for value in self.books.values.values():
            kind = self._types.get(value.axis)
            if kind and value.company in (None, company.id):
                yield _value(kind, value)

    @cached_property
    def _types(self) -> dict[int, str]:
        """The type of each axis that can be shown: that of projects, and the first that is another."""
        types: dict[int, str] = {}
        for axis in self.books.axes.values():
            kind = PROJECT if axis.code == PROJECT_AXIS else COST_CENTRE
            if kind not in types.values():
                types[axis.id] = kind
        return types

    def _values(self, line: Line) -> tuple[Value | None, Value | None]:
        if not line.shares:
            return None, None
        values = [self.books.values[value] for share in line.shares for value in share.values]
        by_axis = {value.axis: value for value in values}
        if len(by_axis) < len(values) or any(share.percent != WHOLE for share in line.shares):
            raise NotShown(f"line {line.id} is divided over values of an axis")
        types = self._types
        by_type = {types[axis]: value for axis, value in by_axis.items() if axis in types}
        return by_type.get(COST_CENTRE), by_type.get(PROJECT)


def listed(kind: str, dimensions: Iterator[Dimension]) -> str:
    """The answer to a list of dimensions of a type."""
    rows = "".join(
        f'<dimension name="{escape(each.name, {chr(34): "&quot;"})}" shortname="">{escape(each.code)}'
        "</dimension>"
        for each in dimensions
        if not each.hidden
    )
    return f'<dimensions result="1" dimtype="{kind}">{rows}</dimensions>'


def details(company: Company, dimension: Dimension) -> str:
    """The answer to a read of one dimension."""
    status = "hide" if dimension.hidden else "active"
    return (
        f'<dimension status="{status}" result="1"><office>{code_of(company.id)}</office>'
        f"<type>{dimension.type}</type><code>{escape(dimension.code)}</code>"
        f"<name>{escape(dimension.name)}</name><shortname></shortname></dimension>"
    )


def _relation(relation: Relation) -> Dimension:
    kind = CUSTOMER if relation.code.startswith(CUSTOMER_PREFIX) else SUPPLIER
    return Dimension(kind, relation.code, relation.name, modified=relation.stamp.time)


def _value(kind: str, value: Value) -> Dimension:
    return Dimension(kind, value.code, value.name, value.archived, value.stamp.time)
