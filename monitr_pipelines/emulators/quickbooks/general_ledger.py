"""The rows of the general ledger: a section for each account, within that of the account it stands below.

Seen of the real report: a parent with postings of its own has them in a section without a header; one that
has none is headed by its name alone, without an id. The rows end where a report would have too many cells,
with a sentence in place of the rest: what was open then has no summary.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitr_pipelines.emulators.quickbooks.chart import RESULTS, Charted
from monitr_pipelines.emulators.quickbooks.columns import (
    AMOUNTS,
    BALANCES,
    DEBITS,
    NOTHING,
    Cell,
    Column,
    View,
)
from monitr_pipelines.emulators.quickbooks.forms import cell_of
from monitr_pipelines.emulators.quickbooks.postings import Posting

CUT = "Unable to display more data. Please reduce the date range."
BEGINNING = "Beginning Balance"

Row = dict[str, object]


@dataclass
class Sums:
    """Cents of the rows of an account and of those below it, as they were posted."""

    debits: int = 0
    credits: int = 0

    def add(self, other: "Sums") -> None:
        """Count those of another account too."""
        self.debits += other.debits
        self.credits += other.credits


@dataclass
class GeneralLedger:
    """Makes the rows of one report.

    Args:
        view: The company.
        columns: What each row has.
        postings: By account.
        beginning: The cents of balance sheet accounts before the first day.
        cells: How many there may be.
    """

    view: View
    columns: Sequence[Column]
    postings: Mapping[int, list[Posting]]
    beginning: Counter[int]
    cells: int
    _left: int = field(init=False)

    def __post_init__(self) -> None:
        self._left = self.cells // len(self.columns)
        self._places = {column.key: number for number, column in enumerate(self.columns)}

    def rows(self) -> list[Row]:
        """All sections, or as many as there may be."""
        made = self._sections(None, Sums())
        if self._full:
            made.append(self._data([CUT]))
        return made

    @property
    def _full(self) -> bool:
        return self._left < 0

    def _sections(self, above: int | None, sums: Sums) -> list[Row]:
        return [
            section
            for account in self.view.chart.below.get(above, [])
            if not self._full and (section := self._section(account, sums))
        ]

    def _section(self, account: Charted, sums: Sums) -> Row | None:
        own, own_sums = self._own_rows(account)
        if not self.view.chart.below.get(account.id):
            return self._closed(account, own, own_sums, sums) if own else None
        inner_sums, inside = Sums(), []
        if own:
            section: Row = {"type": "Section", "Rows": {"Row": own}}
            inside.append(self._summed(section, account, f"Total for {account.label}", own_sums))
            inner_sums.add(own_sums)
        inside += self._sections(account.id, inner_sums) if not self._full else []
        if not inside:
            return None
        sums.add(inner_sums)
        head = [{"value": account.label, "id": str(account.id)} if own else {"value": account.label}]
        made: Row = {
            "type": "Section",
            "Header": {"ColData": self._cells(head)},
            "Rows": {"Row": inside},
        }
        return self._summed(made, account, f"Total for {account.label} with sub-accounts", inner_sums)

    def _closed(self, account: Charted, own: list[Row], own_sums: Sums, sums: Sums) -> Row:
        sums.add(own_sums)
        head = [{"value": account.label, "id": str(account.id)}]
        made: Row = {"type": "Section", "Header": {"ColData": self._cells(head)}, "Rows": {"Row": own}}
        return self._summed(made, account, f"Total for {account.label}", own_sums)

    def _own_rows(self, account: Charted) -> tuple[list[Row], Sums]:
        rows: list[Row] = []
        balance = 0 if account.kind.classification in RESULTS else self.beginning[account.id]
        sums = Sums()
        if balance:
            rows.append(self._data([BEGINNING]))
            self._put(rows[-1], BALANCES, _natural(account, balance))
        for posting in self.postings.get(account.id, []):
            self._left -= 1
            if self._full:
                break
            balance += posting.cents
            if posting.line.amount >= 0:
                sums.debits += posting.cents
            else:
                sums.credits -= posting.cents
            rows.append({"type": "Data", "ColData": [each.of(self.view, posting) for each in self.columns]})
            self._put(rows[-1], BALANCES, _natural(account, balance))
        return rows, sums

    def _summed(self, section: Row, account: Charted, title: str, sums: Sums) -> Row:
        if self._full:
            return section
        summary = self._data([title])
        self._put(summary, AMOUNTS, _natural(account, sums.debits - sums.credits))
        for place, cents in enumerate((sums.debits, sums.credits)):
            self._put(summary, {several: keys[place] for several, keys in DEBITS.items()}, cents)
        return {**section, "Summary": {"ColData": summary["ColData"]}}

    def _put(self, row: Row, keys: Mapping[bool, str], cents: int) -> None:
        """Put an amount into the one of two columns that this company uses, if the report has it."""
        place = self._places.get(keys[self.view.several])
        cells = row["ColData"]
        if place is not None and isinstance(cells, list):
            cells[place] = {"value": cell_of(cents)}

    def _data(self, texts: Sequence[str]) -> Row:
        return {"type": "Data", "ColData": self._cells([{"value": text} for text in texts])}

    def _cells(self, first: Sequence[Cell]) -> list[Cell]:
        return [*first, *[NOTHING] * (len(self.columns) - len(first))]


def _natural(account: Charted, cents: int) -> int:
    return -cents if account.kind.credit else cents
