"""What stands in the cells of browse rows, by column: some are of the transaction, others of its line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from xml.sax.saxutils import escape

from monitr_pipelines.emulators.shared.records import Company, Line
from monitr_pipelines.emulators.twinfield.columns import HEAD, LINE
from monitr_pipelines.emulators.twinfield.dimensions import Dimensions, Levels
from monitr_pipelines.emulators.twinfield.offices import code_of, day, stamp
from monitr_pipelines.emulators.twinfield.transactions import Transaction

USER = "API000001"


@dataclass(frozen=True)
class Head:
    """A transaction as its cells are made of it."""

    company: Company
    transaction: Transaction
    dimensions: Dimensions

    @property
    def currency(self) -> str:
        """The currency of the transaction: a line in another than the office's gives it its own."""
        others = (line.currency for line in self.transaction.entry.lines if line.currency)
        return next(others, self.company.currency)

    @property
    def relation(self) -> tuple[str, str]:
        """The code and name of the one relation that its lines have."""
        found = self.dimensions.relation(self.transaction.entry.lines)
        return found.code, found.name


OfHead = Callable[[Head], str]
OfLine = Callable[[Line, Levels], str]


def money(cents: int) -> str:
    """Cents as an amount with two decimals and a point, without signs between thousands."""
    sign, size = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{size // 100}.{size % 100:02d}"


@lru_cache(maxsize=65_536)
def xml(of: str) -> str:
    """Text as XML has it; many rows have the same."""
    return escape(of)


HEADS: Mapping[str, OfHead] = MappingProxyType(
    {
        f"{HEAD}office": lambda head: code_of(head.company.id),
        f"{HEAD}officename": lambda head: xml(head.company.name),
        f"{HEAD}year": lambda head: head.transaction.yearperiod[:4],
        f"{HEAD}period": lambda head: str(int(head.transaction.yearperiod[5:])),
        f"{HEAD}yearperiod": lambda head: head.transaction.yearperiod,
        f"{HEAD}code": lambda head: xml(head.transaction.daybook),
        f"{HEAD}number": lambda head: str(head.transaction.number),
        f"{HEAD}status": lambda head: head.transaction.status,
        f"{HEAD}date": lambda head: day(head.transaction.entry.day),
        f"{HEAD}curcode": lambda head: head.currency,
        f"{HEAD}relation": lambda head: xml(head.relation[0]),
        f"{HEAD}relationname": lambda head: xml(head.relation[1]),
        f"{HEAD}inpdate": lambda head: stamp(head.transaction.entry.created.time),
        f"{HEAD}modified": lambda head: stamp(head.transaction.modified),
        f"{HEAD}username": lambda _: USER,
        f"{HEAD}origin": lambda _: "import",
    }
)
LINES: Mapping[str, OfLine] = MappingProxyType(
    {
        f"{LINE}valuesigned": lambda line, _: money(line.amount if line.foreign is None else line.foreign),
        f"{LINE}basevaluesigned": lambda line, _: money(line.amount),
        f"{LINE}repvaluesigned": lambda line, _: money(line.amount),
        f"{LINE}debitcredit": lambda line, _: "debit" if line.amount >= 0 else "credit",
        f"{LINE}description": lambda line, _: xml(line.text),
        f"{LINE}dim1": lambda _, levels: xml(levels[0].code),
        f"{LINE}dim1name": lambda _, levels: xml(levels[0].name),
        f"{LINE}dim1type": lambda _, levels: levels[0].type,
        f"{LINE}dim2": lambda _, levels: xml(levels[1].code),
        f"{LINE}dim2name": lambda _, levels: xml(levels[1].name),
        f"{LINE}dim2type": lambda _, levels: levels[1].type,
        f"{LINE}dim3": lambda _, levels: xml(levels[2].code),
        f"{LINE}dim3name": lambda _, levels: xml(levels[2].name),
        f"{LINE}dim3type": lambda _, levels: levels[2].type,
    }
)
# The number of the invoice stands on lines, and is the same on all of a transaction.
INVOICE = f"{LINE}invnumber"


def of_head(field: str) -> OfHead | None:
    """How a cell is made of a transaction; None where nothing of it fills the column."""
    return _invoice if field == INVOICE else HEADS.get(field)


def _invoice(head: Head) -> str:
    return xml(head.transaction.entry.reference)
