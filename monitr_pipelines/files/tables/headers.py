"""Names of columns, compared without regard to case, accents, blanks and punctuation."""

import unicodedata
from collections.abc import Iterable


def plain_name(text: str) -> str:
    """A name reduced to its letters and digits.

    >>> plain_name(" Écriture_Num"), plain_name("Cost Center A")
    ('ecriturenum', 'costcentera')
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if character.isalnum())


def listed(names: Iterable[str]) -> str:
    """Names as messages list them, the nameless ones left out."""
    return ", ".join(name.strip() for name in names if name.strip()) or "none"
