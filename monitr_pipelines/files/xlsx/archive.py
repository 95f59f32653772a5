"""A workbook as the ZIP archive it is: what it claims is checked before any of it is unpacked."""

import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NoReturn, TypeVar, cast

from monitr_pipelines.files.reading.problems import refuse_file, refuse_format, shown
from monitr_pipelines.files.reading.xml import XmlReader, read_xml
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.ledger.wording import cut

LARGEST_UNPACKED = 500_000_000
LARGEST_RATIO = 200
SMALL = 1_000_000
# The list of parts is held: this is room for some 40,000 of them.
LARGEST_DIRECTORY = 4_000_000
WORKBOOK = "xl/workbook.xml"
LONGEST_REASON = 300
# Other ways to pack may ask for any amount of memory to unpack.
PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError)

Found = TypeVar("Found")


class Archive:
    """An archive that is a workbook and unpacks to no more than a ledger would; others are refused."""

    def __init__(self, stream: BinaryIO) -> None:
        stream.seek(0)
        try:
            self._zip = zipfile.ZipFile(cast("BinaryIO", _SmallReads(stream)))
        except (*DAMAGED, ValueError, NotImplementedError, OSError) as error:
            refuse_damaged(str(error))
        self._check_members()

    def has(self, name: str) -> bool:
        """Whether there is a part of this name."""
        return name in self._zip.NameToInfo

    def read(self, name: str, reader: XmlReader[Found]) -> Generator[Found]:
        """What a reader keeps of a part; one that is missing or faulty refuses the file."""
        if not self.has(name):
            refuse_damaged(f"it lacks the part {shown(name)}")

        def refuse(why: str, line: int) -> NoReturn:
            refuse_damaged(f"{name}: {why} (line {line})")

        with _damage_refused(), self._zip.open(name) as part:
            yield from read_xml(cast("BinaryIO", part), reader, refuse)

    def _check_members(self) -> None:
        members = self._zip.infolist()
        if not self.has(WORKBOOK):
            other = self.has("xl/workbook.bin")
            refuse_format(sentence("seems_xlsb" if other else "seems_zip"))
        if any(member.compress_type not in PACKED for member in members):
            refuse_damaged("its parts are packed in a way that Excel does not use")
        unpacked = sum(member.file_size for member in members)
        packed = sum(member.compress_size for member in members)
        if unpacked > LARGEST_UNPACKED or (unpacked > SMALL and unpacked > packed * LARGEST_RATIO):
            refuse_file("workbook_too_large", sentence("unpacks_to", packed=packed, unpacked=unpacked))


def refuse_damaged(why: str) -> NoReturn:
    """Refuse a workbook that no reader could make sense of."""
    told = cut(why, LONGEST_REASON)
    refuse_file("workbook_damaged", sentence("workbook_damaged", why=told))


@contextmanager
def _damage_refused() -> Iterator[None]:
    try:
        yield
    except (*DAMAGED, NotImplementedError, RuntimeError) as error:
        refuse_damaged(str(error))


class _SmallReads:
    """A stream that is never asked for more at once than a list of parts may take."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek = stream.seek
        self.tell = stream.tell
        self.seekable = stream.seekable

    def read(self, size: int = -1) -> bytes:
        """Read; a claim of more refuses the file."""
        if size > LARGEST_DIRECTORY:
            refuse_file("workbook_too_large", sentence("too_many_parts", size=size))
        return self._stream.read(LARGEST_DIRECTORY if size < 0 else size)
