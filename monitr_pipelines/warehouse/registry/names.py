"""Names of organisations and companies: a line of a page, a subject of a message, a cell of a table."""

from monitr_pipelines.lifecycle.errors import Refused

LONGEST_NAME = 1000


def checked(name: str) -> str:
    """A name as a person gives it, who will give it again to find it; Refused when it is none."""
    name.encode()  # what a shell gave that is not UTF-8 is told as such
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise _not_a_name(name)
    return name


def tidied(name: str) -> str:
    """A name as software may tell it, on one line; Refused when nothing is left of it, or too much."""
    tidy = " ".join("".join(mark if mark.isprintable() else " " for mark in name).split())
    if not tidy or len(tidy) > LONGEST_NAME:
        raise _not_a_name(name)
    return tidy


def _not_a_name(name: str) -> Refused:
    given = repr(name if len(name) <= 100 else f"{name[:100]}...")
    return Refused(
        f"{given} is not a name; it has 1 to {LONGEST_NAME} characters on one line.",
        code="bad_value",
    )
