"""Reading holds no more of a long file than of a short one."""

import io
import os
from pathlib import Path

import pytest
from files_kit import (
    FEC_HEADER,
    STANDARD_HEADER,
    fec_line,
    lines_of,
    settings,
    xaf,
    xaf_line,
    xaf_transaction,
)

from monitr_pipelines.files import open_ledger_file

LINES = 60_000
# The XML tree of so many lines, or the lines themselves, would be many times this.
MOST_GROWTH = 20_000_000
STATM = Path("/proc/self/statm")

CSV_LINE = "2026-01-05;1000;Cash;A description of some length;12,50;;Shop;North\n"
SIE_HEAD = "#FLAGGA 0\n#SIETYP 4\n#RAR 0 20260101 20261231\n"
SIE_VERIFICATION = '#VER A 1 20260105 "x"\n{\n#TRANS 1930 {1 10} 12.50\n}\n'
SUBLEDGERS = "<subledgers><subledger>" + "<sbLine><nr>1</nr><amnt>1</amnt></sbLine>" * LINES * 3
CONTENTS = {
    "csv": lambda: STANDARD_HEADER + CSV_LINE * LINES,
    "fec": lambda: FEC_HEADER + fec_line() * LINES,
    "xaf in one transaction": lambda: xaf(xaf_transaction(xaf_line() * LINES)),
    "xaf in many transactions": lambda: xaf(xaf_transaction(xaf_line()) * LINES),
    "xaf in a journal of type O": lambda: xaf(xaf_transaction(xaf_line() * LINES, day="2026-01-01")).replace(
        "</jrnID>", "</jrnID><jrnTp>O</jrnTp>"
    ),
    "sie": lambda: SIE_HEAD + SIE_VERIFICATION * LINES,
    "xaf with subledgers": lambda: xaf(xaf_transaction(xaf_line())).replace(
        "</transactions>", f"{SUBLEDGERS}</subledger></subledgers></transactions>"
    ),
}


def resident() -> int:
    """Memory of this process, that of libraries in C included."""
    return int(STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not STATM.exists(), reason="memory is measured as Linux tells it")
@pytest.mark.parametrize("name", CONTENTS)
def test_memory_is_flat(name: str) -> None:
    stream = io.BytesIO(CONTENTS[name]().encode())
    file = open_ledger_file(stream, settings())
    before = most = resident()
    for change in file.changes():
        for number, _ in enumerate(lines_of(change)):
            if number % 1000 == 0:
                most = max(most, resident())
    assert max(most, resident()) - before < MOST_GROWTH
