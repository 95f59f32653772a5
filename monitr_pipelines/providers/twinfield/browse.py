"""Browses: what is asked of one, and its rows by column.

A browse has no pages: it answers all rows at once, each with a cell for every column that is shown, and with
the key of the line that it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from xml.sax.saxutils import escape

from lxml import etree

from monitr_pipelines.ledger.columns import LINES
from monitr_pipelines.providers.plain_xml import is_well_formed, plain_text, unescaped
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
from monitr_pipelines.providers.twinfield.values import is_number

# The parts of a line's key, in the names of the elements that hold them.
OFFICE, CODE, NUMBER, LINE = KEY = ("office", "code", "number", "line")
REGIME = "fiscal"
TOTAL = re.compile(r'<browse (?:[^<>]*\s)?result="1" [^<>]*total="(\d{1,9})"[^<>]*>')
CELL = re.compile(r"<(td|office|code|number|line)((?: [^<>]*?)?)\s*(?:/>|>[^<]*</\1>)")
FIELD = re.compile(r' field="([^"]*)"').search
Column = Sequence[str]


@dataclass(frozen=True)
class Rows:
    """Rows by column, all as long as one another: texts by field, and by the part of the key."""

    texts: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.texts[YEAR])

    def parts(self) -> "Iterator[Rows]":
        """The same, as many at a time as a block has lines; nothing of no rows."""
        for start in range(0, len(self), LINES):
            yield Rows({name: texts[start : start + LINES] for name, texts in self.texts.items()})

    @cached_property
    def periods(self) -> list[str]:
        """The period of each row, as `periods` names them."""
        years, numbers = self.texts[YEAR], self.texts[PERIOD]
        return list(map(period_name, years, numbers))

    @cached_property
    def bookings(self) -> list[str]:
        """The transaction of each row: numbers are those of a daybook."""
        return list(map("{}-{}".format, self.texts[CODE], self.texts[NUMBER]))


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
    found = plain_rows(body) or parsed_rows(body)
    if found.total != len(found.rows):
        contradicts(f"{browse.name} has other rows than it says")
    names = found.names or [*browse.fields, *KEY]
    columns = zip(*found.rows, strict=True) if found.rows else [()] * len(names)
    return _checked(Rows(dict(zip(names, columns, strict=True))), browse, within, office)


class Found(NamedTuple):
    """Rows as they come: the names of their cells (none without rows), and how many there should be."""

    names: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: int


def plain_rows(body: bytes) -> Found | None:
    """The rows of an answer that are all written as the first one is, so that they are found as text.

    None where anything is unusual.
    """
    text = plain_text(body)
    if text is None:
        return None
    start, end = text.find("<tr>"), text.rfind("</tr>") + len("</tr>")
    cells = CELL.findall(text, start, text.find("</tr>", start)) if start >= 0 else []
    around = text[:start] + text[end:]
    total = TOTAL.findall(around)
    if not cells or len(total) != 1 or not is_well_formed(around):
        return None
    rows = _row_like(cells).findall(text, start, end)
    # Nothing else stands between them: a cell has two tags or is an empty one, a row and its key have four.
    tags = len(rows) * (2 * len(cells) + 4) - text.count("/>", start, end)
    if text.count("<", start, end) != tags or len(rows[0]) != len(cells):
        return None
    names = [found[1] if (found := FIELD(attributes)) else tag for tag, attributes in cells]
    return Found(names, unescaped(rows) if "&" in text else rows, int(total[0]))


def _row_like(cells: Sequence[tuple[str, str]]) -> re.Pattern[str]:
    """A row with such cells; those that are no `td` are its key."""
    written = [rf"<{tag}{re.escape(each)}\s*(?:/>|>([^<]*)</{tag}>)\s*" for tag, each in cells]
    shown = sum(1 for tag, _ in cells if tag == "td")
    key = rf"<key>\s*{''.join(written[shown:])}</key>"
    return re.compile(rf"<tr>\s*{''.join(written[:shown])}{key}\s*</tr>\s*")


def parsed_rows(body: bytes) -> Found:
    """The rows of an answer, whatever it is like.

    Raises:
        OurFault: Rows have different cells, or Twinfield refused to browse.
        ValueError: It is no answer of a service.
    """
    names: list[str] = []
    total: int | None = None
    rows: list[list[str]] = []
    name = ""
    for each in elements(body, "tr", "browse", ENVELOPE):
        name = local(each)
        if name == "browse":
            total = _total(each)
        if name == "tr":
            cells = _cells(each)
            names = names or [cell.get("field") or local(cell) for cell in cells]
            rows.append([cell.text or "" for cell in cells])
    if name != ENVELOPE:
        raise ValueError("the answer is no envelope")
    if total is None:
        unknown("browse is missing")
    if {len(row) for row in rows} - {len(names)}:
        unknown("rows have other cells than the first one")
    return Found(names, rows, total)


def _cells(row: etree._Element) -> list[etree._Element]:
    """The cells of a row, and behind them the parts of its key; sums may have none."""
    cells = list(row)
    return [*cells[:-1], *cells[-1]] if cells and local(cells[-1]) == "key" else cells


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


def _total(browse: etree._Element) -> int:
    """How many rows an answer says that it has."""
    if browse.get("result") != "1":
        refused("browse is refused")
    total = browse.get("total") or ""
    return int(total) if is_number(total) else unknown("browse tells no total")


def _flag(value: bool) -> str:  # noqa: FBT001 - what is written of it
    return "true" if value else "false"
