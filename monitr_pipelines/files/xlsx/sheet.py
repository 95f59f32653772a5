"""The cells of a sheet, row by row, as far as they are there: a gap of rows or columns costs nothing."""

from collections.abc import Callable
from typing import NamedTuple, NoReturn

from monitr_pipelines.files.reading.problems import BadValueError, refuse_file, shown
from monitr_pipelines.files.reading.records import LONGEST_RECORD, MOST_COLUMNS
from monitr_pipelines.files.reading.xml import DEEPEST, XmlReader, local
from monitr_pipelines.files.xlsx import cells
from monitr_pipelines.files.xlsx.archive import refuse_damaged
from monitr_pipelines.files.xlsx.cells import LONGEST_CELL, MOST_ROWS, Days
from monitr_pipelines.files.xlsx.parts import WorkbookParts
from monitr_pipelines.files.xlsx.strings import SharedStrings
from monitr_pipelines.ledger.sentences import sentence

LONGEST_NUMBER = 7
MOST_NAMES = 1_000


class Cell(NamedTuple):
    """A cell that is not empty: its column from 0 on, and its text or why it has none."""

    column: int
    text: str | BadValueError


class Row(NamedTuple):
    """A row with cells: its number from 1 on."""

    number: int
    cells: list[Cell]


class SheetReader(XmlReader[Row]):
    """Reads the XML of a sheet. Rows and cells come in their order, or the file is damaged."""

    def __init__(self, parts: WorkbookParts, strings: SharedStrings) -> None:
        super().__init__()
        self._date_styles = parts.date_styles
        self._read_date = Days(from_1904=parts.from_1904).text_of
        self._readers: dict[str, Callable[[str], str]] = {
            "n": cells.number_of,
            "s": lambda number: cells.text_of(strings.text(number.strip())),
            "b": cells.truth_of,
        }
        self._names: dict[str, str] = {}
        self._columns: dict[str, int] = {}
        self._row: Row | None = None
        self._number = 0
        self._column = -1
        self._row_length = 0
        self._read: Callable[[str], str] | None = None
        self._pieces: list[str] = []
        self._length = 0
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """The start of a row, a cell or its content; all else of a sheet is passed over."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse_depth()
        plain = self._names.get(name) or self._name(name)
        if plain == "c":
            self._start_cell(attributes)
        elif plain in {"v", "t"}:
            if self._read is not None and not self._aside:
                self.parser.CharacterDataHandler = self._take
        elif plain == "row":
            self._start_row(attributes)
        elif plain == "rPh":
            self._aside += 1

    def end(self, name: str) -> None:
        """The end of a row or a cell, which is then whole."""
        self.depth -= 1
        plain = self._names.get(name) or self._name(name)
        if plain == "c":
            self._end_cell()
        elif plain in {"v", "t"}:
            self.parser.CharacterDataHandler = None
        elif plain == "row":
            if self._row is not None and self._row.cells:
                self.found.append(self._row)
            self._row = None
        elif plain == "rPh":
            self._aside -= 1

    def _name(self, name: str) -> str:
        plain = local(name)
        if len(self._names) < MOST_NAMES:
            self._names[name] = plain
        return plain

    def _start_row(self, attributes: dict[str, str]) -> None:
        told = attributes.get("r")
        number = self._number + 1 if told is None else _row_number(told)
        if number <= self._number or self._row is not None:
            refuse_damaged(f"row {number} comes behind row {self._number}")
        self._row = Row(number, [])
        self._number = number
        self._column = -1
        self._row_length = 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        if self._row is None or self._read is not None:
            refuse_damaged("a cell stands where none can be")
        column = self._column + 1
        reference = attributes.get("r")
        if reference is not None:
            column = self._column_of(reference)
        if column <= self._column:
            refuse_damaged(f"in row {self._number} a cell comes twice, or not in its order")
        if column >= MOST_COLUMNS:
            _refuse_column(self._number, f"{column + 1:,}")
        self._column = column
        kind = attributes.get("t", "n")
        read = self._readers.get(kind, cells.text_of)
        if kind == "n" and self._is_date(attributes.get("s")):
            read = self._read_date
        self._read = read
        self._pieces.clear()
        self._length = 0

    def _end_cell(self) -> None:
        read, self._read = self._read, None
        if read is None or self._row is None or not self._pieces:
            return
        text: str | BadValueError
        try:
            text = read("".join(self._pieces))
            self._row_length += len(text)
        except BadValueError as error:
            text = error
        if self._row_length > LONGEST_RECORD:
            refuse_file("field_too_long", sentence("row_too_long", most=LONGEST_RECORD), line=self._number)
        if text:
            self._row.cells.append(Cell(self._column, text))

    def _is_date(self, style: str | None) -> bool:
        place = int(style) if style and style.isascii() and style.isdigit() and len(style) < 8 else 0
        return place < len(self._date_styles) and self._date_styles[place] == 1

    def _take(self, text: str) -> None:
        # One beyond the longest cell is enough to refuse it.
        if self._length <= LONGEST_CELL:
            self._pieces.append(text)
            self._length += len(text)

    def _column_of(self, reference: str) -> int:
        """The column of a reference such as B7, from 0 on; its row must be the one that it stands in."""
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = self._column_number(letters)
        if reference != f"{letters}{self._number}":
            refuse_damaged(f"a cell {shown(reference)} stands in row {self._number}")
        return column

    def _column_number(self, letters: str) -> int:
        if not (letters.isascii() and letters.isalpha()):
            refuse_damaged(f"a cell in row {self._number} is named {shown(letters)}")
        number = 0
        for letter in letters[:4].upper():
            number = number * 26 + ord(letter) - ord("A") + 1
        if number > MOST_COLUMNS:
            _refuse_column(self._number, shown(letters))
        return number - 1


def column_letters(column: int) -> str:
    """What Excel calls a column, from 0 on.

    >>> column_letters(0), column_letters(27), column_letters(16_383)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _row_number(told: str) -> int:
    number = int(told) if told.isascii() and told.isdigit() and len(told) <= LONGEST_NUMBER else 0
    if not 1 <= number <= MOST_ROWS:
        refuse_file(
            "row_impossible",
            sentence("row_impossible", row=shown(told), most=MOST_ROWS),
        )
    return number


def _refuse_column(row: int, told: str) -> NoReturn:
    refuse_file(
        "column_impossible",
        sentence("column_impossible", column=told, most=MOST_COLUMNS),
        line=row,
    )
