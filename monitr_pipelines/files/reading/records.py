"""Delimited text as records: streamed, in bounded memory, each with the line that it starts in."""

import csv
import io
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO, Protocol, TypeAlias

from monitr_pipelines.files.reading.problems import Problems, refuse_file
from monitr_pipelines.ledger.sentences import Sentence, sentence

# Fields beyond the csv module's own limit (131,072 characters) are refused by that module; this one
# holds even when another part of the process has raised that limit.
LONGEST_RECORD = 1_000_000
# As many as a spreadsheet has; each name is compared with many.
MOST_COLUMNS = 16_384

Record: TypeAlias = tuple[int, list[str]]


class RecordSource(Protocol):
    """Records of fields, the header being the first; can be read again and again."""

    def records(self, problems: Problems) -> Generator[Record]:
        """The records, each with its line number; unreadable ones become problems."""


class _TooLongError(Exception):
    pass


@contextmanager
def text_lines(stream: BinaryIO, encoding: str) -> Iterator["BoundedLines"]:
    """The lines of the file from its start; the stream stays open afterwards."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding, newline="")
    try:
        yield BoundedLines(text)
    finally:
        # A reader that was given up part-way may be ended after its file was closed.
        with suppress(ValueError):
            text.detach()


class Text(Protocol):
    """Text that is read line by line."""

    def readline(self, size: int, /) -> str:
        """The next line, or so many characters of it; empty at the end."""

    def read(self, size: int, /) -> str:
        """So many characters, fewer at the end."""


class BoundedLines:
    """Lines of text, refused when a record (which may be several lines) grows beyond all reason."""

    def __init__(self, text: "Text") -> None:
        self.text = text
        self.in_record = 0

    def __iter__(self) -> Iterator[str]:
        readline = self.text.readline
        while line := readline(LONGEST_RECORD + 1):
            self.in_record += len(line)
            if self.in_record > LONGEST_RECORD:
                raise _TooLongError
            yield line


@dataclass(frozen=True)
class DelimitedText:
    """A stream of delimited text; without `quoted`, quotes are characters like any other.

    `skip` lines before the header say something else, such as the `sep=;` that Excel understands.
    """

    stream: BinaryIO
    encoding: str
    delimiter: str
    quoted: bool = True
    skip: int = 0

    def records(self, problems: Problems) -> Generator[Record]:
        """The records of the file from its start; empty lines are left out."""
        with text_lines(self.stream, self.encoding) as lines:
            for _ in range(self.skip):
                lines.text.readline(LONGEST_RECORD)
            yield from self.records_in(lines, problems, 1 + self.skip)

    def records_in(
        self,
        lines: "BoundedLines",
        problems: Problems,
        start: int,
        ended: Callable[[], bool] = lambda: False,
    ) -> Generator[Record, None, bool]:
        """The records in lines, the first one number `start`, until it has `ended` between two of them.

        Returns whether it was given up, because nothing behind a line that is too long can be read.
        """
        before = start - 1
        reader = csv.reader(
            lines,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            strict=True,
        )
        while True:
            try:
                for record in reader:
                    if record:
                        yield start, record
                    start = reader.line_num + 1 + before
                    lines.in_record = 0
                    if ended():
                        return False
            except csv.Error as error:
                code, message = _explained(str(error))
                problems.add(code, message, line=start)
                start = reader.line_num + 1 + before
                lines.in_record = 0
            except _TooLongError:
                problems.add("field_too_long", _too_long(), line=start)
                return True
            else:
                return False


class Counted:
    """Records, and how many there were so far, with so many that stand before them."""

    def __init__(self, records: Iterable[Record], before: int = 0) -> None:
        self._records = records
        self.count = before

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            self.count += 1
            yield record


def header_of(source: RecordSource) -> Record:
    """The first record; a file without any is refused."""
    problems = Problems([])
    with closing(source.records(problems)) as records:
        header = next(records, None)
    problems.refuse_if_any()
    if header is None:
        refuse_file("empty_file", sentence("empty_file"), line=1)
    line, names = header
    if len(names) > MOST_COLUMNS:
        told = sentence("too_many_columns", columns=len(names), most=MOST_COLUMNS)
        refuse_file("too_many_columns", told, line=line)
    return line, [names[0].lstrip("\ufeff"), *names[1:]]


def fit(record: list[str], headers: Sequence[str]) -> bool:
    """Whether a record is as wide as the header, after evening out a delimiter at the end of lines."""
    missing = len(headers) - len(record)
    if missing == 1 and not headers[-1].strip():
        record.append("")
    elif missing == -1 and not record[-1].strip():
        record.pop()
    return len(record) == len(headers)


def misfit(record: list[str], width: int) -> Sentence:
    """What is wrong with a record that is not as wide as the header."""
    others = [mark for mark in ";,\t|" if len(record) == 1 and record[0].count(mark) == width - 1]
    if others:
        return sentence("other_delimiter", width=width, mark=repr(others[0]))
    kind = "one_field" if len(record) == 1 else "field_count"
    return sentence(kind, fields=len(record), width=width)


def _explained(error: str) -> tuple[str, Sentence]:
    if "field limit" in error:
        return "field_too_long", _too_long()
    if "unexpected end" in error:
        return "quote_not_closed", sentence("quote_not_closed")
    return "quote_misplaced", sentence("quote_misplaced")


def _too_long() -> Sentence:
    return sentence("field_too_long", field=csv.field_size_limit(), record=LONGEST_RECORD)
