"""Columns of texts become a block: whoever reads a thousand lines at once needs no LedgerLine for each.

See https://www.postgresql.org/docs/current/sql-copy.html, "Text Format".
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import islice, repeat
from typing import Any, NamedTuple, TypeAlias, TypeVar

from monitr_pipelines.ledger.blocks import NO_AXES, AxisNumbers, AxisSet, Block, FieldColumns
from monitr_pipelines.ledger.changes import Scope
from monitr_pipelines.ledger.records import LedgerLine

# As LedgerLine has them; the number of the set of axis values comes last.
FIELDS = (*(name for name in LedgerLine._fields if name != "axes"), "axes")
NULL = r"\N"
ABSENT: Mapping[str, str] = {
    **dict.fromkeys(FIELDS, NULL),
    "opening": "f",
    "version": "0",
    "axes": NO_AXES,
}
FALSE_TRUE = ("f", "t")
KEPT = 10_000
LINES = 2000
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
# Digits of which a column of four decimals keeps each.
EXACT = re.compile(r"(?:-?+\d++(?:\.\d{1,4}+)?+\n)*+").fullmatch
# The same, at most fifteen of them: a double holds each.
PLAIN = re.compile(r"(?:-?+\d{1,11}+(?:\.\d{1,4}+)?+\n)*+").fullmatch

Column: TypeAlias = Sequence[str | None]
Given = TypeVar("Given")
Made = TypeVar("Made")


class Columns(NamedTuple):
    """Lines by column: texts as `block_of` takes them; the axes of each line, none where no line has any."""

    texts: Mapping[str, Column]
    axes: Sequence[AxisSet] = ()


@dataclass(frozen=True)
class ByColumn:
    """Lines that may be had at once, by column; whoever iterates has them one by one, and has the same.

    Args:
        one_by_one: Makes the lines. What is wrong with one is raised here.
        at_once: Makes the columns of all lines, or None where anything about one of them is unusual: they are
            had one by one then. It raises nothing.
    """

    one_by_one: Callable[[], Iterator[LedgerLine]]
    at_once: Callable[[], Columns | None]

    def __iter__(self) -> Iterator[LedgerLine]:
        return self.one_by_one()


def block_of(
    columns: Mapping[str, Column],
    new_axes: tuple[tuple[AxisSet, str], ...] = (),
    *,
    plain: bool = False,
    exact: bool = False,
) -> Block:
    """Lines as a block, given by column.

    Args:
        columns: Texts by the name of their field in LedgerLine, all as long as `external_id`; None stands for
            no text. Dates are written YYYY-MM-DD, amounts as `str` of a Decimal (debit positive), `opening`
            as f or t, `axes` as the numbers of an AxisNumbers. A field that is left out is what an absent
            one is: no text, no opening, version 0, no axes.
        new_axes: What `take_new` of these numbers gives.
        plain: No text has a backslash, a tab or an end of a line in it, as the caller knows.
        exact: No amount has more than four decimals, as the caller knows.

    Raises:
        KeyError: There is no `external_id`.
        ValueError: A column is shorter or longer than it, or has half a character (UnicodeEncodeError).
    """
    lines = len(columns["external_id"])
    if not lines:
        return Block(0, b"", new_axes, exact=True)
    fields = _fields(columns, _plain)
    text = _text_of(fields, lines)
    as_meant = plain or _as_meant(text, columns, lines)
    if not as_meant:
        text = _text_of(_fields(columns, escaped), lines)
    amounts = (columns.get(name, ()) for name in ("amount", "foreign_amount"))
    exact = exact or all(EXACT("\n".join([*filter(None, column), ""])) is not None for column in amounts)
    return Block(lines, text.encode(), new_axes, exact, fields if as_meant else None)


def columns_of(lines: Sequence[LedgerLine], numbers: AxisNumbers) -> dict[str, Column]:
    """Lines by column, as `block_of` takes them; ValueError where there is none."""
    columns: dict[str, Sequence[Any]] = dict(zip(LedgerLine._fields, zip(*lines, strict=True), strict=True))
    return columns | {
        "amount": list(map(str, columns["amount"])),
        "foreign_amount": [None if amount is None else str(amount) for amount in columns["foreign_amount"]],
        "booking_date": list(map(_iso, columns["booking_date"])),
        "opening": list(map(FALSE_TRUE.__getitem__, columns["opening"])),
        "version": list(map(str, columns["version"])),
        "axes": list(map(numbers.__getitem__, columns["axes"])),
    }


def blocks_of_lines(
    lines: Iterator[LedgerLine], numbers: AxisNumbers, scope: Scope | None
) -> Iterator[Block]:
    """Lines that are known to fit as blocks; the scope, if any, is told of each."""
    while some := list(islice(lines, LINES)):
        if scope is not None:
            for line in some:
                scope.contains(line)
        yield block_of(columns_of(some, numbers), numbers.take_new())


def none_if_empty(texts: Sequence[str]) -> Column:
    """Texts, None in place of those that are empty."""
    return texts if all(texts) else [text or None for text in texts]


def each_once(make: Callable[[Given], Made], values: Collection[Given]) -> list[Made]:
    """What is made of each value, which is asked once for equal ones.

    >>> each_once(str.strip, [" a", "b", " a"])
    ['a', 'b', 'a']
    """
    made = {value: make(value) for value in set(values)}
    return list(map(made.__getitem__, values))


def plain_amounts(numbers: Iterable[Decimal]) -> list[str] | None:
    """The texts of amounts; None where one has more than four decimals or eleven digits before them."""
    texts = list(map(str, numbers))
    return texts if PLAIN("\n".join([*texts, ""])) else None


def joined(fields: Iterable[str | Iterable[str]], rows: int, separator: str) -> list[str]:
    """So many rows of fields, some of which are the same in each row: these are written once.

    >>> joined(["a", "b", ["1", "2"], "c"], 2, "-")
    ['a-b-1-c', 'a-b-2-c']
    """
    columns: list[Iterable[str]] = []
    same: list[str] = []
    for field in fields:
        if isinstance(field, str):
            same.append(field)
            continue
        if same:
            columns.append(repeat(separator.join(same), rows))
            same = []
        columns.append(field)
    if same:
        columns.append(repeat(separator.join(same), rows))
    return list(map(separator.join, zip(*columns, strict=True)))


def escaped(texts: Iterable[str | None]) -> list[str]:
    """Texts as COPY reads them, whatever they hold."""
    return [NULL if text is None else text.translate(ESCAPES) for text in texts]


def _plain(texts: Column) -> Sequence[str]:
    if all(texts):  # as in most columns, and told sooner than whether there is None
        return texts  # type: ignore[return-value]  # there is no None in it
    return [NULL if text is None else text for text in texts]


def _fields(columns: Mapping[str, Column], write: Callable[[Column], Sequence[str]]) -> FieldColumns:
    return {name: write(columns[name]) if name in columns else ABSENT[name] for name in FIELDS}


def _text_of(fields: FieldColumns, lines: int) -> str:
    return "\n".join([*joined(fields.values(), lines, "\t"), ""])


@lru_cache(KEPT)
def _iso(day: date) -> str:
    """A ledger has few dates and many lines."""
    return day.isoformat()


def _as_meant(text: str, columns: Mapping[str, Column], lines: int) -> bool:
    """Whether nothing had to be escaped: every mark in the text is one that was put there."""
    nulls = sum(column.count(None) for column in columns.values() if not all(column))
    nulls += lines * sum(field == NULL for name, field in ABSENT.items() if name not in columns)
    return (
        text.count("\\") == nulls
        and text.count("\t") == lines * (len(FIELDS) - 1)
        and text.count("\n") == lines
        and "\r" not in text
    )
