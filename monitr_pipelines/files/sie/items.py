"""The items of a SIE file: one a line, a label and its fields, in one of the sets that programs write.

The format prescribes PC8 (code page 437). Many programs write Windows text or UTF-8 and say PC8 all the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, NamedTuple

from monitr_pipelines.files.reading.controls import BLANK, CONTROL, named
from monitr_pipelines.files.reading.encoding import (
    GIVEN,
    TextEncoding,
    find_controls,
    first_not_utf8,
    given_encoding,
    high_bytes,
)
from monitr_pipelines.files.reading.problems import Problems
from monitr_pipelines.files.reading.records import LONGEST_RECORD, text_lines
from monitr_pipelines.ledger.sentences import sentence

PC8, WINDOWS, UTF_8 = "cp437", "cp1252", "utf-8-sig"
CHUNK = 1 << 20
# The letters of Swedish texts outside ASCII, as either set writes them.
_LETTERS = "åäöÅÄÖé"
_OBJECTS = re.compile(r"\{([^}]*)\}")
_FIELD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\{[^}]*\})|([^\s{}"]+)')
# The fields that are labels, by their places after the label of the item; the others are codes.
_LABELS = {
    "ADRESS": (0, 1, 2, 3), "DIM": (1,), "FNAMN": (0,), "GEN": (1,), "KONTO": (1,), "OBJEKT": (2,),
    "PROGRAM": (0, 1), "PROSA": (0,), "RTRANS": (4, 6), "TRANS": (4, 6), "UNDERDIM": (1,), "VER": (3, 5),
}  # fmt: skip


class Item(NamedTuple):
    """One item; `label` is without its #, `{` and `}` are items of their own."""

    line: int
    label: str
    fields: list[str]

    def field(self, place: int) -> str:
        """The field at a place, empty where the item has fewer."""
        return self.fields[place] if place < len(self.fields) else ""


@dataclass(frozen=True)
class SieText:
    """A SIE file and the set that it is written in; `untrue` when that is not PC8, which it must say."""

    stream: BinaryIO
    encoding: TextEncoding
    untrue: bool = False

    def tell(self, problems: Problems) -> None:
        """Say which characters were not as they should be."""
        if self.untrue:
            told = sentence("encoding_untrue", stated="PC8 (cp437)", found=self.encoding.name)
            problems.warn("encoding_untrue", told, line=1)
        self.encoding.controls.tell(problems)

    def items(self, problems: Problems) -> Iterator[Item]:
        """The items from the start; those with a control character in a code are problems."""
        has_controls = self.encoding.controls.count > 0
        with text_lines(self.stream, self.encoding.name) as lines:
            number = 0
            while text := lines.text.readline(LONGEST_RECORD + 1):
                number += 1
                if len(text) > LONGEST_RECORD:
                    problems.add(
                        "field_too_long", sentence("line_too_long", most=LONGEST_RECORD), line=number
                    )
                    return
                item = _item(number, text.strip(" \t\r\n\ufeff"))
                if item is not None and has_controls:
                    _clean(item, problems)
                if item is not None:
                    yield item


def sie_text(stream: BinaryIO, given: str | None) -> SieText:
    """A SIE file in the set that was given, or else the one that its letters are of.

    Raises:
        InconsistentData: It holds what no text has.
    """
    if given:
        return SieText(stream, _found(stream, given, GIVEN))
    if high_bytes(stream) and first_not_utf8(stream) is None:
        return SieText(stream, _found(stream, UTF_8, "detected: all of it is valid"), untrue=True)
    pc8, windows = _counted(stream, PC8), _counted(stream, WINDOWS)
    if windows > pc8:
        return SieText(stream, _found(stream, WINDOWS, "detected: its letters are of that set"), untrue=True)
    return SieText(stream, _found(stream, PC8, "PC8, the format's own"))


def objects_of(field: str) -> list[str]:
    """The dimensions and objects of an object list, one after the other."""
    found = _OBJECTS.fullmatch(field)
    return _fields(found.group(1)) if found else []


def _found(stream: BinaryIO, name: str, how: str) -> TextEncoding:
    encoding = given_encoding(name)
    find_controls(stream, encoding)
    return replace(encoding, how=how)


def _counted(stream: BinaryIO, encoding: str) -> int:
    stream.seek(0)
    letters = _LETTERS.encode(encoding)
    count = 0
    while chunk := stream.read(CHUNK):
        count += len(chunk) - len(chunk.translate(None, letters))
    return count


def _item(number: int, text: str) -> Item | None:
    if text.startswith("#"):
        label, _, rest = text[1:].replace("\t", " ").partition(" ")
        return Item(number, label.upper(), _fields(rest))
    return Item(number, text, []) if text in {"{", "}"} else None


def _fields(text: str) -> list[str]:
    return [
        quoted.replace('\\"', '"') if quoted else objects or bare
        for quoted, objects, bare in _FIELD.findall(text)
    ]


def _clean(item: Item, problems: Problems) -> None:
    for place, field in enumerate(item.fields):
        if found := CONTROL.search(field):
            if place not in _LABELS.get(item.label, ()):
                told = sentence("control_character", what=named(found.group()))
                problems.add("control_character", told, line=item.line, column=f"#{item.label}")
            item.fields[place] = CONTROL.sub(BLANK, field)
