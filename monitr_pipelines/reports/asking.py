"""What programs ask of a report: an entity and months; what cannot be answered is told with a stable code."""

from dataclasses import dataclass

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.reports.columns import Span
from monitr_pipelines.reports.standing import Published, Standing, read_standing
from monitr_pipelines.warehouse.server.database import Connection


class NoReport(Exception):
    """A report that cannot be made: `code` is stable, the message says what is wrong, in English."""

    code = "no_report"


class UnknownEntity(NoReport):
    """There is no such entity, or whoever asks does not see it."""

    code = "unknown_entity"


class NoFigures(NoReport):
    """No import of the entity has published figures yet."""

    code = "no_figures"


class UnknownAxis(NoReport):
    """No figures of the entity have a value of the axis."""

    code = "unknown_axis"


class UnknownAccount(NoReport):
    """The books of the entity have no such account."""

    code = "unknown_account"


class WrongPeriod(NoReport):
    """The months are none, or end before they begin."""

    code = "wrong_period"


class OutsideBooks(NoReport):
    """The books have no month of the period."""

    code = "outside_books"


@dataclass(frozen=True)
class Asked:
    """The months `span` of an entity's published figures.

    `is_clipped`: more months were asked for than the books have; those of `span` are all that there are.
    """

    standing: Standing
    published: Published
    span: Span
    is_clipped: bool

    @property
    def remark(self) -> str | None:
        """What to say about months that were left out; None where there are none."""
        if not self.is_clipped:
            return None
        books = self.published
        return (
            f"The books of {self.standing.key} run from {books.first} to {books.last}: "
            f"this is the period from {self.span.first} to {self.span.last}."
        )


def find(connection: Connection, key: str) -> Standing:
    """The entity of a key, as far as the connection sees it; UnknownEntity for any other."""
    standing = read_standing(connection, key)
    if standing is None:
        raise UnknownEntity(f"There is no entity {key!r}.")
    return standing


def months_of(standing: Standing, first: Month | None, last: Month | None) -> Asked:
    """The months from `first` to `last` that the books have.

    By default they end with the books, and begin with the fiscal year that the last one is of. Raises
    NoFigures, WrongPeriod, OutsideBooks.
    """
    books = standing.published
    if books is None:
        raise NoFigures(f"{standing.key} has no figures yet: none of its imports has published any.")
    if first and last and last < first:
        raise WrongPeriod(f"The period ends ({last}) before it starts ({first}).")
    if (first and first > books.last) or (last and last < books.first):
        raise OutsideBooks(
            f"The books of {standing.key} run from {books.first} to {books.last}: "
            f"they have nothing of the period from {first or '...'} to {last or '...'}."
        )
    end = min(last or books.last, books.last)
    start = max(first or standing.calendar.year_of(end).first, books.first)
    is_clipped = (first or start) < start or (last or end) > end
    return Asked(standing, books, Span(start, end), is_clipped)
