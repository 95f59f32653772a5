"""Real ledger files read a second time, by a few lines that share nothing with the program."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

ZERO = Decimal(0)


@dataclass
class Totals:
    """Opening, debit and credit of an account."""

    opening: Decimal = ZERO
    debit: Decimal = ZERO
    credit: Decimal = ZERO

    def add(self, amount: Decimal, *, opening: bool = False) -> None:
        if opening:
            self.opening += amount
        elif amount > 0:
            self.debit += amount
        else:
            self.credit -= amount


@dataclass
class Accounts:
    """A trial balance that adds itself up."""

    rows: defaultdict[str, Totals] = field(default_factory=lambda: defaultdict(Totals))
    debit: Decimal = ZERO

    def add(self, account: str, amount: Decimal, *, opening: bool = False) -> None:
        self.rows[account].add(amount, opening=opening)
        self.debit += max(amount, ZERO)

    def printed(self) -> list[dict[str, str]]:
        return [
            {
                "account": account,
                "opening": f"{row.opening:.2f}",
                "debit": f"{row.debit:.2f}",
                "credit": f"{row.credit:.2f}",
                "closing": f"{row.opening + row.debit - row.credit:.2f}",
            }
            for account, row in sorted(self.rows.items())
            if row.opening or row.debit or row.credit
        ]


def of_table(path: Path, opening: Callable[[dict[str, str]], bool], **layout: str) -> Accounts:
    """A table with a debit and a credit column, one row a line."""
    found = Accounts()
    names = {name: layout.pop(name) for name in ("account", "debit", "credit")}
    with path.open(encoding=layout.pop("encoding"), newline="") as file:
        for row in csv.DictReader(file, **layout):
            sides = (Decimal(row[names[side]].strip().replace(",", ".")) for side in ("debit", "credit"))
            found.add(row[names["account"]].strip(), next(sides) - next(sides), opening=opening(row))
    return found


def of_audit_file(path: Path) -> Accounts:
    """A Dutch audit file: its opening balance and its transactions."""
    found = Accounts()
    for line in ET.parse(path).getroot().iter():  # noqa: S314 - files of our own
        tag = line.tag.rpartition("}")[2]
        if tag in {"obLine", "trLine"}:
            texts = {part.tag.rpartition("}")[2]: (part.text or "").strip() for part in line}
            sign = {"D": 1, "C": -1}[texts["amntTp"]]
            found.add(texts["accID"], sign * Decimal(texts["amnt"]), opening=tag == "obLine")
    return found


def printed(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A trial balance as the program prints it, without the names of its accounts."""
    return [{name: value for name, value in row.items() if name != "name"} for row in rows]


def rows_of(path: Path, delimiter: str) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)
