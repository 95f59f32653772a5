"""What stands above every report: whose figures they are, of which import, and for which months."""

from dataclasses import dataclass
from datetime import datetime

from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class Published:
    """Figures that an import published.

    `first` and `last`: the months that the books run to. `newer`: lines came in after these figures were made
    and are in none of them. `of_older_release`: they were made before the cash flow and checks by month were.
    `structure`: the name of the reporting structure whose lines they stand on.
    """

    import_id: int | None
    at: datetime | None
    first: Month
    last: Month
    structure_id: int
    structure: str
    newer: bool
    of_older_release: bool


@dataclass(frozen=True)
class Standing:
    """An entity as its reports name it; `published` is None until an import has published figures."""

    entity_id: int
    key: str
    name: str
    currency: str
    calendar: FiscalCalendar
    published: Published | None


def read_standing(connection: Connection, key: str) -> Standing | None:
    """The entity with a key, as far as the connection's tenant sees it; None for any other."""
    row = database.run(connection, "statements/standing", key=key).fetchone()
    if row is None:
        return None
    published = None
    if row["first"] is not None and row["structure_id"] is not None:
        published = Published(
            row["import_id"],
            row["published_at"],
            Month.of(row["first"]),
            Month.of(row["last"]),
            row["structure_id"],
            row["structure"],
            row["newer"],
            row["of_older_release"],
        )
    calendar = FiscalCalendar.parse(row["fiscal_year_start"] or 1, row["fiscal_years"])
    return Standing(row["id"], row["key"], row["name"], row["currency"], calendar, published)
