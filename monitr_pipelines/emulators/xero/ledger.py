"""The journals of each organisation: what is booked stays, and every change is booked behind it.

The shared books know entries as they are now. Whenever they changed since the last look, an entry that was
edited gets a journal that reverses the one before and a new one; an entry that is no longer posted, or was
deleted, gets the reversal alone.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Entry, Stamp, State

# Numbers are left out now and then: they only ever rise.
EVERY_GAP = 9


@dataclass(slots=True)
class Booked:
    """A journal: an entry as it was, with the sign of its amounts (-1: it reverses an earlier journal).

    `created` is in µs since 1970; it is not `visible` while the transaction that wrote the entry goes on.
    """

    number: int
    entry: Entry
    created: int
    sign: int
    visible: bool


class _Due(NamedTuple):
    """A journal to be booked, in the order in which it was written; a reversal comes first."""

    version: int
    sign: int
    created: int
    entry: Entry


@dataclass(slots=True)
class _Held:
    """An entry as it was last seen, and its journal where it is in the ledger."""

    entry: Entry
    booked: Booked | None = None


Content: TypeAlias = tuple[object, ...]


@dataclass
class Ledger:
    """The journals of all organisations over the shared books; whoever asks holds their lock."""

    books: SharedBooks
    _of: dict[int, list[Booked]] = field(default_factory=dict, repr=False)
    _held: dict[int, _Held] = field(default_factory=dict, repr=False)
    _revision: int = -1

    def journals(self, company: int, offset: int = 0) -> Iterator[Booked]:
        """Those of a company with higher numbers than `offset`, by number."""
        self._look()
        all_of_it = self._of.get(company, [])
        first = bisect_right(all_of_it, offset, key=lambda each: each.number)
        return (all_of_it[place] for place in range(first, len(all_of_it)) if all_of_it[place].visible)

    def _look(self) -> None:
        """Book what changed since the last look."""
        if self._revision == self.books.revision:
            return
        due = [
            *self._departed(),
            *(each for entry in self.books.entries.values() for each in self._new(entry)),
        ]
        for each in sorted(due, key=lambda each: (each.version, each.sign)):
            self._book(each)
        self._revision = self.books.revision

    def _departed(self) -> Iterator[_Due]:
        gone = {each.id: each.stamp for each in self.books.gone if each.kind == "entry"}
        for number in [each for each in self._held if each not in self.books.entries]:
            yield from self._reversed(self._held.pop(number), gone[number])

    def _new(self, entry: Entry) -> Iterator[_Due]:
        held = self._held.get(entry.id)
        if held is None:
            held = self._held[entry.id] = _Held(entry)
        elif held.entry is entry:
            return
        elif _content(held.entry) == _content(entry):
            held.entry = entry
            if held.booked is not None:
                held.booked.visible = entry.committed
            return
        stamp = max(entry.stamp, *(line.stamp for line in entry.lines))
        yield from self._reversed(held, stamp)
        held.entry, held.booked = entry, None
        if entry.state is State.POSTED:
            yield _Due(stamp.version, 1, stamp.time, entry)

    def _reversed(self, held: _Held, stamp: Stamp) -> Iterator[_Due]:
        if held.booked is not None:
            # Whoever edits an entry has seen it: its transaction has ended.
            held.booked.visible = True
            yield _Due(stamp.version, -1, stamp.time, held.booked.entry)

    def _book(self, due: _Due) -> None:
        of = self._of.setdefault(due.entry.company, [])
        number = len(of) + 1 + len(of) // EVERY_GAP
        visible = due.sign < 0 or due.entry.committed
        booked = Booked(number, due.entry, due.created, due.sign, visible)
        of.append(booked)
        if due.sign > 0:
            self._held[due.entry.id].booked = booked


def _content(entry: Entry) -> Content:
    """What journals tell of an entry."""
    lines = tuple((line.id, line.account, line.amount, line.text, line.shares) for line in entry.lines)
    return entry.state is State.POSTED, entry.day, reference_of(entry), lines


def reference_of(entry: Entry) -> str:
    """What people call an entry by."""
    return entry.reference or entry.number
