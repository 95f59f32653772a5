"""Keys that may have been before, told apart in little memory, so that all other lines can go straight in."""

import re

from monitr_pipelines.warehouse.books.stage import Rows

# A power of two, in bytes. Of a million keys one in two hundred is taken for a repeated one, of four million
# one in twenty; that costs time, and no more.
SIZE = 1 << 24
SHIFT = 32
KEYS = re.compile(rb"^[^\t]*", re.MULTILINE).findall


class Seen:
    """A Bloom filter of two hashes: a key that it takes for new is new."""

    def __init__(self) -> None:
        self._marks = bytearray(SIZE)

    def divide(self, rows: Rows) -> tuple[Rows, Rows]:
        """Rows whose keys are new, and those whose keys may have been before."""
        marks, last = self._marks, SIZE - 1
        repeated: list[int] = []
        for place, key in enumerate(KEYS(rows.text)[: rows.number]):
            hashed = hash(key)
            one, other = hashed & last, hashed >> SHIFT & last
            if marks[one] and marks[other]:
                repeated.append(place)
            else:
                marks[one] = marks[other] = 1
        if not repeated:
            return rows, rows._replace(text=b"", number=0)
        texts = rows.text.splitlines(keepends=True)
        again = [texts[place] for place in repeated]
        for place in repeated:
            texts[place] = b""
        return (
            rows._replace(text=b"".join(texts), number=rows.number - len(again)),
            rows._replace(text=b"".join(again), number=len(again)),
        )
