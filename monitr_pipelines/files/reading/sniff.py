"""What the first bytes of a file say it is."""

import codecs
import re

from monitr_pipelines.ledger.sentences import Sentence, sentence

SIGNATURES = (
    (b"%PDF", "seems_pdf"),
    (b"\x89PNG", "seems_picture"),
    (b"\xff\xd8\xff", "seems_picture"),
    (b"GIF8", "seems_picture"),
    (b"\x1f\x8b", "seems_gzip"),
    (b"7z\xbc\xaf", "seems_7z"),
    (b"Rar!", "seems_rar"),
    (b"BZh", "seems_bzip2"),
    (b"PAR1", "seems_parquet"),
    (b"SQLite format 3", "seems_sqlite"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "seems_old_excel",
    ),
)
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
TEXTS = (
    (re.compile(r'"?EXTF"?[;,]'), "seems_datev"),
    (re.compile(r'\{\s*["}]|\[\s*[{\[]'), "seems_json"),
    (re.compile(r"\{\\rtf"), "seems_rtf"),
)
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def known_signature(head: bytes) -> Sentence | None:
    """What a file is by its signature, None when it has none of those known."""
    return next((sentence(kind) for signature, kind in SIGNATURES if head.startswith(signature)), None)


def is_zip(head: bytes) -> bool:
    """Whether it is a ZIP archive, as .xlsx files are."""
    return head.startswith(ZIP)


def start_of_text(head: bytes) -> str:
    """The first bytes as text, as far as that can be told before the encoding is known."""
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return head[len(bom) :].decode(encoding, "ignore").lstrip()
    if head.startswith(b"<\0"):
        return head.decode("utf-16-le", "ignore")
    if head.startswith(b"\0<"):
        return head.decode("utf-16-be", "ignore")
    return head.decode("latin-1").lstrip()


def known_text(text: str) -> Sentence | None:
    """What a text file is by its first characters, None when it may be a table."""
    return next((sentence(kind) for pattern, kind in TEXTS if pattern.match(text)), None)
