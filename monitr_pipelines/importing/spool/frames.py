"""The file of a spool: one compressed, checksummed frame a record, so that a torn end is noticed.

A process can be killed in the midst of a write; whatever stands behind the last whole frame was never
there. Frames are read one at a time: memory does not grow with the file.
"""

import struct
import sys
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from monitr_pipelines.importing.spool.codec import Record, decode, encode

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HEAD = struct.Struct(">II")  # bytes of the content, and its CRC-32
LARGEST_FRAME = 256 * 1024 * 1024
FASTEST = 1


def pack(record: Record) -> bytes:
    """A record as a frame."""
    content = zstd.compress(encode(record), FASTEST)
    return HEAD.pack(len(content), zlib.crc32(content)) + content


def whole_frames(file: BinaryIO) -> Iterator[Record]:
    """The records from the file's position on, up to the first frame that is not whole."""
    while (content := _content(file)) is not None:
        yield decode(zstd.decompress(content))


def _content(file: BinaryIO) -> bytes | None:
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    length, checksum = HEAD.unpack(head)
    if length > LARGEST_FRAME:
        return None
    content = file.read(length)
    return content if len(content) == length and zlib.crc32(content) == checksum else None
