"""A file of a structure: what is wrong with it, what it would change, and the keeping of it."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.ledger.structures.lines import Structure
from monitr_pipelines.ledger.structures.problems import BadStructure
from monitr_pipelines.ledger.structures.reading import read
from monitr_pipelines.ledger.structures.writing import write
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.mapping.losses import MOST_LOOKED_AT, losses
from monitr_pipelines.warehouse.registry import changes
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.reports import own_structures, structures
from monitr_pipelines.web.mapping.structures import MOST_SHOWN, STRUCTURES, listing
from monitr_pipelines.web.mapping.visits import Changing, Posted, PostedTable, TableRoute, Visit, head_of
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import TO_EDIT

router = APIRouter(route_class=TableRoute, include_in_schema=False)


@router.post(f"{STRUCTURES}/preview", dependencies=[TO_EDIT])
def preview(request: Request, visit: Changing, form: Posted, content: PostedTable) -> Response:
    """What a file would change; everything that is wrong with it is told, and nothing is stored."""
    name = str(form.get("name", "")).strip()
    findings = _of_name(name)
    try:
        structure = read(content)
    except BadStructure as bad:
        findings += [problem.finding for problem in bad.problems]
    if findings:
        return listing(request, visit, findings, name=name)
    return _preview(request, visit, name, structure)


@router.post(STRUCTURES, dependencies=[TO_EDIT])
def save(request: Request, visit: Changing, form: Posted) -> Response:
    """Keep what a preview showed; where somebody was faster, the preview is made anew."""
    name, seen = str(form.get("name", "")), str(form.get("seen", ""))
    try:
        structure = read(str(form.get("content", "")).encode())
    except (BadStructure, UnicodeEncodeError):
        raise HTTPException(400) from None
    if _of_name(name):
        raise HTTPException(400)
    owner = visit.visitor.organisation_id
    try:
        own_structures.keep(visit.connection, owner, name, structure, replace=bool(seen), seen=seen or None)
    except Refused:
        return _preview(request, visit, name, structure, overtaken=True)
    changes.record(visit.connection, owner, visit.visitor.person, Action.STRUCTURE_IMPORTED, name)
    return go(visit.link("structures", saved=1))


def _of_name(name: str) -> list[Finding]:
    """What is wrong with what a structure is to be called."""
    if not own_structures.is_name(name):
        told = sentence("structure_name_unfit", most=own_structures.LONGEST_NAME)
    elif name in structures.TEMPLATES:
        told = sentence("structure_name_of_template", name=name)
    else:
        return []
    return [Finding(told.kind, told)]


def _preview(
    request: Request, visit: Visit, name: str, structure: Structure, *, overtaken: bool = False
) -> Response:
    connection, owner = visit.connection, visit.visitor.organisation_id
    replaced = own_structures.own(connection, owner, name)
    keys: Sequence[str] = ()
    before = Structure(())
    if replaced is not None:
        keys = own_structures.uses(connection, replaced.id).assigned
        before = own_structures.export(connection, replaced.id)

    def replace() -> None:
        own_structures.keep(connection, owner, name, structure, replace=True)

    old, new = ({line.line: line for line in each.lines} for each in (before, structure))
    context: dict[str, Any] = {
        "name": name,
        "replaced": replaced,
        "count": len(new),
        "gone": [old[line].names[visit.visitor.language] for line in old if line not in new],
        "come": [new[line].names[visit.visitor.language] for line in new if line not in old],
        "losses": losses(connection, keys, replace),
        "looked_at": min(len(keys), MOST_LOOKED_AT),
        "users": len(keys),
        "most": MOST_SHOWN,
        "content": write(structure),
        "seen": "" if replaced is None else own_structures.state_of(connection, replaced.id),
        "overtaken": overtaken,
    }
    return render(
        request, visit.visitor, "mapping_structure_preview.html", **context, **head_of(visit, "structures")
    )
