"""How lists are told in a sentence."""

from collections.abc import Sequence

SHOWN = 10


def some_of(names: Sequence[str]) -> str:
    """The first ten names, and how many more there are."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
