"""The entities whose reports can be read."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.web.reports.visits import AtEntity, Sheet, SignedIn
from monitr_pipelines.web.shell.addresses import REPORTS
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render

PAGE_SIZE = 50

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(REPORTS)
def reports_page(request: Request, visitor: SignedIn, q: str = "", after: str = "") -> Response:
    """The entities by name, a page at a time: those after the entity `after`, whose names hold `q`."""
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        rows = database.run(
            connection, "statements/entities", search=q, after=after, most=PAGE_SIZE + 1
        ).fetchall()
    entities = [row | {name: _month(row[name]) for name in ("first", "last")} for row in rows[:PAGE_SIZE]]
    following = entities[-1]["key"] if len(rows) > PAGE_SIZE else ""
    shown: dict[str, Any] = {"entities": entities, "q": q, "after": after, "following": following}
    return render(request, visitor, "reports.html", sheets=Sheet, **shown)


@router.get(f"{REPORTS}/{{key}}")
def reports_of_entity(visit: AtEntity) -> Response:
    """Profit and loss is what people look at first."""
    return RedirectResponse(visit.link(Sheet.PROFIT_AND_LOSS), 303)


def _month(day: date | None) -> Month | None:
    return None if day is None else Month.of(day)
