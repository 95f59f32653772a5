"""Which journal of a FEC carries the balances of the year before over into this one."""

import re
import unicodedata

CODES = frozenset(
    {
        "AN", "ANO", "ANOU", "ANOUV", "ANX", "RAN", "RANO", "OUV", "OUVER", "REPORT", "REPAN", "ANOUVEAU",
        "ANOUVEAUX",
    }
)  # fmt: skip
# Whole phrases: a journal "Beaujolais nouveau" or "Frais d'ouverture de compte" is an ordinary one.
LABEL = re.compile(
    r"(?:journal )?(?:de |des |d')?(?:"
    r"(?:reports? |soldes? |ecritures? |balances? )?(?:d'|des )?a[ -]?nouveaux?"
    r"|(?:bilan |balance |ecritures? |soldes? )?(?:d'|de l')?ouverture"
    r")(?: (?:de l')?(?:exercice )?\d*)?"
)


def opens_the_year(code: str, label: str) -> bool:
    """Whether a journal is the opening journal, by its code or its label."""
    if re.sub(r"[^A-Z]", "", code.upper()) in CODES:
        return True
    decomposed = unicodedata.normalize("NFKD", label.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return LABEL.fullmatch(" ".join(plain.replace("\u2019", "'").split())) is not None
