"""The content of ledger files, kept in the database in chunks: any worker can read it."""

import io
import tempfile
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

from monitr_pipelines.warehouse.server.database import Connection

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK_BYTES = 1024 * 1024
IN_MEMORY_BYTES = 16 * CHUNK_BYTES


class StoredFile(io.RawIOBase):
    """A stored file as a seekable stream that holds one chunk at a time; `chunk` fetches the nth of them."""

    def __init__(self, size: int, chunk: Callable[[int], bytes]) -> None:
        super().__init__()
        self._size = size
        self._chunk = chunk
        self._position = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position in bytes."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read up to the end of a chunk; 0 at the end of the file."""
        if self._position >= self._size:
            return 0
        ordinal, start = divmod(self._position, CHUNK_BYTES)
        if self._held[0] != ordinal:
            self._held = (ordinal, self._chunk(ordinal))
        target = memoryview(buffer).cast("B")
        part = self._held[1][start : start + len(target)]
        target[: len(part)] = part
        self._position += len(part)
        return len(part)


def read(connection: Connection, upload_id: int) -> IO[bytes]:
    """The file, seekable; it is on disk where it is large, and gone once closed."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - the reader closes it
    ordinal = 0
    while row := connection.execute(
        "select content from app.upload_chunk where upload_id = %s and ordinal = %s", [upload_id, ordinal]
    ).fetchone():
        file.write(row["content"])
        ordinal += 1
    file.seek(0)
    return file
