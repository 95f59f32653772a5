"""Reads blocks of lines as PostgreSQL's COPY does, to see what was written."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from monitr_pipelines.ledger.blocks import AxisSet, Block
from monitr_pipelines.ledger.records import LedgerLine

ESCAPES = {r"\\": "\\", r"\t": "\t", r"\n": "\n", r"\r": "\r"}


def lines_of(block: Block, axes: dict[str, AxisSet]) -> Iterator[LedgerLine]:
    """The lines of a block; `axes` are the sets that were named before, and get those named here."""
    axes |= {number: found for found, number in block.axes}
    rows = block.text.decode().split("\n")
    assert rows.pop() == ""
    assert len(rows) == block.lines
    for row in rows:
        key, day, account, amount, *texts, foreign, currency, opening, version, number = map(
            _value, row.split("\t")
        )
        assert key is not None
        assert account is not None
        yield LedgerLine(
            key,
            date.fromisoformat(day or ""),
            account,
            Decimal(amount or ""),
            *texts,
            None if foreign is None else Decimal(foreign),
            currency,
            axes[number or ""],
            opening == "t",
            int(version or ""),
        )


def _value(field: str) -> str | None:
    return None if field == r"\N" else re.sub(r"\\.", lambda found: ESCAPES[found[0]], field)
