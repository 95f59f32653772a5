"""Whatever a file claims or holds, reading it takes no more memory than reading an honest one."""

import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from files_kit import (
    FEC_HEADER,
    STANDARD_HEADER,
    XAF,
    fec_line,
    workbook,
    xaf,
    xaf_line,
    xaf_transaction,
)
from process_kit import LONGEST_WAIT

# Measured: an honest file takes 5 to 20 MB, and most of these too.
MOST_MEGABYTES = 80
# A process that has imported all that it needs, and reads each file in a fork: its peak begins anew there.
READ = """
import json
import os
import sys
from pathlib import Path
from monitr_pipelines.files import ReadSettings, WrittenFile, open_ledger_file
from monitr_pipelines.ledger.changes import lines_of
from monitr_pipelines.lifecycle.errors import InconsistentData

def peak():
    told = Path("/proc/self/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) // 1024

def one_by_one(file):
    return sum(1 for _ in lines_of(file.changes()))

def written(file):
    changes = file.written() if isinstance(file, WrittenFile) else ()
    return sum(block.lines for change in changes for block in change.blocks)

def look(path, way):
    before = peak()
    read = written if way == "by column" else one_by_one
    try:
        with open(path, "rb") as stream:
            told = f"{read(open_ledger_file(stream, ReadSettings('0' * 64)))} lines"
    except InconsistentData as refused:
        told = f"{refused.code}: {refused.message[:300]}"
    return [peak() - before, told]

for asked in sys.stdin:
    reader, writer = os.pipe()
    if not os.fork():
        os.write(writer, json.dumps(look(*json.loads(asked))).encode())
        os._exit(0)
    os.close(writer)
    with open(reader) as told:
        print(told.read(), flush=True)
    os.wait()
"""

HEADER = ["date", "account_code", "account_name", "description", "debit", "credit"]
GOOD = workbook(HEADER, ["2026-01-05", 1000, "Cash", "Invoice", 12.5, None])
XAF_START, XAF_END = xaf(xaf_transaction("@@")).split("@@")


