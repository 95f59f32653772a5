"""Browses: what is asked of one, and its rows by column.

A browse has no pages: it answers all rows at once, each with a cell for every column that is shown, and with
the key of the line that it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from xml.sax.saxutils import escape

from lxml import etree

from monitr_pipelines.providers.soap import elements, local
from monitr_pipelines.providers.twinfield.datasets import (
    BOOKED,
    MODIFIED,
    PERIOD,
    STATUS,
    YEAR,
    YEAR_PERIOD,
    Browse,
)
from monitr_pipelines.providers.twinfield.envelopes import ENVELOPE
from monitr_pipelines.providers.twinfield.faults import contradicts, refused, unknown
from monitr_pipelines.providers.twinfield.periods import Range, period_name

# The parts of a line's key, in the names of the elements that hold them.
OFFICE, CODE, NUMBER, LINE = KEY = ("office", "code", "number", "line")
REGIME = "fiscal"
Column = Sequence[str]


@dataclass(frozen=True)
class Rows:
    """Rows by column, all as long as one another: texts by field, and by the part of the key."""

    texts: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.texts[YEAR])

    @cached_property
    def periods(self) -> list[str]:
        """The period of each row, as `periods` names them."""
        years, numbers = self.texts[YEAR], self.texts[PERIOD]
        return list(map(period_name, years, numbers))

    @cached_property
    def bookings(self) -> list[str]:
        """The transaction of each row: numbers are those of a daybook."""
        return list(map("{}/{}".format, self.texts[CODE], self.texts[NUMBER]))


def question(
    browse: Browse, within: Range, regime: str | None, modified: tuple[str, str] | None = None
) -> str:
    """What is asked: the columns that are shown, and those that choose rows.

    Drafts are among them only where the status is shown.

    Args:
        browse: The browse code and its columns.
        within: Periods.
        regime: The column that chooses a regime, where the office has one.
        modified: From when to when transactions were modified.
    """
    chosen = {YEAR_PERIOD: ("between", *within)}
    if STATUS not in browse.fields:
        chosen[STATUS] = ("equal", BOOKED, "")
    if regime:
        chosen[regime] = ("equal", REGIME, "")
    if modified:
        chosen[MODIFIED] = ("between", *modified)
    columns = "".join(
        _column(field, shown=field in browse.fields, choice=chosen.get(field))
        for field in dict.fromkeys([*chosen, *browse.fields])
    )
    return f'<columns code="{browse.name}">{columns}</columns>'


def _column(field: str, *, shown: bool, choice: tuple[str, ...] | None) -> str:
    operator, first, last = choice or ("none", "", "")
    return (
        f"<column><field>{field}</field><visible>{_flag(shown)}</visible>"
        f"<ask>{_flag(choice is not None)}</ask><operator>{operator}</operator>"
        f"<from>{escape(first)}</from><to>{escape(last)}</to></column>"
    )


def rows_of(body: bytes, browse: Browse, within: Range, office: str) -> Rows:
    """The rows of an answer.

    Raises:
        InconsistentData: Not all rows came, or some of other periods or of another office than was asked for.
        OurFault: Fields that were asked for are missing, or Twinfield refused to browse.
        ValueError: It is no answer of a service.
    """
    names: list[str] = [*browse.fields, *KEY]
    total: str | None = None
    rows: list[list[str]] = []
    kept: dict[str, str] = {}  # most texts come again and again
    keep = kept.setdefault
    root = ""
    for each in elements(body, "tr", "browse", ENVELOPE):
        root = local(each)
        if root == "browse":
            total = _total(each)
        if root != "tr":
            continue
        cells = _cells(each)
        if not rows:
            names = [cell.get("field") or local(cell) for cell in cells]
        rows.append([keep(text, text) for text in [cell.text or "" for cell in cells]])
    if root != ENVELOPE:
        raise ValueError("the answer is no envelope")
    if total is None:
        unknown("browse is missing")
    if int(total) != len(rows):
        contradicts(f"{browse.name} has other rows than it says")
    return _checked(_by_column(rows, names), browse, within, office)


def _cells(row: etree._Element) -> list[etree._Element]:
    """The cells of a row, and behind them the parts of its key; sums have none."""
    *cells, key = row
    return [*cells, *key] if local(key) == "key" else [*cells, key]


def _by_column(rows: Sequence[Sequence[str]], names: Sequence[str]) -> Rows:
    if {len(row) for row in rows} - {len(names)}:
        unknown("rows have other cells than the first one")
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return Rows(dict(zip(names, columns, strict=True)))


def _checked(rows: Rows, browse: Browse, within: Range, office: str) -> Rows:
    _need(rows, YEAR, PERIOD)
    if not all(map(within.holds, set(rows.periods))):
        contradicts(f"{browse.name} gives rows of other periods than was asked for")
    _need(rows, *browse.fields)
    if browse.of_lines:
        _need(rows, *KEY)
        if set(rows.texts[OFFICE]) - {office}:
            contradicts(f"{browse.name} gives rows of another office than was asked for")
    return rows


def _need(rows: Rows, *names: str) -> None:
    for name in names:
        if name not in rows.texts:
            unknown(f"{name} is missing")


def _total(browse: etree._Element) -> str:
    """How many rows an answer says that it has."""
    if browse.get("result") != "1":
        refused("browse is refused")
    total = browse.get("total") or ""
    return total if total.isascii() and total.isdecimal() else unknown("browse tells no total")


def _flag(value: bool) -> str:  # noqa: FBT001 - what is written of it
    return "true" if value else "false"
