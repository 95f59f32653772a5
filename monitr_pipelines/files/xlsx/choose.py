"""Which sheets of a workbook hold its ledger: by their headers, or as the user says.

One sheet of ledger lines among others is the ledger, wherever it stands. Several may be its months, of which
none may be left out, or copies, of which one may be read: only the user knows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn

from monitr_pipelines.files.reading.contract import ReadSettings
from monitr_pipelines.files.reading.headers import listed, plain_name
from monitr_pipelines.files.reading.problems import NeedsAnswer, Question, ask
from monitr_pipelines.files.reading.records import Record
from monitr_pipelines.files.tables.header import HEADER_ROWS, header_place
from monitr_pipelines.files.xlsx.parts import SheetPart
from monitr_pipelines.lifecycle.messages import Answer, Option

# Neither can be part of the name of a sheet.
ALL = "*"
BETWEEN = "/"
MOST_CANDIDATES = 50
LONGEST_CANDIDATE = 200

Header = tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """A sheet that is not empty: its header, the rows up to there, and whether ledger lines stand below.

    `above` are the cells above the header, which programs repeat on every page.
    """

    part: SheetPart
    header: Header
    skip: int
    has_lines: bool
    above: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its name, and that it is hidden."""
        return f"{self.part.name} (hidden)" if self.part.hidden else self.part.name


@dataclass(frozen=True)
class Chosen:
    """The sheets that are read, and those that are not, the empty ones left out."""

    sheets: Sequence[Candidate]
    left: Sequence[Candidate]


def choose(samples: Iterable[tuple[SheetPart, Iterator[Record]]], settings: ReadSettings) -> Chosen:
    """The sheets to read, or the question which they are."""
    every: list[SheetPart] = []
    filled: list[Candidate] = []
    for part, rows in samples:
        every.append(part)
        if candidate := _candidate(part, rows, settings):
            filled.append(candidate)
    if not filled:
        filled = [Candidate(every[0], (), 0, has_lines=False)]
    sheets = _said(settings, filled) or _found(filled)
    return Chosen(sheets, [sheet for sheet in filled if sheet not in sheets])


def _candidate(part: SheetPart, rows: Iterator[Record], settings: ReadSettings) -> Candidate | None:
    """A sheet by the first of its rows that is the header of a ledger, or by its first row; None if empty."""
    sample = list(islice(rows, HEADER_ROWS))
    if not sample:
        return None
    below = header_place((row for _, row in sample), settings)
    number, header = sample[below or 0]
    above = tuple(cell.strip() for _, row in sample[: below or 0] for cell in row if cell.strip())
    return Candidate(part, _plain(header), number, has_lines=below is not None, above=above)


def _plain(row: Sequence[str]) -> Header:
    names = [plain_name(name) for name in row]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _given(said: str, filled: Sequence[Candidate]) -> Sequence[Candidate]:
    """What the user chose, in the order of the workbook."""
    if said == ALL:
        ledger = _ledger(filled)
        if len({sheet.header for sheet in ledger}) == 1:
            return ledger
        _ask_which(ledger)
    names = said.split(BETWEEN)
    chosen = [sheet for sheet in filled if sheet.part.name in names]
    if len(chosen) != len(set(names)):
        known = _names(filled)
        ask(Question("sheet_unknown", {"value": said, "sheets": known}, _answer(filled)))
    if len({sheet.header for sheet in chosen}) > 1:
        _ask_which(chosen)
    return chosen


def _said(settings: ReadSettings, filled: Sequence[Candidate]) -> Sequence[Candidate]:
    return _given(settings.sheet, filled) if settings.sheet else _saved(settings, filled)


def _saved(settings: ReadSettings, filled: Sequence[Candidate]) -> Sequence[Candidate]:
    """What was chosen of an earlier workbook of this kind; nothing where a sheet of it is hidden now.

    Another sheet of the same header is another part of the ledger, or a copy: it is asked again.
    """
    saved = settings.saved_sheet
    if saved is None:
        return ()
    names = {sheet.part.name for sheet in _ledger(filled)} if saved.said == ALL else saved.said.split(BETWEEN)
    sheets = [sheet for sheet in filled if sheet.part.name in names]
    header = _plain(saved.headers)
    alike = all(sheet.header == header and not sheet.part.hidden for sheet in sheets)
    if not alike or len(sheets) != len(set(names)):
        return ()
    same = [sheet for sheet in filled if sheet.header == header]
    further = [sheet for sheet in same if sheet not in sheets and not sheet.part.hidden]
    if further and not settings.read_before:
        _ask_which(same, before=saved.said)
    return sheets


def _found(filled: Sequence[Candidate]) -> Sequence[Candidate]:
    ledger = _ledger(filled)
    if len(ledger) > 1:
        _ask_which(ledger)
    in_sight = [sheet for sheet in filled if not sheet.part.hidden]
    if ledger[0].part.hidden and in_sight:
        _ask_which([*in_sight, *ledger])
    return ledger


def _ledger(filled: Sequence[Candidate]) -> Sequence[Candidate]:
    """The sheets of ledger lines; where none is known to be one, those like the first that is shown."""
    ledger = [sheet for sheet in filled if sheet.has_lines]
    if ledger:
        return ledger
    first = next((sheet for sheet in filled if not sheet.part.hidden), filled[0])
    return [sheet for sheet in filled if sheet.header == first.header]


def _ask_which(sheets: Sequence[Candidate], before: str = "") -> NoReturn:
    """Ask which of them are read; `before` is what was chosen of an earlier workbook, and is proposed."""
    try:
        _ask(sheets, _answer(sheets, before))
    except NeedsAnswer as question:
        question.proposed_sheet = before
        raise


def _ask(sheets: Sequence[Candidate], answer: Answer) -> NoReturn:
    names, hidden = _names(sheets), [sheet for sheet in sheets if sheet.part.hidden]
    if len({sheet.header for sheet in sheets}) > 1:
        ask(Question("sheets_differ", {"sheets": names}, answer))
    if hidden:
        told = _names(hidden)
        ask(Question("sheets_hidden", {"sheets": names, "hidden": told}, answer))
    ask(Question("sheets", {"count": len(sheets), "sheets": names}, answer))


def _names(sheets: Iterable[Candidate]) -> str:
    return listed(sheet.part.name for sheet in sheets)


def _answer(sheets: Sequence[Candidate], before: str = "") -> Answer:
    """What was chosen before, all where they have one header, those shown, those of one header, and each."""
    by_header: dict[Header, list[Candidate]] = {}
    for sheet in sheets:
        by_header.setdefault(sheet.header, []).append(sheet)
    together = [ALL] if len(by_header) == 1 and len(sheets) > 1 else []
    for group in by_header.values():
        shown = [sheet.part.name for sheet in group if not sheet.part.hidden]
        if 1 < len(shown) < len(sheets):
            together.append(BETWEEN.join(shown))
    each = [sheet.part.name for sheet in sheets]
    candidates = [name for name in [before, *together, *each] if 0 < len(name) <= LONGEST_CANDIDATE]
    return Answer(Option.SHEET, tuple(dict.fromkeys(candidates[:MOST_CANDIDATES])))
