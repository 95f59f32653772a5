"""Which lines of an audit file open the year: of its opening balances, of a journal, or of both at once.

In a Dutch audit file a journal of type O is the opening journal, but some programs mark the one journal that
holds everything so.
What a journal holds decides: an opening stands on the first day of the year alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from monitr_pipelines.files.reading.problems import Problems
from monitr_pipelines.ledger.money import ZERO, plain
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.sentences import sentence

OPENING_TYPE = "O"
WORDS = re.compile(
    r"begin ?balans|openings? ?balans|opening balance|bilan d.ouverture|ingående balans|saldos? de abertura",
    re.IGNORECASE,
)
# Lines of a first day that are kept until it is known what they are; an opening has one an account.
MOST_HELD = 20_000
# An entry that nothing marks as an opening repeats the opening balance when it has these many accounts alike.
FEWEST_ALIKE = 3
SHOWN_ACCOUNTS = 5


@dataclass(frozen=True)
class Place:
    """Where a line stands: its journal, whether that is of type O, and the line of the file."""

    journal: str
    opens: bool = False
    line: int | None = None


class Openings:
    """Holds back lines of the first day until their entry or journal has ended, and tells what they are."""

    def __init__(self, start: date, problems: Problems) -> None:
        self._start = start
        self._problems = problems
        self._section: dict[str, Decimal] = defaultdict(Decimal)
        self._of_journal: list[LedgerLine] = []
        self._of_entry: list[LedgerLine] = []
        self._place: Place | None = None
        self._is_ordinary = False
        self._gave_up = False

    def section_line(self, line: LedgerLine) -> LedgerLine:
        """A line of the section of opening balances, as it is."""
        self._section[line.account_code] += line.amount
        return line

    def line(self, line: LedgerLine, place: Place) -> list[LedgerLine]:
        """The lines that are known to be what they are, now that this one has come."""
        self._place = self._place or place
        first_day = line.booking_date == self._start
        if place.opens and not self._is_ordinary:
            if not first_day:
                return self._as_ordinary(place, line)
            return self._hold(self._of_journal, line)
        if not first_day or not self._section:
            return [line]
        return self._hold(self._of_journal if _is_marked(line) else self._of_entry, line)

    def end_of_entry(self) -> list[LedgerLine]:
        """The lines of the entry that has ended, if they were held back."""
        held, self._of_entry = self._of_entry, []
        return self._examined(held, marked=False) if held else []

    def end_of_journal(self) -> list[LedgerLine]:
        """The lines of the journal that has ended, if they were held back."""
        held, self._of_journal = self._of_journal, []
        lines = self._examined(held, marked=True) if held else []
        self._place, self._is_ordinary, self._gave_up = None, False, False
        return lines

    def _hold(self, held: list[LedgerLine], line: LedgerLine) -> list[LedgerLine]:
        held.append(line)
        if len(held) <= MOST_HELD and not self._gave_up:
            return []
        # Beyond what any opening has, lines go on as their journal says they are.
        self._gave_up = True
        opens = self._place is not None and self._place.opens and not self._is_ordinary
        lines = [one._replace(opening=opens) for one in held]
        held.clear()
        return lines

    def _as_ordinary(self, place: Place, line: LedgerLine) -> list[LedgerLine]:
        """A journal of type O has a line of another day: that is told, its entries are looked at apart."""
        self._is_ordinary = True
        held, self._of_journal = self._of_journal, []
        told = sentence("opening_journal_ordinary", journal=place.journal, day=line.booking_date)
        self._problems.warn("opening_journal_ordinary", told, line=place.line)
        marked = [one for one in held if _is_marked(one)]
        entries: dict[str | None, list[LedgerLine]] = defaultdict(list)
        for one in held:
            if not _is_marked(one):
                entries[one.booking].append(one)
        lines = self._examined(marked, marked=True) if marked else []
        for entry in entries.values():
            lines += self._examined(entry, marked=False)
        return [*lines, line]

    def _examined(self, lines: list[LedgerLine], *, marked: bool) -> list[LedgerLine]:
        """Lines as opening ones, as they are, or none where they repeat the section."""
        sums = _by_account(lines)
        section = {account: amount for account, amount in self._section.items() if amount}
        if sums and sums == section and (marked or len(sums) >= FEWEST_ALIKE):
            told = sentence("opening_twice", journal=self._journal, count=len(lines))
            self._problems.warn("opening_twice", told, line=self._line)
            return []
        if not marked:
            return lines
        if section and sums:
            self._differs(section, sums)
        return [line._replace(opening=True) for line in lines]

    def _differs(self, section: Mapping[str, Decimal], sums: Mapping[str, Decimal]) -> None:
        """Opening entries besides the section: what adds to it is told, what contradicts it is refused."""
        alike = [account for account, amount in section.items() if sums.get(account, ZERO) * amount > 0]
        if len(alike) * 2 >= len(section):
            others = [name for name in sums.keys() | section.keys() if sums.get(name) != section.get(name)]
            accounts = _listed(sorted(others), section, sums)
            told = sentence("opening_contradicted", journal=self._journal, accounts=accounts)
            self._problems.add("opening_contradicted", told, line=self._line)
        else:
            accounts = _listed(sorted(sums), section, sums)
            told = sentence("opening_added", journal=self._journal, accounts=accounts)
            self._problems.warn("opening_added", told, line=self._line)

    @property
    def _journal(self) -> str:
        return self._place.journal if self._place else ""

    @property
    def _line(self) -> int | None:
        return self._place.line if self._place else None


def _is_marked(line: LedgerLine) -> bool:
    """Whether an entry calls itself an opening: by its period or in words."""
    return (line.period is not None and not line.period.strip("0")) or (
        line.description is not None and WORDS.search(line.description) is not None
    )


def _by_account(lines: Iterable[LedgerLine]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.account_code] += line.amount
    return {account: amount for account, amount in sums.items() if amount}


def _listed(accounts: list[str], section: Mapping[str, Decimal], sums: Mapping[str, Decimal]) -> str:
    shown = [
        f"{account} ({plain(section.get(account, ZERO))} / {plain(sums.get(account, ZERO))})"
        for account in accounts[:SHOWN_ACCOUNTS]
    ]
    return ", ".join(shown) + (" ..." if len(accounts) > SHOWN_ACCOUNTS else "")
