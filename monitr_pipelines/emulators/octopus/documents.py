"""The posted entries as documents: their keys, when each was last modified, and which keys are gone.

The books know entries by ids and forget what they were called; this software knows documents by bookyear,
journal and number. So the books are looked at whenever they changed, and a key that an entry no longer has,
because it was deleted, is a draft again, or has another number, journal or bookyear, is a deleted booking.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from monitr_pipelines.emulators.octopus.accounts import Accounts, NotShown
from monitr_pipelines.emulators.octopus.dossiers import Dossiers
from monitr_pipelines.emulators.octopus.forms import INT32
from monitr_pipelines.emulators.shared.records import Company, Entry, State

NOT_A_DIGIT = re.compile(r"\D")
EVERYTHING = -1


class Key(NamedTuple):
    """What tells documents of a dossier apart."""

    bookyear: int
    type: int
    journal: int
    number: int


class Document(NamedTuple):
    """An entry under its key; `time` is its last modification in µs since 1970."""

    key: Key
    time: int
    entry: Entry


class Deletion(NamedTuple):
    """A key that was given up at a moment in µs since 1970."""

    key: Key
    time: int


class Asked(NamedTuple):
    """Which documents: of a bookyear and a type of journals, modified within a time in ms since 1970.

    `EVERYTHING` stands for all bookyears and types. The beginning of the time is in it, its end is not.
    """

    bookyear: int
    type: int
    since: int
    until: int | None = None

    def wants(self, key: Key, time: int) -> bool:
        """Whether something that happened to a document then is asked for."""
        return (
            self.bookyear in (EVERYTHING, key.bookyear)
            and self.type in (EVERYTHING, key.type)
            and time // 1000 >= self.since
            and (self.until is None or time // 1000 < self.until)
        )


@dataclass
class Documents:
    """The documents of all dossiers, as the books were when they were looked at last."""

    dossiers: Dossiers
    accounts: Accounts
    _shown: dict[int, Document] = field(default_factory=dict, repr=False)
    _deleted: dict[int, list[Deletion]] = field(default_factory=dict, repr=False)
    _revision: int | None = None
    _gone: int = 0

    def of(self, company: Company) -> Iterator[Document]:
        """All documents of a dossier."""
        return (each for each in self._shown.values() if each.entry.company == company.id)

    def modified(self, company: Company, asked: Asked) -> Iterator[Document]:
        """Those that are asked for."""
        return (each for each in self.of(company) if asked.wants(each.key, each.time))

    def deleted(self, company: Company, asked: Asked) -> list[Key]:
        """The keys that were given up, each once, although another document may have it by now."""
        gone = (each.key for each in self._deleted.get(company.id, ()) if asked.wants(*each))
        return list(dict.fromkeys(gone))

    def look(self) -> None:
        """Note what changed in the books since the last look."""
        books = self.dossiers.books
        if self._revision == books.revision:
            return
        self._revision = books.revision
        gone, self._gone = books.gone[self._gone :], len(books.gone)
        times = {(each.kind, each.id): each.stamp.time for each in gone}
        anew = self.accounts.look({row: time for (kind, row), time in times.items() if kind == "account"})
        shown = {
            entry.id: self._document(entry, None if anew else self._shown.get(entry.id))
            for entry in books.entries.values()
            if entry.committed and entry.state is State.POSTED
        }
        for number, before in self._shown.items():
            after = shown.get(number)
            if after is None or after.key != before.key:
                entry = books.entries.get(number)
                time = entry.stamp.time if entry else times["entry", number]
                self._deleted.setdefault(before.entry.company, []).append(Deletion(before.key, time))
        self._shown = shown

    def _document(self, entry: Entry, before: Document | None) -> Document:
        if before is not None and before.entry is entry:
            return before
        time = max(entry.stamp.time, max((line.stamp.time for line in entry.lines), default=0))
        recoded = self.accounts.recoded
        if recoded:
            time = max(time, *(recoded.get(line.account or 0, 0) for line in entry.lines), 0)
        company = self.dossiers.books.companies[entry.company]
        bookyear = self.dossiers.bookyear(company, entry.day)
        return Document(Key(bookyear.id, *self.dossiers.place(entry.journal), _sequence(entry)), time, entry)


def _sequence(entry: Entry) -> int:
    number = int(NOT_A_DIGIT.sub("", entry.number) or "0")
    if number not in INT32:
        raise NotShown(f"entry {entry.number} has too large a number")
    return number
