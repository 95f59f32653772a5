"""Random histories of the books that emulators share: hypothesis draws them, and shrinks what fails.

An edit is a kind and two numbers; what it does to which row follows from the books as they are, so that any
sequence can be applied to any books.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Entry, NewEntry, NewLine, Share, State
from monitr_pipelines.emulators.shared.seasoning import DIVISIONS

FIRST_DAY, DAYS = date(2024, 1, 1), 2 * 365
MOST_EDITS = 200


class Edit(NamedTuple):
    """What to do (a key of `EDITS`), and two numbers that choose to what and how."""

    kind: str
    which: int
    how: int


@dataclass
class History:
    """Applies edits to books; entries that are not committed yet wait in `late`."""

    books: SharedBooks
    late: list[int] = field(default_factory=list)

    @property
    def keeper(self) -> Bookkeeper:
        return Bookkeeper(self.books)

    def apply(self, edits: Sequence[Edit]) -> None:
        for edit in edits:
            entries = [entry for entry in self.books.entries.values() if entry.committed]
            chosen = entries[edit.which % len(entries)] if entries else None
            if edit.kind in WITHOUT_ENTRY:
                WITHOUT_ENTRY[edit.kind](self, edit)
            elif chosen is not None and chosen.lines:
                WITH_ENTRY[edit.kind](self, chosen, edit.how)

    def settle(self) -> None:
        """Commit whatever is still open, the oldest last."""
        while self.late:
            self.keeper.commit(self.late.pop())


def _new(history: History, edit: Edit) -> NewEntry:
    companies = list(history.books.companies)
    company = companies[edit.which % len(companies)]
    journals = [each.id for each in history.books.journals.values() if each.company == company]
    day = FIRST_DAY + timedelta(days=edit.how % DAYS)
    return NewEntry(company, journals[edit.how % len(journals)], day, _lines(history, company, edit.how))


def _lines(history: History, company: int, how: int) -> tuple[NewLine, ...]:
    accounts = [each.id for each in history.books.accounts.values() if each.company == company]
    first, second = accounts[how % len(accounts)], accounts[(how + 1) % len(accounts)]
    cents = how % 1_000_000 + 2
    return (NewLine(first, cents), NewLine(second, 1 - cents), NewLine(first, -1))


def _add(history: History, edit: Edit) -> None:
    history.keeper.add(_new(history, edit))


def _add_late(history: History, edit: Edit) -> None:
    history.late.append(history.keeper.add(_new(history, edit), commit=False).id)


def _commit(history: History, edit: Edit) -> None:
    if history.late:
        history.keeper.commit(history.late.pop(edit.which % len(history.late)))


def _archive_account(history: History, edit: Edit) -> None:
    account = list(history.books.accounts)[edit.which % len(history.books.accounts)]
    history.keeper.change_account(account, archived=bool(edit.how % 2), name=f"Account {edit.how}")


def _archive_value(history: History, edit: Edit) -> None:
    value = list(history.books.values)[edit.which % len(history.books.values)]
    history.keeper.change_value(value, archived=bool(edit.how % 2), name=f"Value {edit.how}")


def _delete(history: History, entry: Entry, _: int) -> None:
    history.keeper.delete(entry.id)


def _redate(history: History, entry: Entry, how: int) -> None:
    history.keeper.redate(entry.id, FIRST_DAY + timedelta(days=how % DAYS))


def _state(history: History, entry: Entry, how: int) -> None:
    history.keeper.set_state(entry.id, list(State)[how % len(State)])


def _replace(history: History, entry: Entry, how: int) -> None:
    history.keeper.replace_lines(entry.id, _lines(history, entry.company, how))


def _amounts(history: History, entry: Entry, how: int) -> None:
    first, *others = (line.id for line in entry.lines if line.account is not None)
    more = {first: -how % 100 * len(others), **dict.fromkeys(others, -(-how % 100))}
    history.keeper.change_amounts(entry.id, [line.amount + more.get(line.id, 0) for line in entry.lines])


def _account(history: History, entry: Entry, how: int) -> None:
    line = entry.lines[how % len(entry.lines)]
    accounts = [each.id for each in history.books.accounts.values() if each.company == entry.company]
    if line.account is not None:
        history.keeper.change_line(line.id, account=accounts[how % len(accounts)], whole_entry=True)


def _shares(history: History, entry: Entry, how: int) -> None:
    line = entry.lines[how % len(entry.lines)]
    values = list(history.books.values)
    if line.account is not None:
        history.keeper.change_line(line.id, shares=(Share((values[how % len(values)],)),) if how % 3 else ())


def _split(history: History, entry: Entry, how: int) -> None:
    """Divide a line over values of one axis: in full, in part or too much."""
    line, division = entry.lines[how % len(entry.lines)], DIVISIONS[how % len(DIVISIONS)]
    axis = list(history.books.axes)[how % len(history.books.axes)]
    values = [each.id for each in history.books.values.values() if each.axis == axis]
    if line.account is not None and len(values) >= len(division):
        parts = ((values[(how + place) % len(values)], percent) for place, percent in enumerate(division))
        history.keeper.change_line(
            line.id, shares=tuple(Share((value,), percent) for value, percent in parts)
        )


def _recode_account(history: History, edit: Edit) -> None:
    """A code of the same class: some software tells nothing else of what an account is."""
    account = list(history.books.accounts.values())[edit.which % len(history.books.accounts)]
    history.keeper.change_account(account.id, code=f"{account.code[0]}9{account.id:03}{edit.how % 100:02}")


def _rename_relation(history: History, edit: Edit) -> None:
    relation = list(history.books.relations)[edit.which % len(history.books.relations)]
    history.keeper.rename_relation(relation, f"Relation {edit.how}")


def _move(history: History, edit: Edit) -> None:
    companies = list(history.books.companies)
    history.keeper.move(companies[edit.which % len(companies)])


WITHOUT_ENTRY: Mapping[str, Callable[[History, Edit], None]] = {
    "add": _add,
    "add late": _add_late,
    "commit": _commit,
    "archive account": _archive_account,
    "archive value": _archive_value,
    "recode account": _recode_account,
    "rename relation": _rename_relation,
    "move": _move,
}
WITH_ENTRY: Mapping[str, Callable[[History, Entry, int], None]] = {
    "delete": _delete,
    "redate": _redate,
    "state": _state,
    "replace lines": _replace,
    "amounts": _amounts,
    "account": _account,
    "shares": _shares,
    "split": _split,
}
KINDS = (*WITHOUT_ENTRY, *WITH_ENTRY)
NUMBERS = st.integers(min_value=0, max_value=10**6)


def histories(kinds: Sequence[str] = KINDS, most: int = MOST_EDITS) -> st.SearchStrategy[list[Edit]]:
    """Histories of the kinds that a software allows."""
    return st.lists(st.builds(Edit, st.sampled_from(kinds), NUMBERS, NUMBERS), max_size=most)
