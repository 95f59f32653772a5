"""The first lines of a file as a table: the columns that any of them fills."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.ledger.money import ZERO, plain
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.wording import cut

# A file may have any number of axes, and any text in a cell; a page shows what can be looked over.
MOST_AXES = 10
LONGEST_CELL = 120
NUMBERS = frozenset({"debit", "credit", "foreign_amount"})


@dataclass(frozen=True)
class Column:
    """A column of the table; `axis` is True where its name is that of an axis, not one of ours."""

    name: str
    cells: Sequence[str]
    axis: bool = False

    @property
    def number(self) -> bool:
        """Whether it holds amounts."""
        return not self.axis and self.name in NUMBERS


def columns(preview: Preview) -> list[Column]:
    """The columns of the lines that are shown, those without any content left out."""
    lines = preview.lines
    ours = [Column(name, [_cut(read(line)) for line in lines]) for name, read in _readers(preview).items()]
    values = [dict(line.axes[:MOST_AXES]) for line in lines]
    axes = sorted({axis for of_line in values for axis in of_line})[:MOST_AXES]
    analytical = [
        Column(axis, [_cut(of_line.get(axis, "")) for of_line in values], axis=True) for axis in axes
    ]
    return [column for column in [*ours, *analytical] if any(column.cells)]


def _cut(text: str) -> str:
    return cut(text, LONGEST_CELL)


def _readers(preview: Preview) -> dict[str, Callable[[LedgerLine], str]]:
    def account_name(line: LedgerLine) -> str:
        account = preview.accounts.get(line.account_code)
        return account.name if account else ""

    return {
        "date": lambda line: line.booking_date.isoformat(),
        "account_code": lambda line: line.account_code,
        "account_name": account_name,
        "description": lambda line: line.description or "",
        "debit": lambda line: plain(line.amount) if line.amount > ZERO else "",
        "credit": lambda line: plain(-line.amount) if line.amount < ZERO else "",
        "booking": lambda line: line.booking or "",
        "journal": lambda line: line.journal or "",
        "document_number": lambda line: line.document_number or "",
        "relation": lambda line: line.relation or "",
        "foreign_amount": lambda line: plain(line.foreign_amount) if line.foreign_amount else "",
        "foreign_currency": lambda line: line.foreign_currency or "",
    }
