"""The side of an amount, in the words of six languages: a column of its own, or behind the digits."""

import re
import unicodedata

DEBIT = "d dr db deb debit debet soll s debe dare + +1 1"
CREDIT = "c cr cre credit kredit krediet haben h haber avere a - -1"
# 1 for a debit, -1 for a credit.
SIDES = {**dict.fromkeys(DEBIT.split(), 1), **dict.fromkeys(CREDIT.split(), -1)}
# Only unsigned digits: what "-67,00 CR" means is anyone's guess.
SUFFIXED = re.compile(
    r"\s*(?P<number>(?:(?:€|EUR) ?)?[\d.,][\d.,'\s]*)(?P<side>[DC]R?|[SHA])\.?\s*", re.IGNORECASE
)


def side_of(text: str) -> int | None:
    """1 where a text names the debit side, -1 for the credit side, None for neither.

    >>> side_of("Débit"), side_of(" Cr. "), side_of("Haben"), side_of("x")
    (1, -1, -1, None)
    """
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return SIDES.get(plain.replace("\u2212", "-").rstrip("."))


def split_suffix(text: str) -> tuple[int, str] | None:
    """The side behind an amount and the amount without it; None where there is none.

    >>> split_suffix("67,00 CR"), split_suffix("12.50DR"), split_suffix("12.50")
    ((-1, '67,00'), (1, '12.50'), None)
    """
    last = text.rstrip()[-1:]
    if not last or last.isdigit() or (found := SUFFIXED.fullmatch(text)) is None:
        return None
    return SIDES[found["side"].casefold()], found["number"].strip()
