"""A file is passed over twice: once for all that has to be known beforehand, once for its lines."""

import io
from typing import TYPE_CHECKING

import pytest
from files_kit import FEC_HEADER, STANDARD_HEADER, fec_line, settings

from monitr_pipelines.files import WrittenFile, open_ledger_file

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LINES = 40_000
# What is read again of the start of a file, to tell its format, delimiter and header.
START = 600_000
LINE = "2026-01-05;1000;Cash;A description of some length;{};;Shop;North\n"
CONTENTS = {
    "marks that the first line shows": (STANDARD_HEADER + LINE.format("12,50") * LINES).encode(),
    "marks that no line shows": (STANDARD_HEADER + LINE.format("12") * LINES).encode(),
    "marks that the last line shows": (
        STANDARD_HEADER + LINE.format("1.000") * LINES + LINE.format("12,50")
    ).encode(),
    "cp1252": (STANDARD_HEADER + LINE.replace("Cash", "Café").format("12") * LINES).encode("cp1252"),
    "utf-16": (STANDARD_HEADER + LINE.format("12") * LINES).encode("utf-16"),
    "quotes": (STANDARD_HEADER + LINE.replace("Cash", '"Cash"').format("12") * LINES).encode(),
    "cp1252 that the last line shows": (
        STANDARD_HEADER + LINE.format("12,50") * LINES + LINE.replace("Cash", "Café").format("12")
    ).encode("cp1252"),
    "fec": (FEC_HEADER + fec_line(debit="5", credit="0") * LINES).encode(),
    "fec in iso-8859-15": (FEC_HEADER + fec_line(label="Œuvre", debit="5", credit="0") * LINES).encode(
        "iso-8859-15"
    ),
}


class Counting(io.BytesIO):
    """Bytes that count how many of them are read."""

    read_bytes = 0

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        self.read_bytes += len(content)
        return content

    def read1(self, size: int | None = -1, /) -> bytes:
        content = super().read1(size)
        self.read_bytes += len(content)
        return content

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        count = super().readinto(buffer)
        self.read_bytes += count
        return count


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_is_passed_over_twice(name: str) -> None:
    content = CONTENTS[name]
    assert len(content) > 4 * START
    stream = Counting(content)
    file = open_ledger_file(stream, settings())
    assert len(content) <= stream.read_bytes <= len(content) + START
    assert isinstance(file, WrittenFile)
    lines = sum(block.lines for change in file.written() for block in change.blocks)
    assert lines >= LINES
    assert stream.read_bytes <= 2 * len(content) + START
