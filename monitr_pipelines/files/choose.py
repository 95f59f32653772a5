"""Opening a ledger file: its format is told by its content, never by its name."""

import io
from typing import BinaryIO, cast

from monitr_pipelines.files.audit.elements import root_name
from monitr_pipelines.files.csv.file import open_csv
from monitr_pipelines.files.fec.file import FecFile
from monitr_pipelines.files.fec.layout import fec_delimiter
from monitr_pipelines.files.fec.xml import ROOT as FRENCH_ROOT
from monitr_pipelines.files.fec.xml import XmlFecFile
from monitr_pipelines.files.reading.contract import LedgerFile, ReadSettings
from monitr_pipelines.files.reading.encoding import TextEncoding
from monitr_pipelines.files.reading.examined import Examined
from monitr_pipelines.files.reading.problems import refuse_file, refuse_format, shown
from monitr_pipelines.files.reading.records import LONGEST_RECORD, text_lines
from monitr_pipelines.files.reading.sniff import is_zip, known_signature, known_text, start_of_text
from monitr_pipelines.files.reading.xml import refuse_doctype
from monitr_pipelines.files.saft.file import SaftFile
from monitr_pipelines.files.sie.file import SieFile, is_sie
from monitr_pipelines.files.tables.layout import columns_for
from monitr_pipelines.files.xaf.file import XafFile
from monitr_pipelines.files.xlsx.file import open_xlsx
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.errors import InconsistentData

HEAD = 65_536
BUFFER = 131_072


def open_ledger_file(stream: BinaryIO, settings: ReadSettings) -> LedgerFile:
    """Open a seekable stream as the ledger file it is.

    Raises:
        InconsistentData: The content is of no known format (`unknown_format`), a setting is needed that
            only the user knows (`needs_answer`), or the file is faulty beyond reading (`file_refused`).
    """
    stream.seek(0)
    head = stream.read(HEAD)
    if not head.strip():
        refuse_file("empty_file", sentence("empty_file"), line=1)
    if is_zip(head):
        return open_xlsx(stream, settings)
    signature = known_signature(head)
    if signature is not None:
        refuse_format(signature)
    text = start_of_text(head)
    if text.startswith("<"):
        return _open_xml(stream, text, settings)
    if is_sie(text):
        return SieFile(stream, settings)
    seems = known_text(text)
    if seems is not None:
        refuse_format(seems)
    return _open_text(stream, head, settings)


def _open_xml(stream: BinaryIO, start: str, settings: ReadSettings) -> LedgerFile:
    root, has_doctype = root_name(start)
    if root.lower() == "html":
        refuse_format(sentence("seems_web_page"))
    if has_doctype:
        refuse_doctype()
    if root == "AuditFile":
        return SaftFile(stream, settings)
    if root == FRENCH_ROOT:
        return XmlFecFile(stream, settings)
    if root not in {"auditfile", ""}:
        refuse_format(sentence("seems_xml", root=shown(root)))
    return XafFile(stream, settings)


def _open_text(stream: BinaryIO, head: bytes, settings: ReadSettings) -> LedgerFile:
    """Open what is text while its encoding is a guess, so that one pass tells everything about a file."""
    examined = Examined(stream, settings.encoding, head)
    opened: LedgerFile | Exception
    try:
        opened = _open_encoded(
            cast("BinaryIO", io.BufferedReader(examined, BUFFER)), examined.guess, settings
        )
    except (InconsistentData, UnicodeError) as problem:
        opened = problem
    encoding = examined.conclude()
    if encoding.controls.count or not encoding.is_alike(examined.guess):
        return _open_encoded(stream, encoding, settings)
    if isinstance(opened, Exception):
        raise opened
    return opened


def _open_encoded(stream: BinaryIO, encoding: TextEncoding, settings: ReadSettings) -> LedgerFile:
    with text_lines(stream, encoding.name) as lines:
        header = lines.text.readline(LONGEST_RECORD).strip("\r\n")
    delimiter = fec_delimiter(header)
    if delimiter is not None and not columns_for(header.split(delimiter), settings, known=True):
        return FecFile(stream, encoding, delimiter, settings)
    return open_csv(stream, encoding, settings)
