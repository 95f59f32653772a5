"""Where the simulated company books: entries of whole cents, checked as they come, numbered at the end."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.emulators.company.charts import Chart, JournalKind, Role
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.records import AccountType, LedgerLine

DEPARTMENT = "department"
PROJECT = "project"


class Leg(NamedTuple):
    """A line in the making: debit-positive cents on the account of a role."""

    role: Role
    cents: int
    department: str | None = None
    project: str | None = None

    @property
    def axes(self) -> tuple[tuple[str, str], ...]:
        """The codes, ordered by axis."""
        pairs = ((DEPARTMENT, self.department), (PROJECT, self.project))
        return tuple((axis, code) for axis, code in pairs if code is not None)


@dataclass(frozen=True)
class Entry:
    """A journal entry without its number."""

    kind: JournalKind
    day: date
    description: str
    legs: tuple[Leg, ...]
    document: str
    relation: str | None


def euros(cents: int) -> Decimal:
    """Cents as an amount with two decimals."""
    return Decimal(cents).scaleb(-2)


class GeneralJournal:
    """Everything booked so far, with running balances for what depends on them (VAT, interest, tax)."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.balance: Counter[Role] = Counter()
        self._entries: list[Entry] = []
        self._documents: Counter[str] = Counter()

    def document(self, prefix: str, year: int) -> str:
        """The next document number of a kind."""
        self._documents[f"{prefix}{year}"] += 1
        return f"{prefix}{year}-{self._documents[f'{prefix}{year}']:05d}"

    def post(
        self,
        kind: JournalKind,
        day: date,
        description: str,
        legs: Iterable[Leg],
        *,
        document: str | None = None,
        relation: str | None = None,
    ) -> None:
        """Book an entry; legs of nothing are left out, and so is an entry without legs."""
        kept = tuple(leg for leg in legs if leg.cents)
        if sum(leg.cents for leg in kept):
            raise ValueError(f"{description} of {day} does not balance")
        if not kept:
            return
        for leg in kept:
            self.balance[leg.role] += leg.cents
        number = document or self.document(self.chart.journals[kind].code, day.year)
        self._entries.append(Entry(kind, day, description, kept, number, relation))

    def profit(self) -> int:
        """The result of all that was booked, in cents, profit positive."""
        losses = (cents for role, cents in self.balance.items() if role.type is AccountType.PROFIT_AND_LOSS)
        return -sum(losses)

    def lines(self) -> Iterator[LedgerLine]:
        """The lines in order of date; entries are numbered per journal and year, as software does."""
        numbers: Counter[str] = Counter()
        for entry in sorted(self._entries, key=lambda entry: entry.day):
            series = f"{self.chart.journals[entry.kind].code}-{entry.day.year}"
            numbers[series] += 1
            yield from self._numbered(entry, f"{series}-{numbers[series]:05d}")

    def _numbered(self, entry: Entry, booking: str) -> Iterator[LedgerLine]:
        for number, leg in enumerate(entry.legs, start=1):
            yield LedgerLine(
                external_id=f"{booking}:{number}",
                booking_date=entry.day,
                account_code=self.chart.accounts[leg.role].code,
                amount=euros(leg.cents),
                booking=booking,
                line_number=str(number),
                period=str(Month.of(entry.day)),
                journal=self.chart.journals[entry.kind].code,
                document_number=entry.document,
                relation=entry.relation,
                description=entry.description,
                axes=leg.axes,
                opening=entry.kind is JournalKind.OPENING,
            )
