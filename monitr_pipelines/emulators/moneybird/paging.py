"""Pages of a list: which one is asked for, and the headers that tell of the others."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode

from monitr_pipelines.emulators.frame.messages import Request
from monitr_pipelines.emulators.moneybird.forms import Refused

# The rows of a page where nobody asks for another number, and the most that may be asked for.
PAGE, LONGEST = 25, 100
LARGEST_NUMBER = 2**31 - 1

T = TypeVar("T")


class Page(NamedTuple):
    """A page of a list, from 1."""

    number: int
    rows: int

    def of(self, everything: Sequence[T]) -> Sequence[T]:
        """Its rows; none behind the end."""
        return everything[(self.number - 1) * self.rows : self.number * self.rows]

    def headers(self, request: Request, total: int) -> dict[str, str]:
        """How many rows there are, and where the pages beside it are."""
        numbers = {"next": self.number + 1, "prev": self.number - 1}
        last = -(-total // self.rows)
        links = [
            f'<{request.address}{request.path}?{urlencode({**request.query, "page": number})}>; rel="{name}"'
            for name, number in numbers.items()
            if 1 <= number <= last
        ]
        return {"X-Total-Count": str(total)} | ({"Link": ", ".join(links)} if links else {})


def page_of(query: Mapping[str, str]) -> Page:
    """The page that is asked for.

    Raises:
        Refused: The number is none, or there is no such page length.
    """
    number, rows = (_number(query, name, default) for name, default in (("page", 1), ("per_page", PAGE)))
    if not 1 <= number <= LARGEST_NUMBER:
        raise Refused(400, "page does not have a valid value")
    if not 1 <= rows <= LONGEST:
        raise Refused(400, "per_page does not have a valid value")
    return Page(number, rows)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        more = ", per_page does not have a valid value" if name == "per_page" else ""
        raise Refused(400, f"{name} is invalid{more}")
    return int(text[:20])
