"""The cells of a sheet, row by row, as far as they are there: a gap of rows or columns costs nothing."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, NoReturn

from monitr_pipelines.files.reading.problems import BadValueError, refuse_file, shown
from monitr_pipelines.files.reading.records import LONGEST_RECORD, MOST_COLUMNS
from monitr_pipelines.files.reading.xml import DEEPEST, XmlReader, local
from monitr_pipelines.files.tables.typed import TypedDay, TypedNumber, TypedNumberFrom1904
from monitr_pipelines.files.xlsx import cells
from monitr_pipelines.files.xlsx.archive import refuse_damaged
from monitr_pipelines.files.xlsx.cells import LONGEST_CELL, MOST_ROWS, Days
from monitr_pipelines.files.xlsx.parts import DATE, PLAIN, YES, SheetPart, WorkbookParts
from monitr_pipelines.files.xlsx.strings import SharedStrings
from monitr_pipelines.ledger.sentences import sentence

LONGEST_NUMBER = 7
MOST_NAMES = 1_000


class Cell(NamedTuple):
    """A cell that is not empty: its column from 0 on, and its text or why it has none."""

    column: int
    text: str | BadValueError


class Row(NamedTuple):
    """A row with cells: its number from 1 on, and whether it is hidden, by hand or by a filter."""

    number: int
    cells: list[Cell]
    hidden: bool


class SheetReader(XmlReader[Row]):
    """Reads the XML of a sheet. Rows and cells come in their order, or the file is damaged."""

    def __init__(self, sheet: SheetPart, parts: WorkbookParts, strings: SharedStrings) -> None:
        super().__init__()
        self._sheet = sheet.name
        self._styles = parts.styles
        self._to_compute = parts.to_compute
        number = TypedNumberFrom1904 if parts.from_1904 else TypedNumber
        days = Days(from_1904=parts.from_1904)
        self._read_number = lambda text: number(cells.number_of(text))
        self._read_padded = lambda text, digits: number(_padded(cells.number_of(text), digits))
        self._read_date = lambda text: _day(days.text_of(text))
        self._readers: dict[str, Callable[[str], str]] = {
            "n": self._read_number,
            "d": lambda text: _day(cells.text_of(text)),
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
        self._formula = False
        self._has_value = False
        self._kind = "n"

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
                self._has_value = self._formula
                self.parser.CharacterDataHandler = self._take
        elif plain == "f":
            self._formula, self._has_value = True, False
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
        self._row = Row(number, [], attributes.get("hidden") in YES)
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
        if kind == "n" and (shows := self._shows(attributes.get("s"))) != PLAIN:
            read = self._read_date if shows == DATE else partial(self._read_padded, digits=shows)
        self._read = read
        self._pieces.clear()
        self._length = 0
        self._kind = kind

    def _end_cell(self) -> None:
        read, self._read = self._read, None
        if read is None or self._row is None:
            return
        if self._formula:
            self._formula = False
            if self._lacks_value():
                self._row.cells.append(Cell(self._column, self._without_value()))
                return
        if not self._pieces:
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

    def _lacks_value(self) -> bool:
        """Whether a formula stands alone, or with the 0 that some programs write before it is computed."""
        if not self._pieces:
            # A formula of text may well give none, and then says that it is text.
            return not (self._kind == "str" and self._has_value)
        return self._to_compute and self._pieces == ["0"]

    def _without_value(self) -> BadValueError:
        cell = f"{self._sheet}!{column_letters(self._column)}{self._number}"
        return BadValueError("formula_without_value", sentence("formula_without_value", cell=cell))

    def _shows(self, style: str | None) -> int:
        place = int(style) if style and style.isascii() and style.isdigit() and len(style) < 8 else 0
        return self._styles[place] if place < len(self._styles) else PLAIN

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


def _padded(number: str, digits: int) -> str:
    """A whole number with the zeros in front that its format shows."""
    return number.zfill(digits) if number.isdigit() else number


def _day(text: str) -> str:
    """A day as what it is; a time of day alone is none."""
    return TypedDay(text) if text[4:5] == "-" else text


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
