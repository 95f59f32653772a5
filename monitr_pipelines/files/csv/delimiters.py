"""Which character separates the fields of a text file: from its header, confirmed by its records."""

import csv
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import BinaryIO

from monitr_pipelines.files.reading.contract import ReadSettings
from monitr_pipelines.files.reading.problems import Question, ask, refuse_format
from monitr_pipelines.files.reading.records import LONGEST_RECORD, MOST_COLUMNS, text_lines
from monitr_pipelines.files.tables.header import header_place
from monitr_pipelines.files.tables.layout import columns_for, find_column, is_known, recognise
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.messages import Answer, Option

CANDIDATES = {";": "semicolon", ",": "comma", "\t": "tab", "|": "vertical bar"}
NAMES = {name: mark for mark, name in CANDIDATES.items()} | {"\\t": "\t", "pipe": "|"}
STATED = re.compile(r'"?sep=([;,\t|])"?', re.IGNORECASE)
SAMPLE_LINES = 200
SAMPLE_CHARACTERS = 200_000


@dataclass(frozen=True)
class _Split:
    """The sample as one delimiter splits it."""

    delimiter: str
    header: list[str]
    records: int
    alike: int
    recognised: bool
    skip: int
    above: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A delimiter and how it is known; `skip` lines with the cells `above` stand above the header."""

    delimiter: str
    how: str
    skip: int = 0
    above: tuple[str, ...] = ()


def given_delimiter(text: str) -> str:
    """The delimiter that someone wrote, or the question which is meant."""
    mark = NAMES.get(text.strip().lower(), text)
    if len(mark) != 1 or mark.isalnum() or mark in "\"'\r\n \\.":
        candidates = ("semicolon", "comma", "tab", "pipe")
        ask(Question("delimiter_unknown", {"value": text}, Answer(Option.DELIMITER, candidates)))
    return mark


def stated_delimiter(stream: BinaryIO, encoding: str) -> str | None:
    """The delimiter that a first line such as `sep=;` states, which Excel writes and understands."""
    with text_lines(stream, encoding) as lines:
        stated = STATED.fullmatch(lines.text.readline(LONGEST_RECORD).strip("\ufeff\r\n"))
    return stated.group(1) if stated else None


def below_titles(stream: BinaryIO, encoding: str, settings: ReadSettings, found: Found) -> Found:
    """The same delimiter, with the lines that stand above the header."""
    split = _split(_sample(stream, encoding)[found.skip :], found.delimiter, settings)
    if split is None or not split.skip:
        return found
    return replace(found, skip=found.skip + split.skip, above=split.above)


def find_delimiter(stream: BinaryIO, encoding: str, settings: ReadSettings) -> Found:
    """The delimiter and how it is known, or the question which it is."""
    sample = _sample(stream, encoding)
    splits = [split for mark in CANDIDATES if (split := _split(sample, mark, settings)) is not None]
    if not splits:
        refuse_format(sentence("seems_text"))
    best = [split for split in splits if split.recognised] or splits
    if len(best) > 1:
        best = [split for split in best if split.alike == split.records]
    if len(best) != 1:
        names = tuple(CANDIDATES[split.delimiter] for split in splits)
        marks = " ".join(split.delimiter.replace("\t", "Tab") for split in splits)
        ask(
            Question(
                "delimiter", {"names": ", ".join(names), "marks": marks}, Answer(Option.DELIMITER, names)
            )
        )
    found = best[0]
    how = f"detected: the header, and {found.alike} of {found.records} records looked at"
    return Found(found.delimiter, how, found.skip, found.above)


def _sample(stream: BinaryIO, encoding: str) -> list[str]:
    lines: list[str] = []
    size = 0
    with text_lines(stream, encoding) as bounded:
        for line in islice(iter(partial(bounded.text.readline, LONGEST_RECORD), ""), SAMPLE_LINES):
            size += len(line)
            lines.append(line)
            if size > min(SAMPLE_CHARACTERS, LONGEST_RECORD):
                break
    return lines


def _split(sample: list[str], mark: str, settings: ReadSettings) -> _Split | None:
    records: list[list[str]] = []
    starts: list[int] = []
    reader = csv.reader(sample, delimiter=mark)
    start = 0
    with suppress(csv.Error):
        for record in reader:
            if record:
                records.append(record)
                starts.append(start)
            start = reader.line_num
    below = header_place(records, settings)
    place = below or 0
    if len(records) <= place or len(records[place]) == 1:
        return None
    header, lines = records[place], records[place + 1 :]
    return _Split(
        delimiter=mark,
        header=header,
        records=len(lines),
        alike=sum(len(line) == len(header) for line in lines),
        recognised=below is not None or _recognised(header, settings),
        skip=starts[place],
        above=tuple(cell.strip() for record in records[:place] for cell in record if cell.strip()),
    )


def _recognised(header: list[str], settings: ReadSettings) -> bool:
    if len(header) > MOST_COLUMNS:
        return False
    columns = columns_for(header, settings, known=is_known(header))
    if not columns:
        return recognise(header, {}) is not None
    return all(find_column(header, theirs) is not None for theirs in columns.values())
