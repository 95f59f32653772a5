"""The characters of an XML file: the encoding that it declares is not always the one that it has.

A declaration is believed until the bytes contradict it. Control characters, which XML forbids and programs
write all the same, become one that XML allows, so that a reader can tell where they stood.
"""

import re
from dataclasses import dataclass
from typing import BinaryIO

from monitr_pipelines.files.reading.encoding import (
    ONLY_IN_CP1252,
    UNDEFINED_IN_CP1252,
    eight_bit_of,
    first_not_utf8,
    given_encoding,
    high_bytes,
)
from monitr_pipelines.files.reading.problems import Problems
from monitr_pipelines.files.reading.xml import Readable
from monitr_pipelines.ledger.sentences import sentence

HEAD = 4_096
DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._:-]*)""")
UTF_8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
LATIN_1 = frozenset({"iso-8859-1", "latin-1", "latin1", "iso8859-1"})
# DEL is a control character, and the only one below U+0080 that XML allows.
MARK = "\x7f"
_FORBIDDEN = bytes(code for code in range(1, 0x20) if code not in b"\t\n\r")
_TO_MARK = bytes.maketrans(_FORBIDDEN, MARK.encode() * len(_FORBIDDEN))
_REFERENCE = re.compile(
    rb"&#(?:x0*(?:[1-8bcef]|1[0-9a-f]|7f)|0*(?:[1-8]|1[124-9]|2\d|3[01]|127));", re.IGNORECASE
)
LONGEST_REFERENCE = 16


@dataclass(frozen=True)
class XmlCharacters:
    """How the bytes of an XML file are read: `encoding` is None where the parser may believe the file."""

    stream: BinaryIO
    declared: str
    encoding: str | None = None
    how: str = "declared"
    untrue: bool = False

    @property
    def told(self) -> str:
        """The encoding and how it is known."""
        return f"{self.encoding or self.declared or 'utf-8'} ({self.how})"

    def open(self) -> Readable:
        """The bytes from the start, control characters marked."""
        self.stream.seek(0)
        start = self.stream.read(4)
        self.stream.seek(0)
        # In UTF-16 the bytes of letters are those of control characters; its text is left as it is.
        wide = b"\0" in start or start.startswith((b"\xff\xfe", b"\xfe\xff"))
        return self.stream if wide else _Marked(self.stream)

    def tell(self, problems: Problems) -> None:
        """Say that the file is not what it declares, where that is so."""
        if self.untrue:
            told = sentence(
                "encoding_untrue", stated=self.declared or "utf-8", found=self.encoding or "utf-8"
            )
            problems.warn("encoding_untrue", told, line=1)


def find_characters(stream: BinaryIO, given: str | None) -> XmlCharacters:
    """How a file is read: as was said, or else as it declares, or else as its bytes show.

    Raises:
        NeedsAnswer: The bytes contradict the declaration and show nothing else.
    """
    stream.seek(0)
    head = stream.read(HEAD)
    found = DECLARED.search(head)
    declared = found.group(1).decode().lower() if found else ""
    if given:
        name = given_encoding(given).name
        return XmlCharacters(stream, declared, "utf-8" if name == "utf-8-sig" else name, "given")
    if b"\0" in head[:4] or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return XmlCharacters(stream, declared)
    # Programs that build the text in memory declare UTF-16, whatever they write it in.
    if declared in UTF_8 or declared.startswith("utf-16"):
        return _as_utf_8(stream, declared)
    high = high_bytes(stream)
    if high and first_not_utf8(stream) is None:
        return XmlCharacters(stream, declared, "utf-8", "detected: all of it is valid", untrue=True)
    if declared in LATIN_1 and high & ONLY_IN_CP1252 and not high & UNDEFINED_IN_CP1252:
        return XmlCharacters(stream, declared, "cp1252", "detected: it has letters of that set", untrue=True)
    return XmlCharacters(stream, declared)


def _as_utf_8(stream: BinaryIO, declared: str) -> XmlCharacters:
    fault = first_not_utf8(stream)
    if fault is None:
        untrue = declared.startswith("utf-16")
        return XmlCharacters(stream, declared, "utf-8", "detected: all of it is valid", untrue=untrue)
    if fault.at_end:
        # A file that is cut off is told so by the parser.
        return XmlCharacters(stream, declared)
    found = eight_bit_of(stream, fault)
    return XmlCharacters(stream, declared, found.name, found.how, untrue=True)


class _Marked:
    """Bytes of a character set that has ASCII in it, each control character but NUL as the mark."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """The next bytes; a reference that may go on in the next ones is kept for those."""
        chunk = self._stream.read(size)
        whole = (self._rest + chunk).translate(_TO_MARK)
        self._rest = b""
        if chunk:
            begun = whole.rfind(b"&", max(len(whole) - LONGEST_REFERENCE, 1))
            if begun != -1 and b";" not in whole[begun:]:
                whole, self._rest = whole[:begun], whole[begun:]
        return _REFERENCE.sub(MARK.encode(), whole) if b"&#" in whole else whole
