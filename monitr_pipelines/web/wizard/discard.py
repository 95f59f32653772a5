"""Throwing a file away that is not in the books: asked before, and told in the list of files afterwards."""

from fastapi import APIRouter, Request, Response

from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.lifecycle.imports import DISCARDABLE
from monitr_pipelines.warehouse.queue import uploads
from monitr_pipelines.warehouse.registry import changes
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.wizard.visits import AT_FILE, AtFile, FileVisit, Posted

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get(f"{AT_FILE}/discard")
def ask_before_discard(request: Request, visit: AtFile) -> Response:
    """Tells what discarding does before it is done."""
    if visit.file.state not in DISCARDABLE:
        return go(f"{visit.address}/progress")
    return _page(request, visit)


@router.post(f"{AT_FILE}/discard")
def discard(request: Request, visit: AtFile, form: Posted) -> Response:  # noqa: ARG001 - checked by being there
    """Throw the file away, unless an import reads it now or has put it into the books."""
    visitor = visit.visitor
    try:
        with tenancy.as_tenant(visitor.organisation_id) as connection:
            uploads.discard(connection, visit.file.id, visitor.person)
            if visit.file.state in DISCARDABLE:
                action, subject = Action.FILE_DISCARDED, visit.file.file_name
                changes.record(connection, visitor.organisation_id, visitor.person, action, subject)
    except Refused as refused:
        return _page(request, visit, refused, 409)
    return go(f"{visit.list_address}#files")


def _page(
    request: Request, visit: FileVisit, refused: Refused | None = None, status_code: int = 200
) -> Response:
    return render(
        request,
        visit.visitor,
        "wizard_discard.html",
        status_code,
        entity=visit.entity,
        file=visit.file,
        refused=refused,
    )
