"""The ledger that a file is shown beside: what is stored, and files before it as if they were imported."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from monitr_pipelines.importing.beforehand.stored_turns import Days, StoredTurns
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.importing.uploads.source import stored_accounts
from monitr_pipelines.ledger.beforehand.outlook import Cell, Total, kept, together
from monitr_pipelines.ledger.beforehand.statements import Turns, YearFigures, figures, moved, spans_of
from monitr_pipelines.ledger.changes import DateRange
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.records import Account, AccountType
from monitr_pipelines.ledger.turns.lines import TurnLine
from monitr_pipelines.ledger.turns.years import emptied
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class Expected:
    """The totals of a ledger, the accounts that are `stored` of it, and what files before brought to it.

    `stored_turns`: what is stored of first and last days of its fiscal years, read where it is needed.
    `brought`: accounts, as these files name them; None where they only have lines of one. `replaced`: the
    dates whose stored lines went. `turns`: lines of first and last days of fiscal years; not all of them
    where `many_turns`.
    """

    cells: Mapping[Cell, Total]
    stored_turns: StoredTurns
    stored: Mapping[str, Account] = field(default_factory=dict)
    brought: Mapping[str, Account | None] = field(default_factory=dict)
    replaced: Sequence[DateRange] = ()
    turns: Days = field(default_factory=dict)
    many_turns: bool = False

    @property
    def openings(self) -> set[Month]:
        """The months with entries that open a year."""
        return {cell.month for cell in self.cells if cell.opening}

    def left_by(self, seen: Preview) -> dict[Cell, Total]:
        """What a file that was looked at does not replace."""
        return kept(self.cells, seen.replaces)

    def after(self, seen: Preview) -> "Expected":
        """The ledger once a file that was looked at to its end is imported."""
        told = {code: _latest(account, self.brought.get(code)) for code, account in seen.told.items()}
        left = {day: lines for day, lines in self.turns.items() if not _within(day, seen.replaces)}
        return Expected(
            together(self.left_by(seen), seen.totals.cells),
            self.stored_turns,
            self.stored,
            {**dict.fromkeys(_used(seen)), **self.brought, **told},
            [*self.replaced, *seen.replaces],
            _joined(left, seen.totals.turns),
            self.many_turns or seen.totals.many_turns,
        )

    @property
    def accounts(self) -> dict[str, Account]:
        """The accounts that were named, by what is stored or by files before."""
        named = {code: account for code, account in self.brought.items() if account is not None}
        return {**self.stored, **named}

    def figures(self, entity: Entity, types: Mapping[str, AccountType]) -> list[YearFigures]:
        """What the statements of each fiscal year would say."""
        turns = self._turns(entity, types)
        return figures(self.cells, types, entity.calendar, turns, self.stored_turns.result_account)

    def _turns(self, entity: Entity, types: Mapping[str, AccountType]) -> Turns:
        """The lines that may open or close a year: those of files, and stored ones that stay."""
        spans = spans_of(self.cells, entity.calendar)
        if self.many_turns:
            return Turns(known=False)
        first = self.stored_turns.first(
            span.start for span in spans if not _within(span.start, self.replaced)
        )
        if first is None:
            return Turns(known=False)
        empty = list(emptied(spans, moved(self.cells, types, entity.calendar)))
        stored = self.stored_turns.last(each for each in empty if not _within(each[0], self.replaced))
        starts = {span.start for span in spans}
        own_first = {day: lines for day, lines in self.turns.items() if day in starts}
        own_last = _able_to_close(self.turns, empty)
        return _numbered(_joined(first, own_first), _joined(stored, own_last))


def expected(connection: Connection, entity: Entity) -> Expected:
    """The ledger as it is stored."""
    rows = database.run(connection, "books/totals_of_months", entity_id=entity.id)
    cells = {
        Cell(row["account_code"], Month.of(row["month"]), row["opening"]): Total(row["amount"], row["lines"])
        for row in rows
    }
    turns = StoredTurns(connection, entity.id, {cell.month for cell in cells})
    return Expected(cells, turns, stored_accounts(connection, entity.id))


def _used(seen: Preview) -> set[str]:
    """Accounts of lines: a file need not name them."""
    return {cell.account for cell in seen.totals.cells}


def _latest(account: Account, earlier: Account | None) -> Account:
    """An account as it is named now, with the type that was told before where none is told now."""
    return account if account.type or earlier is None else dataclasses.replace(account, type=earlier.type)


def _within(day: date, ranges: Iterable[DateRange]) -> bool:
    return any(start <= day < end for start, end in ranges)


def _joined(*parts: Days) -> dict[date, list[TurnLine]]:
    found: dict[date, list[TurnLine]] = {}
    for part in parts:
        for day, lines in part.items():
            found.setdefault(day, []).extend(lines)
    return found


def _able_to_close(turns: Days, empty: Iterable[tuple[date, str]]) -> dict[date, list[TurnLine]]:
    """The entries that move an account which its year leaves empty; those without a number are one."""
    accounts = set(empty)
    found: dict[date, list[TurnLine]] = {}
    for day, lines in turns.items():
        entries = {line.booking for line in lines if (day, line.account) in accounts}
        if entries:
            found[day] = [line for line in lines if line.booking in entries]
    return found


def _numbered(first: Days, last: Days) -> Turns:
    """The same lines, each with a number of its own: files may number theirs alike."""
    numbers = iter(range(sum(map(len, chain(first.values(), last.values())))))

    def renumbered(lines: Iterable[TurnLine]) -> list[TurnLine]:
        ordered = sorted(lines, key=lambda line: line.external_id)
        return [line._replace(external_id=str(next(numbers))) for line in ordered]

    return Turns(
        {day: renumbered(lines) for day, lines in first.items()},
        {day: renumbered(lines) for day, lines in last.items()},
    )
