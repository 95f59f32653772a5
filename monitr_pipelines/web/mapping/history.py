"""Who changed what of a mapping, and taking it back."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request, Response

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.mapping import choices
from monitr_pipelines.warehouse.mapping.choices import Unplaceable
from monitr_pipelines.web.mapping.visits import ADDRESS, AtMapping, Changing, Posted, Visit, head_of
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import TO_EDIT

MOST_ACTS = 30
MOST_OF_ACT = 20

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(f"{ADDRESS}/history")
def history_page(request: Request, visit: AtMapping) -> Response:
    """The last changes, the latest first."""
    return _page(request, visit)


@router.post(f"{ADDRESS}/undo", dependencies=[TO_EDIT])
def undo(request: Request, visit: Changing, form: Posted) -> Response:
    """Take a change back; what was changed since is told, and then nothing is."""
    try:
        change = UUID(str(form.get("change", "")))
        undone = choices.undo(visit.connection, visit.mapping.key, change, visit.visitor.person)
    except Unplaceable as problem:
        return _page(request, visit, problem.findings)
    except (ValueError, Refused):
        raise HTTPException(404) from None
    return go(visit.link(saved=undone or ""))


def _page(request: Request, visit: Visit, findings: Sequence[Finding] = ()) -> Response:
    acts = choices.history(visit.connection, visit.mapping, most=MOST_ACTS, shown=MOST_OF_ACT)
    return render(
        request,
        visit.visitor,
        "mapping_history.html",
        acts=acts,
        findings=findings[:MOST_OF_ACT],
        more_findings=max(0, len(findings) - MOST_OF_ACT),
        **head_of(visit, "history"),
    )
