"""Rows that may have been before, told apart in little memory, so that all others can go straight in."""

from collections.abc import Iterable

from monitr_pipelines.warehouse.books.stage import Rows

# A power of two, in bytes, and no less than a line of the processor's cache. Of a million rows one in two
# hundred is taken for a repeated one, of four million one in twenty; that costs time, and no more.
SIZE = 1 << 24
# The second place of a row is near its first, in the same line of the processor's cache.
NEAR = 63
SHIFT = 32


class Seen:
    """A Bloom filter of two hashes: a row that it takes for new is new."""

    def __init__(self) -> None:
        self._marks = bytearray(SIZE)

    def divide(self, rows: Rows) -> tuple[Rows, Rows]:
        """Rows that are new, and those that may have been before; rows of one key must be equal."""
        marks, last = self._marks, SIZE - 1
        repeated: list[int] = []
        for place, hashed in enumerate(map(hash, _keys(rows))):
            one = hashed & last
            other = one ^ (hashed >> SHIFT & NEAR | 1)
            if marks[one] and marks[other]:
                repeated.append(place)
            else:
                marks[one] = marks[other] = 1
        if not repeated:
            return rows, rows._replace(text=b"", number=0, columns=None)
        texts = rows.text.split(b"\n")
        texts.pop()
        again = [texts[place] for place in repeated]
        for place in reversed(repeated):
            del texts[place]
        return (
            rows._replace(text=b"\n".join([*texts, b""]), number=len(texts), columns=None),
            rows._replace(text=b"\n".join([*again, b""]), number=len(again), columns=None),
        )


def _keys(rows: Rows) -> Iterable[str]:
    if rows.columns:
        return rows.columns["external_id"]
    return (row.partition("\t")[0] for row in rows.text.decode().split("\n")[:-1])
