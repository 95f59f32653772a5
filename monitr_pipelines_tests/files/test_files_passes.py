"""A file is passed over twice: once for all that has to be known beforehand, once for its lines.

Where its last lines show that it is not UTF-8, once more: which line does is found from its start.
"""

import io
from typing import TYPE_CHECKING

import pytest
from files_kit import FEC, FEC_HEADER, STANDARD, STANDARD_HEADER, fec_line, read, settings
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from monitr_pipelines.files import WrittenFile, choose, open_ledger_file
from monitr_pipelines.files.reading import examined
from monitr_pipelines.lifecycle.errors import InconsistentData

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LINES = 40_000
# What is read again of the start of a file, to tell its format, delimiter and header.
START = 600_000
LATE = "cp1252 that the last line shows"
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
    LATE: (STANDARD_HEADER + LINE.format("12,50") * LINES + LINE.replace("Cash", "Café").format("12")).encode(
        "cp1252"
    ),
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
    once = len(content) * (2 if name == LATE else 1)
    assert once <= stream.read_bytes <= once + START
    assert isinstance(file, WrittenFile)
    lines = sum(block.lines for change in file.written() for block in change.blocks)
    assert lines >= LINES
    assert stream.read_bytes <= once + len(content) + START


def outcome(content: bytes) -> object:
    """How a file is read, or why it is not."""
    try:
        found = read(content)
    except InconsistentData as problem:
        return str(problem), problem.findings
    return found.file.interpretation, found.lines


@effort(deadline=None, max_examples=200)
@given(
    content=st.sampled_from([STANDARD + LINE.format("12") * 4, FEC, FEC.replace("Facture", "Œuvre")]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16", "iso-8859-15"]),
    inserted=st.lists(
        st.tuples(
            st.integers(80, 600),
            st.sampled_from(
                [
                    b"\xe9",
                    b"\xc3\xa9",
                    b"\xa4",
                    b"\x81",
                    b"\x85",
                    b"\x00",
                    b"\x1f",
                    b"\xc2\x85",
                    b"\r",
                    b"\r\n",
                ]
            ),
        ),
        max_size=3,
    ),
    end=st.sampled_from([b"", b"\n", b"\xc3", b"\xe9"]),
    size=st.sampled_from([5, 16, 64]),
)
def test_what_is_found_out_on_the_way_does_not_depend_on_how_much_is_read_at_once(
    *, content: str, encoding: str, inserted: list[tuple[int, bytes]], end: bytes, size: int
) -> None:
    """Nor on what the first bytes had led to believe."""
    raw = content.encode(encoding, "replace")
    for place, odd in inserted:
        raw = raw[:place] + odd + raw[place:]
    raw += end
    usual = outcome(raw)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(choose, "HEAD", 60)
        patched.setattr(choose, "BUFFER", size)
        patched.setattr(examined, "CHUNK", size)
        assert outcome(raw) == usual
