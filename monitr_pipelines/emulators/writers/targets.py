"""Where the writers write to: a path, or a binary stream that stays open."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO, TypeAlias

Target: TypeAlias = str | Path | BinaryIO


@contextmanager
def binary(target: Target) -> Iterator[BinaryIO]:
    """The target for bytes."""
    if isinstance(target, str | Path):
        with Path(target).open("wb") as stream:
            yield stream
    else:
        yield target


@contextmanager
def text(target: Target) -> Iterator[TextIO]:
    """The target for UTF-8 text, line ends as written."""
    with binary(target) as stream:
        wrapper = TextIOWrapper(stream, encoding="utf-8", newline="")
        try:
            yield wrapper
        finally:
            # Not closed: that would close the caller's stream as well.
            wrapper.flush()
            wrapper.detach()
