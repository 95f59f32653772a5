"""What someone chose of the options of an emulator."""

from collections.abc import Mapping

# Of calls that are allowed: nobody comes to the end of them.
MANY = "100000000"
MOST_DIGITS = 10


def chosen(options: Mapping[str, str], name: str, *values: str) -> str:
    """The value of an option that has a few; the first of them where it is left out.

    Raises:
        ValueError: It is none of them.
    """
    value = options.get(name, values[0])
    if value not in values:
        raise ValueError(f"{name} is {', '.join(values[:-1])} or {values[-1]}, not {value!r}.")
    return value


def number(options: Mapping[str, str], name: str, default: int) -> int:
    """A number; the default where it is left out.

    Raises:
        ValueError: It is none, or nothing.
    """
    text = options.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and int(text)):
        raise ValueError(f"{name} is a number above nothing, not {text!r}.")
    return int(text)
