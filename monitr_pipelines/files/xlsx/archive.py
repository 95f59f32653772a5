"""Checks of a spreadsheet as the ZIP archive it is, before any of it is unpacked for real."""

import zipfile
import zlib
from typing import BinaryIO, NoReturn

from monitr_pipelines.files.reading.problems import refuse_file, refuse_format
from monitr_pipelines.files.xlsx.rows import LONGEST_REASON
from monitr_pipelines.ledger.wording import cut
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message

LARGEST_UNPACKED = 500_000_000
LARGEST_RATIO = 200
# A sheet of 200,000 rows with three text columns, all of them different, has 31 MB of shared strings.
LARGEST_WHOLE_PARTS = 64_000_000
SMALL = 1_000_000
SHEETS = "xl/worksheets/"
WORKBOOK = "xl/workbook.xml"
PROLOG = 65_536
FORBIDDEN = tuple(
    mark.encode(encoding)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)


def check_archive(stream: BinaryIO, *, to_look_at: bool) -> None:
    """Refuse an archive that is no workbook, is damaged, or unpacks to more than a ledger would.

    To look at its first rows only, all but its sheets must be small as well: that is read whole for them.
    """
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            _check_members(archive)
            if to_look_at:
                _check_whole_parts(archive)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        ValueError,
        RuntimeError,
        OSError,
        zlib.error,
    ) as error:
        _damaged(error)


def refuse_to_look(why: Message) -> NoReturn:
    """Refuse a workbook of which even the first rows cost too much."""
    raise InconsistentData(why, code="workbook_too_large")


def _damaged(error: Exception) -> None:
    why = cut(str(error), LONGEST_REASON)
    refuse_file("workbook_damaged", f"the Excel file is damaged or cut off and cannot be opened ({why})")


def _check_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = {member.filename for member in members}
    if WORKBOOK not in names:
        other = "xl/workbook.bin" in names
        refuse_format(
            "a binary Excel workbook (.xlsb); save it as .xlsx" if other else "a ZIP archive; unpack it first"
        )
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > LARGEST_UNPACKED or (unpacked > SMALL and unpacked > packed * LARGEST_RATIO):
        told = f"the Excel file would unpack from {packed:,} to {unpacked:,} bytes"
        refuse_file("workbook_too_large", f"{told}; save the sheet as CSV instead")
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as part:
                _check_prolog(member.filename, part.read(PROLOG))


def _check_whole_parts(archive: zipfile.ZipFile) -> None:
    unpacked = sum(part.file_size for part in archive.infolist() if not part.filename.startswith(SHEETS))
    if unpacked > LARGEST_WHOLE_PARTS:
        refuse_to_look(Message("workbook_parts_too_large", {"size": f"{unpacked:,}"}))


def _check_prolog(name: str, start: bytes) -> None:
    if any(mark in start for mark in FORBIDDEN):
        refuse_file("xml_forbidden", f"{name} in the Excel file has a document type (DOCTYPE) or entities")
