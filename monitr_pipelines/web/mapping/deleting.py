"""A structure of one's own is deleted: what goes with it, and who stands in the way."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.mapping.structures import Option
from monitr_pipelines.warehouse.registry import changes
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.reports import own_structures
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.web.mapping.structures import MOST_SHOWN, ONE, option_of
from monitr_pipelines.web.mapping.visits import CHECKED, Changing, Visit, head_of
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import TO_EDIT

DELETE = f"{ONE}/delete"

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(DELETE, dependencies=[TO_EDIT])
def delete_page(request: Request, visit: Changing, number: int) -> Response:
    """What would be deleted with a structure, or why it cannot be."""
    return _page(request, visit, _own(visit, number))


@router.post(DELETE, dependencies=[TO_EDIT, CHECKED])
def delete(request: Request, visit: Changing, number: int) -> Response:
    """Delete a structure; the page again where somebody came to use it meanwhile."""
    option = _own(visit, number)
    try:
        own_structures.delete(visit.connection, option.id)
    except Refused:
        return _page(request, visit, option)
    changes.record(
        visit.connection,
        visit.visitor.organisation_id,
        visit.visitor.person,
        Action.STRUCTURE_DELETED,
        option.name,
    )
    return go(visit.link("structures", saved="deleted"))


def _own(visit: Visit, number: int) -> Option:
    """404 for a structure of somebody else, and for a template, which nobody deletes."""
    option = option_of(visit, number)
    if not option.own:
        raise HTTPException(404)
    return option


def _page(request: Request, visit: Visit, option: Option) -> Response:
    found = own_structures.uses(visit.connection, option.id)
    in_the_way = {"assigned": found.assigned, "shown": found.shown, "removed": found.removed}
    return render(
        request,
        visit.visitor,
        "mapping_structure_delete.html",
        option=option,
        placed=found.placed,
        in_the_way={why: _names(visit, keys) for why, keys in in_the_way.items() if keys},
        most=MOST_SHOWN,
        **head_of(visit, "structures"),
    )


def _names(visit: Visit, keys: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    return database.run(visit.connection, "mapping/names_of_entities", keys=list(keys)).fetchall()