def letters(size: int) -> str:
    """Text that packs to no less than half."""
    return random.Random(size).randbytes(size // 2).hex()  # noqa: S311 - the same in each run


def zipped(parts: dict[str, bytes], added: Iterator[str] | None = None) -> bytes:
    """The good workbook with other parts, and empty ones besides."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(GOOD)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts.get(name) or old.read(name))
        for name in added or ():
            new.writestr(name, b"")
    return stream.getvalue()


def part(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        return archive.read(name)


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET = "xl/worksheets/sheet1.xml"


def sheet(rows: str) -> bytes:
    return zipped({SHEET: part(SHEET).replace(b"</sheetData>", rows.encode() + b"</sheetData>")})


def shared(texts: str, cells: str) -> bytes:
    table = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{texts}</sst>'
    rows = part(SHEET).replace(b"</sheetData>", cells.encode() + b"</sheetData>")
    return zipped({SHEET: rows, "xl/sharedStrings.xml": table.encode()})


def with_sheets(count: int) -> bytes:
    names = "".join(
        f'<sheet name="s{n}" sheetId="{n}" xmlns:r="{RELATIONS}" r:id="rId1"/>' for n in range(9, count + 9)
    )
    return zipped(
        {"xl/workbook.xml": part("xl/workbook.xml").replace(b"</sheets>", names.encode() + b"</sheets>")},
        (f"xl/worksheets/sheet{n}.xml" for n in range(9, count + 9)),
    )


def note(cell: str) -> str:
    return f'<c r="{cell}" t="inlineStr"><is><t>x</t></is></c>'


FILES: dict[str, Callable[[], bytes | str]] = {
    "xlsx: a row of number 10^12": lambda: sheet(f'<row r="{10**12}"/>'),
    "xlsx: a cell in the last column": lambda: sheet(f'<row r="3">{note("XFD3")}</row>'),
    "xlsx: a cell in the last row and column": lambda: sheet(f'<row r="1048576">{note("XFD1048576")}</row>'),
    "xlsx: a header in the last column": lambda: zipped(
        {SHEET: part(SHEET).replace(b"</row>", note("XFD1").encode() + b"</row>", 1)}
    ),
    "xlsx: a row of countless cells": lambda: sheet(
        f'<row r="3">{"<c/>" * 1_000_000}{letters(200_000)}</row>'
    ),
    "xlsx: rows of long texts": lambda: shared(
        f"<si><t>{letters(32_000)}</t></si>" * 50,
        "".join(f'<row r="{row}">' + '<c t="s"><v>7</v></c>' * 30 + "</row>" for row in range(3, 200)),
    ),
    "xlsx: a row of 16,000 long texts": lambda: shared(
        f"<si><t>{letters(32_000)}</t></si>", '<row r="3">' + '<c t="s"><v>0</v></c>' * 16_000 + "</row>"
    ),
    "xlsx: many shared texts": lambda: shared(
        "".join(f"<si><t>{letters(90)} {n}</t></si>" for n in range(100_000)),
        '<row r="3"><c r="A3" t="s"><v>99999</v></c></row>',
    ),
    "xlsx: a shared text of 30 MB": lambda: shared(
        f"<si><t>{letters(30_000_000)}</t></si>", '<row r="3"><c r="A3" t="s"><v>0</v></c></row>'
    ),
    "xlsx: a cell of 30 MB": lambda: sheet(f'<row r="3"><c t="str"><v>{letters(30_000_000)}</v></c></row>'),
    "xlsx: a number of 30 MB": lambda: sheet(
        f'<row r="3"><c><v>{"1" * 30_000_000}{letters(300_000)}</v></c></row>'
    ),
    "xlsx: a comment of 30 MB": lambda: sheet(f"<!--{letters(30_000_000)}-->"),
    "xlsx: a tag of 30 MB": lambda: sheet(f'<row r="{letters(30_000_000)}"/>'),
    "xlsx: deeply nested": lambda: sheet("<a>" * 1_000_000 + letters(1_000_000)),
    "xlsx: 10,000 sheets": lambda: with_sheets(10_000),
    "xlsx: 120,000 parts": lambda: zipped({}, (f"xl/worksheets/sheet{n}.xml" for n in range(9, 120_009))),
    "xlsx: 100 MB of blanks": lambda: sheet(" " * 100_000_000),
    "xlsx: a million styles": lambda: zipped(
        {
            "xl/styles.xml": part("xl/styles.xml").replace(
                b"</cellXfs>", b'<xf numFmtId="14"/>' * 1_100_000 + letters(500_000).encode() + b"</cellXfs>"
            )
        }
    ),
    "csv: a line of 50 MB": lambda: "x" * 50_000_000,
    "csv: a line of 50 MB behind the header": lambda: STANDARD_HEADER + "x" * 50_000_000,
    "csv: a quote of 10 MB": lambda: STANDARD_HEADER + '2026-01-05;"' + "x\n" * 5_000_000,
    "csv: a million columns": lambda: ";" * 999_000 + "\n" + ";" * 999_000 + "\n",
    "csv: 16,000 columns": lambda: (
        STANDARD_HEADER.strip()
        + ";x" * 16_000
        + "\n"
        + ("2026-01-05;1000;Cash;x;12,50;" + ";" * 16_002 + "\n") * 500
    ),
    "csv: lines without end": lambda: STANDARD_HEADER + "\n" * 4_000_000,
    "csv: countless accounts": lambda: (
        STANDARD_HEADER + "".join(f"2026-01-05;{n};Cash;x;12,50;;;\n" for n in range(260_000))
    ),
    "csv: countless axis values": lambda: (
        STANDARD_HEADER + "".join(f"2026-01-05;1000;Cash;x;12,50;;{n};\n" for n in range(260_000))
    ),
    "fec: a line of 50 MB": lambda: FEC_HEADER + fec_line() + "x" * 50_000_000,
    "fec: a million columns": lambda: FEC_HEADER.strip() + "\t" * 900_000 + "\n",
    "sie: a line of 50 MB": lambda: "#FLAGGA 0\n#SIETYP 4\n#PROSA " + "x" * 50_000_000,
    "sie: countless accounts": lambda: (
        "#FLAGGA 0\n#SIETYP 4\n" + "".join(f"#KONTO {n} Kassa\n" for n in range(260_000))
    ),
    "xaf: a comment of 50 MB": lambda: f"<!--{'x' * 50_000_000}-->{XAF}",
    "xaf: a tag of 50 MB": lambda: XAF.replace("<trLine>", f"<trLine a='{'x' * 50_000_000}'>", 1),
    "xaf: a text of 50 MB": lambda: XAF.replace("Factuur", "x" * 50_000_000, 1),
    "xaf: no header in 1,000,000 elements": lambda: XAF_START.partition("<header>")[0] + "<a/>" * 1_000_000,
    "xaf: elements that nobody knows": lambda: XAF_START + "<a><b/></a>" * 500_000 + XAF_END,
    "xaf: a line of countless elements": lambda: XAF_START + "<trLine>" + "<a>b</a>" * 500_000,
    "xaf: elements of countless names": lambda: XAF_START + "".join(f"<a{n}/>" for n in range(100_000)),
    "xaf: deeply nested": lambda: XAF_START + "<a>" * 5_000_000,
    "xaf: lines of long texts": lambda: xaf(
        xaf_transaction(xaf_line(more=f"<desc>{'x' * 30_000}</desc>") * 3_000)
    ),
}


WAYS = [
    *((name, "by record") for name in FILES),
    ("csv: a line of 50 MB behind the header", "by column"),
    ("csv: a quote of 10 MB", "by column"),
    ("csv: 16,000 columns", "by column"),
    ("csv: countless accounts", "by column"),
    ("fec: a line of 50 MB", "by column"),
]


@pytest.fixture(scope="module")
def reader() -> Iterator[Callable[[Path, str], tuple[int, str]]]:
    """Reads a file in one way; how many megabytes that took at most, and what came of it."""
    with subprocess.Popen(
        [sys.executable, "-c", READ], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def read(path: Path, way: str) -> tuple[int, str]:
            print(json.dumps([str(path), way]), file=process.stdin, flush=True)
            megabytes, told = json.loads(process.stdout.readline())
            return megabytes, told

        yield read
        process.stdin.close()
        process.wait(LONGEST_WAIT)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux tells it")
@pytest.mark.parametrize(("name", "way"), WAYS)
def test_no_file_takes_more_memory_than_an_honest_one(
    reader: Callable[[Path, str], tuple[int, str]], name: str, way: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    content = FILES[name]()
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    megabytes, told = reader(path, way)
    assert megabytes <= MOST_MEGABYTES, told
