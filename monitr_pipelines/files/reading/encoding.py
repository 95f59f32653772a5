"""Which characters the bytes of a text file stand for: decided over the whole file, before it is read."""

import codecs
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from monitr_pipelines.files.reading.controls import ASCII_TEXT, CONTROL, FEWEST_BETWEEN, Controls, named
from monitr_pipelines.files.reading.problems import Problems, Question, ask
from monitr_pipelines.ledger.findings import SHOWN_FINDINGS
from monitr_pipelines.ledger.sentences import Sentence, sentence
from monitr_pipelines.lifecycle.messages import Answer, Option

CHUNK = 1 << 16
# Codecs of Python that are not character sets of files; unicode_escape would even run over backslashes.
NOT_FOR_FILES = frozenset({"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "utf-7"})
# Letters such as e acute, and the curly quotes, as UTF-8 writes them: next to bytes that are not UTF-8
# these mean that two files were pasted together.
UTF8_LETTERS = re.compile(rb"\xc3[\x80-\xbf]|\xe2\x80[\x80-\xbf]|\xe2\x82\xac")
UNDEFINED_IN_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")
ONLY_IN_CP1252 = frozenset(range(0x80, 0xA0))
# The euro sign, OE and oe: letters in ISO 8859-15, but an odd sign and fractions in cp1252.
LETTERS_OF_LATIN_9 = frozenset(b"\xa4\xbc\xbd\xbe")
ASCII = bytes(range(0x80))
UTF_16_SHARE = 4
GIVEN = "given"


@dataclass(frozen=True)
class TextEncoding:
    """An encoding and how it is known; `high_bytes` are those above ASCII of a file in an 8-bit set.

    `controls` are the control characters of the file, which stand in labels or make a value faulty.
    """

    name: str
    how: str
    high_bytes: frozenset[int] = frozenset()
    controls: Controls = field(default_factory=Controls, compare=False)

    def is_alike(self, other: "TextEncoding") -> bool:
        """Whether a file is read with either in the same way, and told so."""
        return all(
            (mine.name, mine.how) == (theirs.name, theirs.how)
            for mine, theirs in ((self, other), (self.for_france(), other.for_france()))
        )

    def for_france(self) -> "TextEncoding":
        """The same, but ISO 8859-15 where the bytes speak for it: the FEC's law allows that set."""
        if self.high_bytes & LETTERS_OF_LATIN_9 and not self.high_bytes & ONLY_IN_CP1252:
            how = "detected: it has bytes that are letters only in that set"
            return replace(self, name="iso-8859-15", how=how, high_bytes=frozenset())
        return self


def given_encoding(name: str) -> TextEncoding:
    """The encoding that someone named, or the question which is meant."""
    try:
        found = codecs.lookup(name)
    except LookupError:
        found = None
    if (
        found is None
        or found.name.replace("_", "-") in NOT_FOR_FILES
        or not getattr(found, "_is_text_encoding", True)
    ):
        ask(Question("encoding_unknown", {"value": name}, Answer(Option.ENCODING)))
    # The same decoder, but a byte order mark is left out if there is one.
    return TextEncoding("utf-8-sig" if found.name == "utf-8" else found.name, GIVEN)


def marked_encoding(head: bytes) -> TextEncoding | None:
    """The encoding that the first bytes of a file state, None where they state none."""
    if head.startswith(codecs.BOM_UTF8):
        return TextEncoding("utf-8-sig", "detected: byte order mark")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return TextEncoding("utf-16", "detected: byte order mark")
    for name, part in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if part.count(0) * UTF_16_SHARE > len(head):
            ask(Question("utf_16", {"encoding": name}, Answer(Option.ENCODING, (name,))))
    return None


def first_not_utf8(stream: BinaryIO) -> "UndecodableError | None":
    """Where a file stops being UTF-8, None where all of it is."""
    try:
        for _ in _texts(stream, "utf-8"):
            pass
    except UndecodableError as error:
        return error
    return None


def high_bytes(stream: BinaryIO) -> frozenset[int]:
    """The bytes of a file that ASCII does not have."""
    seen: set[int] = set()
    for chunk in _chunks(stream):
        seen.update(chunk.translate(None, ASCII))
    return frozenset(seen)


def eight_bit_of(stream: BinaryIO, fault: "UndecodableError") -> TextEncoding:
    """The encoding of a file that is not UTF-8, or the question which it is."""
    mixed = any(UTF8_LETTERS.search(chunk) for chunk in _chunks(stream))
    return eight_bit(high_bytes(stream), fault, mixed=mixed)


def eight_bit(high: AbstractSet[int], fault: "UndecodableError", *, mixed: bool) -> TextEncoding:
    """The encoding of a file that is not UTF-8, by its bytes above ASCII, or the question which it is.

    `mixed`: some of these are letters as UTF-8 writes them.
    """
    line = fault.line
    if fault.at_end:
        ask(Question("cut_off", {"line": line}, Answer(Option.ENCODING)))
    if mixed:
        ask(Question("mixed_encodings", {"line": line}, Answer(Option.ENCODING)))
    undefined = sorted(high & UNDEFINED_IN_CP1252)
    if undefined:
        ask(Question("encoding", {"line": line, "byte": f"0x{undefined[0]:02X}"}, Answer(Option.ENCODING)))
    return cp1252(line, high)


def cp1252(line: int, high: AbstractSet[int]) -> TextEncoding:
    """The 8-bit set that files are in when a line is not UTF-8."""
    return TextEncoding("cp1252", f"detected: line {line} is not UTF-8", frozenset(high))


def find_controls(stream: BinaryIO, encoding: TextEncoding) -> None:
    """Count the control characters; refuse a file that has NUL bytes, or so many that it is no text."""
    problems = Problems([])
    answers: tuple[Answer, ...] = ()
    first: list[tuple[int, str]] = []
    length = 0
    try:
        for line, text in _texts(stream, encoding.name):
            length += len(text)
            for found in CONTROL.finditer(text):
                where = line + line_ends(text[: found.start()])
                encoding.controls.add(where)
                if len(first) < SHOWN_FINDINGS:
                    first.append((where, found.group()))
                if found.group() == "\0" or (encoding.how == GIVEN and found.group() > ASCII_TEXT):
                    _add_control(problems, where, found.group())
                    answers = (Answer(Option.ENCODING),) if found.group() > ASCII_TEXT else answers
    except UndecodableError as error:
        problems.add("not_decodable", error.message, line=error.line)
        answers = (Answer(Option.ENCODING),)
    if not problems.errors and encoding.controls.count * FEWEST_BETWEEN > length:
        for line, character in first:
            _add_control(problems, line, character)
    problems.refuse_if_any(*answers)


def _add_control(problems: Problems, line: int, character: str) -> None:
    problems.add("control_character", sentence("control_character", what=named(character)), line=line)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while chunk := stream.read(CHUNK):
        yield chunk


class UndecodableError(Exception):
    """Bytes that an encoding does not have: in which line, and whether the file just ends too early."""

    def __init__(self, line: int, message: Sentence, *, at_end: bool) -> None:
        super().__init__(message)
        self.line = line
        self.at_end = at_end
        self.message = message


def _texts(stream: BinaryIO, encoding: str) -> Iterator[tuple[int, str]]:
    """Each chunk as text with the number of the line it starts in."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line = 1
    after_return = False
    chunks = _chunks(stream)
    while True:
        chunk = next(chunks, b"")
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            raise undecodable(error, encoding, line) from None
        if text:
            yield line, text
            line += line_ends(text) - (after_return and text[0] == "\n")
            after_return = text[-1] == "\r"
        if not chunk:
            return


def undecodable(error: UnicodeError, encoding: str, line: int) -> UndecodableError:
    """Where a chunk that starts in a line could not be decoded."""
    message = sentence("not_decodable", encoding=encoding)
    at_end = False
    if isinstance(error, UnicodeDecodeError):
        line += line_ends(error.object[: error.start].decode(encoding, "ignore"))
        message = sentence("byte_not_decodable", byte=f"0x{error.object[error.start]:02X}", encoding=encoding)
        at_end = error.reason == "unexpected end of data"
    return UndecodableError(line, message, at_end=at_end)


def line_ends(text: str) -> int:
    """How many line ends a text has, of whatever kind."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")
