"""Companies whose books people edit between imports, and what stood in them at each request."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from edits_kit import Edit, History

from monitr_pipelines import emulators
from monitr_pipelines.emulators.frame.server import serve
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import Size, invented_books
from monitr_pipelines.emulators.shared.records import Entry, State, money
from monitr_pipelines.importing import connecting
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.warehouse.registry import administrations, organisations
from monitr_pipelines.warehouse.registry.administrations import Choice
from monitr_pipelines.warehouse.server.database import Connection

PROVIDER = "odoo"
PERSON = "soak"
MOST_EDITS = 3
NUMBERS = 10**6
# A month that loses all its lines would be doubted, rightly: entries go only where others of it stay.
STAYING = 2
ADDING, REMOVING = ("add",), ("delete", "redate", "state")
CHANGING = ("amounts", "account", "replace lines")
LESS = """
update app.entity
set settings = settings || '{"largest_loss": "1"}'
where organisation_id = (select id from app.organisation where name = %s)
"""


class Line(NamedTuple):
    """A ledger line, as both sides know it."""

    day: date
    account: str
    amount: Decimal


class Books(NamedTuple):
    """What stands in the books of a company: its lines by id, and its trial balance at the end of a month."""

    lines: Mapping[str, Line]
    month: date
    closing: Mapping[str, Decimal]


@dataclass
class Company:
    """An entity with books of its own. `told`: how they stood from each request on, by its import's id."""

    key: str
    id: int
    number: int
    books: SharedBooks
    told: list[tuple[int, Books]] = field(default_factory=list)

    def now(self) -> Books:
        """The books of this moment."""
        with self.books.lock:
            codes = {account.id: account.code for account in self.books.accounts.values()}
            posted = [entry for entry in self._entries() if entry.state is State.POSTED]
            lines = {
                str(line.id): Line(entry.day, codes[line.account], money(line.amount))
                for entry in posted
                for line in entry.lines
                if line.account is not None
            }
            month = Month.of(max(line.day for line in lines.values()))
            at = month.plus(1).first_day - timedelta(days=1)
            return Books(lines, month.first_day, self.books.trial_balance(self.number, at))

    def tell(self, import_id: int) -> None:
        """Note how the books stand: nobody edits them until that import has ended."""
        self.told.append((import_id, self.now()))

    def at(self, import_id: int) -> Books:
        """The books that an import found: those of the last request up to it."""
        return next(books for known, books in reversed(self.told) if known <= import_id)

    def edit(self, random: Random) -> None:
        """A few edits that accounting software allows, and none that would be doubted."""
        with self.books.lock:
            for _ in range(random.randint(1, MOST_EDITS)):
                kind = random.choice((*ADDING, *REMOVING, *CHANGING))
                History(self.books).apply([self._drawn(kind, random)])

    def _drawn(self, kind: str, random: Random) -> Edit:
        if kind not in ADDING:
            visible = [entry for entry in self.books.entries.values() if entry.committed]
            months = Counter(_month_of(each) for each in self._entries() if each.state is State.POSTED)
            places = [
                place
                for place, entry in enumerate(visible)
                if entry.company == self.number
                and (
                    kind in CHANGING or entry.state is not State.POSTED or months[_month_of(entry)] > STAYING
                )
            ]
            if places:
                return Edit(kind, random.choice(places), random.randrange(NUMBERS))
        return Edit("add", list(self.books.companies).index(self.number), random.randrange(NUMBERS))

    def _entries(self) -> Iterator[Entry]:
        return self.books.company_entries(self.number)


def _month_of(entry: Entry) -> tuple[int, int]:
    return entry.day.year, entry.day.month


@contextmanager
def companies(
    connection: Connection, organisations_wanted: int, each: int, seed: int
) -> Iterator[Sequence[Company]]:
    """Organisations with so many companies, the software of each served by this process until the block ends.

    Their first imports are asked for.
    """
    with ExitStack() as serving:
        made: list[Company] = []
        for number in range(organisations_wanted):
            books = invented_books(Size(companies=each, seed=seed + number, entries_per_month=2), Clock())
            emulator = emulators.kinds()[PROVIDER].build(books, {})
            server = serving.enter_context(serve(emulator))
            made += _entities(connection, f"soak {number}", emulator.settings(server.address), books)
        yield made


def _entities(
    connection: Connection, name: str, settings: Mapping[str, str], books: SharedBooks
) -> list[Company]:
    organisations.add(connection, name, "active")
    made = connecting.connect(connection, name, PROVIDER, settings, PERSON)
    administrations.choose(connection, made, {str(each): Choice.NORMAL for each in books.companies}, PERSON)
    connection.execute(LESS, [name])
    rows = connection.execute(
        "select id, key, administration from app.entity where integration_id = %s order by id", [made]
    ).fetchall()
    found = [Company(row["key"], row["id"], int(row["administration"]), books) for row in rows]
    for company in found:
        company.tell(0)
    return found
