"""Which administrations of a connection are imported, and which of them first."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response

from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.registry import administrations
from monitr_pipelines.warehouse.registry.administrations import PRIORITIES, Choice
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.integrations.visits import AtConnection, Posted
from monitr_pipelines.web.shell.addresses import ENTITIES, INTEGRATIONS
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import TO_EDIT

ADDRESS = f"{INTEGRATIONS}/{{number}}/administrations"
CHOICES = {PRIORITIES[choice]: choice for choice in PRIORITIES}
FIELD = "choice."

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(ADDRESS)
def list_administrations(
    request: Request, visit: AtConnection, *, new: Annotated[bool, Query()] = False
) -> Response:
    """What the connection sees, and what is chosen; `new`: it was connected a moment ago."""
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        found = administrations.listed(connection, visit.id)
    shown = [{**row, "choice": _choice(row), "field": f"{FIELD}{row['id']}"} for row in found]
    return render(
        request,
        visit.visitor,
        "integrations_administrations.html",
        visit=visit,
        importing=[row for row in shown if row["choice"] != Choice.NOT_IMPORTING],
        others=[row for row in shown if row["choice"] == Choice.NOT_IMPORTING],
        choices=list(Choice),
        new=new,
    )


@router.post(ADDRESS, dependencies=[TO_EDIT])
def choose(visit: AtConnection, fields: Posted) -> Response:
    """Import what was chosen, and stop importing what was not; first imports are asked for by that."""
    try:
        chosen = {
            name.removeprefix(FIELD): Choice(value)
            for name, value in fields.items()
            if name.startswith(FIELD)
        }
    except ValueError:
        raise HTTPException(400) from None
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        try:
            done = administrations.choose(connection, visit.id, chosen, visit.visitor.person)
        except Refused:
            raise HTTPException(404) from None
    if done.added or done.resumed:
        return go(ENTITIES)
    return go(f"{INTEGRATIONS}?done=chosen&stopped={done.stopped}")


@router.post(f"{ADDRESS}/read", dependencies=[TO_EDIT])
def read_again(visit: AtConnection, fields: Posted) -> Response:  # noqa: ARG001 - checked by being there
    """Have the list read again; the web process has no business with stored credentials."""
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        administrations.ask_to_read(connection, visit.id)
    return go(f"{visit.address}/administrations")


def _choice(row: Mapping[str, Any]) -> Choice:
    if row["entity_status"] in ("Active", "Not found"):
        return CHOICES[row["priority"]]
    return Choice.NOT_IMPORTING
