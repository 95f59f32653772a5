"""What a file says again and again, read once: the values of fields that stand together, by column."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

from monitr_pipelines.files.reading.cache import LONGEST_REMEMBERED

MOST_CACHED = 50_000

Fields: TypeAlias = str | tuple[str, ...]
Value = TypeVar("Value")


class Memo(dict[Fields, Value], Generic[Value]):
    """The values of some fields of a record, by their texts.

    Args:
        places: Where the fields stand, at least one; all others have no say in the value.
        width: How many fields a record has.
        read: What they say in a record, in which all others are empty.
    """

    def __init__(self, places: Sequence[int], width: int, read: Callable[[list[str]], Value]) -> None:
        super().__init__()
        self._places = tuple(places)
        self._width = width
        self._read = read

    def __missing__(self, fields: Fields) -> Value:
        texts = (fields,) if isinstance(fields, str) else fields
        record = [""] * (self._width + 1)
        for place, text in zip(self._places, texts, strict=True):
            record[place] = text
        value = self._read(record)
        if len(self) >= MOST_CACHED:
            self.clear()
        if sum(map(len, texts)) <= LONGEST_REMEMBERED:
            self[fields] = value
        return value

    def values_in(self, columns: Sequence[Sequence[str]]) -> list[Value]:
        """The value of each line, or whatever `read` raises."""
        if len(self._places) == 1:
            return list(map(self.__getitem__, columns[self._places[0]]))
        return list(map(self.__getitem__, zip(*(columns[place] for place in self._places), strict=True)))
