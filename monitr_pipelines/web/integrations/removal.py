"""Removing a connection: asked before, and what stays is told."""

from fastapi import APIRouter, HTTPException, Request, Response

from monitr_pipelines.importing import connecting
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.integrations.visits import AtConnection, Posted
from monitr_pipelines.web.shell.addresses import INTEGRATIONS
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import TO_ADMINISTER

ADDRESS = f"{INTEGRATIONS}/{{number}}/remove"

router = APIRouter(route_class=PageRoute, include_in_schema=False, dependencies=[TO_ADMINISTER])


@router.get(ADDRESS)
def ask_before_removing(request: Request, visit: AtConnection) -> Response:
    """Tells what removing does before it is done."""
    if visit.connection["state"] == "removed":
        return go(INTEGRATIONS)
    return render(request, visit.visitor, "integrations_remove.html", visit=visit)


@router.post(ADDRESS)
def remove(visit: AtConnection, fields: Posted) -> Response:  # noqa: ARG001 - checked by being there
    """Forget the credentials; entities, their history and figures stay."""
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        try:
            connecting.remove(connection, visit.id, visit.visitor.person)
        except Refused:
            raise HTTPException(404) from None
    return go(f"{INTEGRATIONS}?done=removed")
