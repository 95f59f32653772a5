"""The columns of the browse codes: which there are, their types, and how they may be asked.

Source: the maker's pages on browse codes, as its clients list them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

TRANSACTIONS, TOTALS, CURRENCY_TOTALS = "030_3", "040_1", "060"
HEAD, LINE = "fin.trs.head.", "fin.trs.line."
YEARPERIOD, STATUS, MODIFIED = f"{HEAD}yearperiod", f"{HEAD}status", f"{HEAD}modified"
REGIME = f"{HEAD}browseregime"


class Kind(Enum):
    """The types of cells, as answers name them."""

    TEXT = "String"
    NUMBER = "Decimal"
    AMOUNT = "Value"
    DAY = "Date"
    MOMENT = "DateTime"


@dataclass(frozen=True)
class Column:
    """A column of a browse code.

    Args:
        field: Its name.
        label: What people see above it.
        kind: Of its cells.
        operator: How it may be asked for: `between` or `equal`; `none` where it cannot.
    """

    field: str
    label: str
    kind: Kind
    operator: str


KINDS = {
    "number": Kind.NUMBER,
    "valuesigned": Kind.AMOUNT,
    "basevaluesigned": Kind.AMOUNT,
    "repvaluesigned": Kind.AMOUNT,
    "vatbasevaluesigned": Kind.AMOUNT,
    "quantity": Kind.AMOUNT,
    "date": Kind.DAY,
    "inpdate": Kind.MOMENT,
    "modified": Kind.MOMENT,
}
_GROUPS = " ".join(f"dim1group{number} dim1group{number}name" for number in range(1, 6))
_DIMENSIONS = " ".join(f"dim{level}:between dim{level}name dim{level}type" for level in (1, 2, 3))
_ASKED = "yearperiod:between status:equal reportingstructure:equal browseregime:equal"
# Of transactions and of their lines.
_FIELDS = {
    TRANSACTIONS: (
        f"""{_ASKED} office officename year period code number date curcode relation relationname
        inpdate:between modified:between username origin""",
        f"""{_DIMENSIONS} valuesigned basevaluesigned repvaluesigned debitcredit vatcode vatbasevaluesigned
        quantity chequenumber description invnumber {_GROUPS} freetext1 freetext2 freetext3""",
    ),
    TOTALS: (
        f"{_ASKED} office officename year period",
        f"{_DIMENSIONS} basevaluesigned repvaluesigned debitcredit quantity {_GROUPS}",
    ),
    CURRENCY_TOTALS: (
        f"{_ASKED} office officename year period curcode",
        f"dim1:between dim1name dim1type valuesigned basevaluesigned repvaluesigned debitcredit {_GROUPS}",
    ),
}


def _column(prefix: str, word: str) -> Column:
    name, _, operator = word.partition(":")
    return Column(f"{prefix}{name}", name.capitalize(), KINDS.get(name, Kind.TEXT), operator or "none")


def _columns(code: str) -> Mapping[str, Column]:
    head, line = _FIELDS[code]
    made = [_column(HEAD, word) for word in head.split()] + [_column(LINE, word) for word in line.split()]
    if code == TRANSACTIONS:
        made.append(_column("fin.trs.mng.", "type"))
    return {column.field: column for column in made}


BROWSE_CODES: Mapping[str, Mapping[str, Column]] = {code: _columns(code) for code in _FIELDS}
