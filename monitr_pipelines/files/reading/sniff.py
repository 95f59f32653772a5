"""What the first bytes of a file say it is."""

import codecs
import re

SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a file compressed with gzip; unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"BZh", "a file compressed with bzip2; unpack it first"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a SQLite database"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Excel workbook (.xls) or one with a password; save it as .xlsx without a password",
    ),
)
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
TEXTS = (
    (re.compile(r'"?EXTF"?[;,]'), "a German DATEV export"),
    (re.compile(r"#FLAGGA\b"), "a Swedish SIE file"),
    (re.compile(r'\{\s*["}]|\[\s*[{\[]'), "JSON data"),
    (re.compile(r"\{\\rtf"), "a text document (RTF)"),
)
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def known_signature(head: bytes) -> str | None:
    """What a file is by its signature, None when it has none of those known."""
    return next((told for signature, told in SIGNATURES if head.startswith(signature)), None)


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


def known_text(text: str) -> str | None:
    """What a text file is by its first characters, None when it may be a table."""
    return next((told for pattern, told in TEXTS if pattern.match(text)), None)
