"""A stream that is looked through while it is read: what its bytes tell costs no pass of its own."""

import codecs
import io
import re
from typing import TYPE_CHECKING, BinaryIO

from monitr_pipelines.files.reading.controls import CONTROL
from monitr_pipelines.files.reading.encoding import (
    ASCII,
    CHUNK,
    UTF8_LETTERS,
    TextEncoding,
    cp1252,
    eight_bit,
    find_controls,
    first_not_utf8,
    given_encoding,
    marked_encoding,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# What CONTROL finds, as bytes; in 8-bit sets those above ASCII are letters, or not defined.
CONTROLS = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
CONTROLS_IN_UTF8 = re.compile(rb"\xc2[\x80-\x9f]").search
HEAD = 4096
UTF_8 = "utf-8"


class Examined(io.RawIOBase):
    """A seekable stream, each byte of which is taken for evidence the first time that it is read.

    Args:
        stream: What is read.
        given: The encoding that someone named, None to find it out.
        head: The first bytes; a first guess is made from them.

    Raises:
        NeedsAnswer: There is no such encoding, or the file seems to be of one that has to be named.
    """

    def __init__(self, stream: BinaryIO, given: str | None, head: bytes) -> None:
        super().__init__()
        self._stream = stream
        known = given_encoding(given) if given else marked_encoding(head[:HEAD])
        self._evidence = _Text(known) if known else _Bytes()
        self._examined = 0
        self.guess = known or _guess(head)

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The position in bytes."""
        return self._stream.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position in bytes."""
        return self._stream.seek(offset, whence)

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read up to as many bytes as fit."""
        target = memoryview(buffer).cast("B")
        start = self._stream.tell()
        read = self._stream.read(len(target))
        target[: len(read)] = read
        new = self._examined - start
        if 0 <= new < len(read):
            self._examined = start + len(read)
            self._evidence.add(read[new:])
        return len(read)

    def conclude(self) -> TextEncoding:
        """The encoding, all of the file being read: every byte of it is known to be readable text then.

        Raises:
            InconsistentData: It is not.
        """
        self.seek(self._examined)
        while self.read(CHUNK):
            pass
        encoding = self._evidence.encoding(self._stream)
        if self._evidence.doubtful:
            find_controls(self._stream, encoding)
        return encoding


class _Text:
    """What a file in a known encoding tells: whether it holds anything but text of it."""

    def __init__(self, known: TextEncoding) -> None:
        self._known = known
        self._decoder = codecs.getincrementaldecoder(known.name)("strict")
        self.doubtful = False

    def add(self, chunk: bytes) -> None:
        """Take some bytes into account, in the order of the file."""
        if self.doubtful:
            return
        try:
            self.doubtful = CONTROL.search(self._decoder.decode(chunk)) is not None
        except UnicodeError:
            self.doubtful = True

    def encoding(self, _stream: BinaryIO) -> TextEncoding:
        """The encoding."""
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeError:
            self.doubtful = True
        return self._known


class _Bytes:
    """What bytes tell of their encoding, which is UTF-8 or an 8-bit one."""

    def __init__(self) -> None:
        self.doubtful = False
        self._decoder = codecs.getincrementaldecoder(UTF_8)("strict")
        self.is_utf8 = True
        self._begun = False
        self.high: set[int] = set()
        self._mixed = False

    def add(self, chunk: bytes) -> None:
        """Take some bytes into account, in the order of the file."""
        ascii_alone = chunk.isascii()
        self.doubtful = (
            self.doubtful
            or len(chunk.translate(None, CONTROLS)) < len(chunk)
            or (not ascii_alone and CONTROLS_IN_UTF8(chunk) is not None)
        )
        if self.is_utf8 and (self._begun or not ascii_alone):
            self._decode(chunk)
        if not ascii_alone:
            self.high.update(chunk.translate(None, ASCII))
            self._mixed = self._mixed or UTF8_LETTERS.search(chunk) is not None

    def encoding(self, stream: BinaryIO) -> TextEncoding:
        """The encoding, or the question which it is; a stream that is not UTF-8 is read again up to there."""
        if self.is_utf8:
            self._decode(b"", final=True)
        fault = None if self.is_utf8 else first_not_utf8(stream)
        return eight_bit(self.high, fault, mixed=self._mixed) if fault else _utf8()

    def _decode(self, chunk: bytes, *, final: bool = False) -> None:
        try:
            self._decoder.decode(chunk, final=final)
        except UnicodeDecodeError:
            self.is_utf8 = False
        self._begun = bool(self._decoder.getstate()[0])


def _utf8() -> TextEncoding:
    return TextEncoding(UTF_8, "detected: all of it is valid")


def _guess(head: bytes) -> TextEncoding:
    """What the first bytes tell; where what follows tells another, the file is opened anew."""
    evidence = _Bytes()
    evidence.add(head)
    fault = None if evidence.is_utf8 else first_not_utf8(io.BytesIO(head))
    return cp1252(fault.line, evidence.high) if fault else _utf8()
