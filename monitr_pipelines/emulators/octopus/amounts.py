"""What each account moved in each period, summed from the documents, and when such a sum last changed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from monitr_pipelines.emulators.octopus.accounts import Accounts
from monitr_pipelines.emulators.octopus.documents import Documents
from monitr_pipelines.emulators.octopus.dossiers import Dossiers
from monitr_pipelines.emulators.octopus.forms import double
from monitr_pipelines.emulators.shared.records import Company


class Cell(NamedTuple):
    """What is summed by."""

    bookyear: int
    period: int
    account: int


@dataclass
class _Sums:
    """The sums of a dossier in cents, and the moments in µs since 1970 at which they changed or went."""

    revision: int
    amounts: Counter[Cell]
    changed: dict[Cell, int]
    gone: dict[Cell, int] = field(default_factory=dict)


@dataclass
class Amounts:
    """The sums of all dossiers, as they were when they were looked at last.

    `sign` is 1 where they are positive in debit, -1 where they are in credit.
    """

    dossiers: Dossiers
    accounts: Accounts
    documents: Documents
    sign: int = 1
    _sums: dict[int, _Sums] = field(default_factory=dict, repr=False)

    def look(self, company: Company) -> None:
        """Note which sums changed since the last look: as far as anyone can tell, just now."""
        books = self.dossiers.books
        before = self._sums.get(company.id)
        if before is not None and before.revision == books.revision:
            return
        amounts, modified = self._summed(company)
        if before is None:
            self._sums[company.id] = _Sums(books.revision, amounts, modified)
            return
        now = books.clock.microseconds()
        changed = {
            cell: before.changed[cell] if before.amounts.get(cell) == cents else now
            for cell, cents in amounts.items()
        }
        gone = before.gone | {cell: now for cell in before.amounts if cell not in amounts}
        kept = {cell: time for cell, time in gone.items() if cell not in amounts}
        self._sums[company.id] = _Sums(books.revision, amounts, changed, kept)

    def written(self, company: Company, since: int) -> bytes:
        """The answer for sums that changed at a moment in ms since 1970 or later; empty where none did."""
        self.look(company)
        sums = self._sums[company.id]
        modified = ",".join(self._row(cell, sums.amounts[cell]) for cell in _since(sums.changed, since))
        deleted = ",".join(self._row(cell, 0) for cell in _since(sums.gone, since))
        if not (modified or deleted):
            return b""
        return f'{{"deleted":[{deleted}],"modified":[{modified}]}}'.encode()

    def _summed(self, company: Company) -> tuple[Counter[Cell], dict[Cell, int]]:
        amounts: Counter[Cell] = Counter()
        modified: dict[Cell, int] = {}
        for key, time, entry in self.documents.of(company):
            period = self.dossiers.period(company, entry.day)
            for line in entry.lines:
                cell = Cell(key.bookyear, period, self.accounts.number(line.account))
                amounts[cell] += line.amount
                modified[cell] = max(time, modified.get(cell, 0))
        return amounts, modified

    def _row(self, cell: Cell, cents: int) -> str:
        bookyear = f'"bookyearKey":{{"id":{cell.bookyear}}}'
        return (
            f'{{"accountAmountKey":{{"accountKey":{{{bookyear},"id":{cell.account}}},'
            f'"bookyearPeriodKey":{{{bookyear},"bookyearPeriodNr":{cell.period}}}}},'
            f'"balance":{double(self.sign * cents)}}}'
        )


def _since(times: dict[Cell, int], since: int) -> Iterator[Cell]:
    return (cell for cell in sorted(times) if times[cell] // 1000 >= since)
