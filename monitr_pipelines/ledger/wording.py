"""How lists and long texts are told in a sentence."""

from collections.abc import Sequence

SHOWN = 10


def some_of(names: Sequence[str]) -> str:
    """The first ten names, and how many more there are."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def cut(text: str, longest: int) -> str:
    """A text of any length as far as it is shown.

    >>> cut("a ledger", 8), cut("a ledger", 3)
    ('a ledger', 'a l…')
    """
    return text if len(text) <= longest else f"{text[:longest]}…"
