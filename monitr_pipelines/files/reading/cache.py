"""What a file repeats (dates, amounts, journals) read once: caches that cannot outgrow memory."""

from typing import TypeVar

LONGEST_REMEMBERED = 80

Value = TypeVar("Value")


def remember(known: dict[str, Value], text: str, value: Value, most: int) -> None:
    """Keep the value that a text was read as, unless the text is padded beyond reason."""
    if len(text) > LONGEST_REMEMBERED:
        return
    if len(known) >= most:
        known.clear()
    known[text] = value
