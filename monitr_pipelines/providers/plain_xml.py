"""Answers in XML whose records may be found as text.

Most of the time of parsing goes into elements that nobody looks at twice. Whatever is unusual about an
answer is left to whoever parses it, see `soap`, and has the same then.
"""

import re
from collections.abc import Sequence
from xml.parsers import expat
from xml.sax.saxutils import unescape

# Answers as their servers write them: in UTF-8, without comments, references to characters and the like.
OPENING = re.compile(
    rb'(?:<\?xml version="1.0"(?: encoding="utf-8")?\?>)?\s*<(?:\w+:)?Envelope[\s>]', re.IGNORECASE
).match
PRINTED = bytes({*range(0x20, 0x100), *b"\t\n"})
UNKNOWN_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)").search
ENTITIES = {"&quot;": '"', "&apos;": "'"}


def plain_text(body: bytes) -> str | None:
    """An answer as text, None where it has more in it than elements and their texts.

    Raises:
        ValueError: It is no text.
    """
    if OPENING(body) is None or body.count(b"<?") > 1 or b"<!" in body or body.translate(None, PRINTED):
        return None
    text = body.decode()
    return None if UNKNOWN_ENTITY(text) or "\ufffe" in text or "\uffff" in text else text


def unescaped(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Rows of texts, each as it is meant."""
    return [[unescape(text, ENTITIES) if "&" in text else text for text in row] for row in rows]


def is_well_formed(text: str) -> bool:
    """Whether a text is a whole document."""
    try:
        expat.ParserCreate().Parse(text.encode(), True)  # noqa: FBT003 - as the library has it
    except expat.ExpatError:
        return False
    return True
