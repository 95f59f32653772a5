"""Names of columns, compared without regard to case, accents, blanks and punctuation."""

import unicodedata
from collections.abc import Iterable

from monitr_pipelines.ledger.wording import cut

LONGEST_NAME = 100
LONGEST_LIST = 2000


def plain_name(text: str) -> str:
    """A name reduced to its letters and digits.

    >>> plain_name(" Écriture_Num"), plain_name("Cost Center A")
    ('ecriturenum', 'costcentera')
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(filter(str.isalnum, decomposed))


def short(name: str) -> str:
    """A name as messages tell it: the header of a file may be of any length."""
    return cut(name.strip(), LONGEST_NAME)


def listed(names: Iterable[str]) -> str:
    """Names as messages list them, the nameless ones left out; no more than someone would read."""
    return cut(", ".join(short(name) for name in names if name.strip()), LONGEST_LIST) or "none"
