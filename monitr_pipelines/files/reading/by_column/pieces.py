"""Delimited text by the thousand lines: as columns where each line is a plain record, else as records."""

import csv
import io
from collections.abc import Generator, Iterator, Sequence
from typing import TypeAlias

from monitr_pipelines.files.reading.problems import Problems, QuietProblems
from monitr_pipelines.files.reading.records import (
    LONGEST_RECORD,
    BoundedLines,
    DelimitedText,
    Record,
    Text,
    text_lines,
)

# Characters, some thousand lines: what is made of them stays in the processor's cache.
PIECE = 1 << 16

Columns: TypeAlias = list[list[str]]


class UnusualError(Exception):
    """Lines that have to be looked at one by one."""


class Piece:
    """Some whole lines of a file, read either by column or by record."""

    def __init__(self, reading: "_Reading", text: str) -> None:
        self._reading = reading
        self._text = text
        self.by_record = False

    @property
    def plain(self) -> bool:
        """Whether no field has a backslash, a tab or an end of a line in it, where there are columns."""
        divided = self._reading.source.delimiter == "\t" and '"' not in self._text
        return "\\" not in self._text and (divided or "\t" not in self._text)

    def columns(self, headers: Sequence[str]) -> Columns | None:
        """Their fields by column, as many as the header has; None where a line is not such a record."""
        columns = _columns(self._text, self._reading.source)
        if columns and len(columns) == len(headers) + 1 and not any(map(str.strip, columns[-1])):
            columns.pop()
        elif columns and len(columns) == len(headers) - 1 and not headers[-1].strip():
            columns.append([""] * len(columns[0]))
        return columns if columns and len(columns) == len(headers) else None

    def records(self, problems: Problems) -> Generator[Record]:
        """The records that begin in them, as DelimitedText gives them; exhausted before the next piece."""
        self.by_record = True
        yield from self._reading.records(self._text, problems)


def pieces(source: DelimitedText) -> Iterator[Piece]:
    """A file piece by piece, behind its header, which is known to be readable."""
    with text_lines(source.stream, source.encoding) as lines:
        for _ in range(source.skip):
            lines.text.readline(LONGEST_RECORD)
        reading = _Reading(source, lines.text)
        reading.pass_header()
        while text := reading.take():
            piece = Piece(reading, text)
            yield piece
            if not piece.by_record:
                reading.line += text.count("\n")


class _Reading:
    """Where the reading of a file is: `line` is the number of the line that comes next."""

    def __init__(self, source: DelimitedText, text: Text) -> None:
        self.source = source
        self.line = 1 + source.skip
        self._text = text
        self._rest = ""
        self._ended = False

    def take(self) -> str:
        """The next whole lines, empty at the end; of a line that is too long no more than shows it."""
        while not self._ended:
            more = self._text.read(PIECE)
            self._ended = not more
            self._rest += more
            # A return at the end may be the first half of what ends a line.
            cut = max(self._rest.rfind("\n"), self._rest.rfind("\r", 0, -1)) + 1
            if not cut and len(self._rest) > LONGEST_RECORD:
                break
            if cut:
                taken, self._rest = self._rest[:cut], self._rest[cut:]
                return taken
        taken, self._rest = self._rest, ""
        return taken

    def pass_header(self) -> None:
        """Leave the first record behind."""
        lines = _Continued(self, self.take())
        next(self.source.records_in(BoundedLines(lines), QuietProblems(), self.line), None)
        self._go_on_behind(lines)

    def records(self, text: str, problems: Problems) -> Generator[Record]:
        """The records that begin in a text that was taken; the last one may end in what is taken next."""
        lines = _Continued(self, text)
        given_up = yield from self.source.records_in(BoundedLines(lines), problems, self.line, lines.passed)
        self._go_on_behind(lines)
        if given_up:
            self._ended, self._rest = True, ""

    def _go_on_behind(self, lines: "_Continued") -> None:
        self.line += lines.count
        self._rest = lines.read(-1) + self._rest


class _Continued:
    """The lines of a text, and of what follows it."""

    def __init__(self, reading: _Reading, text: str) -> None:
        self._reading = reading
        self._text = io.StringIO(text, newline="")
        self._size = len(text)
        self._behind = False
        self.count = 0

    def readline(self, size: int, /) -> str:
        """The next line."""
        line = self._text.readline(size)
        if not line:
            self._behind = True
            self._text = io.StringIO(self._reading.take(), newline="")
            line = self._text.readline(size)
        self.count += 1
        return line

    def read(self, size: int, /) -> str:
        """So many characters of the text at hand, or all."""
        return self._text.read(size)

    def passed(self) -> bool:
        """Whether the text itself was read."""
        return self._behind or self._text.tell() == self._size


def _columns(text: str, source: DelimitedText) -> Columns | None:
    """The fields of lines by column; None where these are not as many in each, or a line is no record."""
    end = "\r\n" if "\r" in text else "\n"
    text = text.removesuffix(end)
    if len(text) > csv.field_size_limit() and len(max(text.split("\n"), key=len)) > csv.field_size_limit():
        return None
    if source.quoted and '"' in text:
        return _quoted_columns(text.replace(end, "\n"), source.delimiter)
    # The end of each line becomes a field of its own: it stands in its column, or lines differ in width.
    width = text.partition("\n")[0].count(source.delimiter) + 1
    divided = text.replace(end, f"{source.delimiter}\n{source.delimiter}")
    fields = divided.split(source.delimiter)
    ends = fields[width :: width + 1]
    if "\r" in divided or not len(ends) == ends.count("\n") == divided.count("\n"):
        return None
    if len(fields) % (width + 1) != width:
        return None
    return [fields[place :: width + 1] for place in range(width)]


def _quoted_columns(text: str, delimiter: str) -> Columns | None:
    lines = text.split("\n")
    if "\r" in text:
        return None
    try:
        records = list(csv.reader(lines, delimiter=delimiter, strict=True))
        columns = list(map(list, zip(*records, strict=True)))
    except (csv.Error, ValueError):
        return None
    return columns if len(records) == len(lines) else None
