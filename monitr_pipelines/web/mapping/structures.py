"""The structures that an entity can be read by: listed, looked at, taken away as a file, and chosen."""

import re
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.structures.lines import SIDES, Statement
from monitr_pipelines.ledger.structures.writing import write
from monitr_pipelines.warehouse.mapping.losses import losses
from monitr_pipelines.warehouse.mapping.reading import read_mapping
from monitr_pipelines.warehouse.mapping.structures import Option, history, options
from monitr_pipelines.warehouse.registry import changes
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.reports import own_structures
from monitr_pipelines.web.mapping.visits import ADDRESS, CHECKED, AtMapping, Changing, Visit, head_of
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.headers import PAGE_HEADERS
from monitr_pipelines.web.shell.i18n import has_text, text
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import TO_EDIT

STRUCTURES = f"{ADDRESS}/structures"
ONE = f"{STRUCTURES}/{{number}}"
STATEMENTS = (Statement.PROFIT_AND_LOSS, Statement.BALANCE_SHEET, Statement.CASH_FLOW)
MOST_CHANGES = 30
# Of what a page tells at once; the rest is counted.
MOST_SHOWN = 100

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(STRUCTURES)
def structures_page(request: Request, visit: AtMapping, saved: str = "") -> Response:
    """Every structure that the entity can be read by; `saved`: what was done a moment ago."""
    return listing(request, visit, saved="deleted" if saved == "deleted" else "saved" if saved else "")


@router.get(ONE)
def structure_page(request: Request, visit: AtMapping, number: int) -> Response:
    """The lines of a structure, statement by statement."""
    option = option_of(visit, number)
    lines = list(own_structures.export(visit.connection, option.id).in_order())
    sheets = [(each, [pair for pair in lines if pair[1].statement == each]) for each in STATEMENTS]
    names = {line.line: line.names[visit.visitor.language] for _, line in lines}
    return render(
        request,
        visit.visitor,
        "mapping_structure.html",
        option=option,
        title=title_of(visit, option),
        sheets=[(statement, rows) for statement, rows in sheets if rows],
        names=names,
        sides=SIDES,
        **head_of(visit, "structures"),
    )


@router.get(f"{ONE}/lines.csv")
def download(visit: AtMapping, number: int) -> Response:
    """A structure as a file that can be read in again."""
    option = option_of(visit, number)
    # Spreadsheets take a file for UTF-8 by its mark alone.
    content = "\ufeff" + write(own_structures.export(visit.connection, option.id))
    plain = re.sub(r"[^A-Za-z0-9]+", "-", option.name).strip("-")
    headers = {
        **PAGE_HEADERS,
        "content-disposition": f'attachment; filename="{plain or option.id}-structure.csv"',
    }
    return Response(content.encode(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get(f"{ONE}/choose", dependencies=[TO_EDIT])
def choose_page(request: Request, visit: Changing, number: int) -> Response:
    """What the entity would lose by another structure, before it is chosen."""
    option = option_of(visit, number)

    def assign() -> None:
        own_structures.assign(visit.connection, visit.mapping.key, _assigned(option))

    return render(
        request,
        visit.visitor,
        "mapping_structure_choice.html",
        option=option,
        title=title_of(visit, option),
        losses=losses(visit.connection, [visit.mapping.key], assign),
        most=MOST_SHOWN,
        **head_of(visit, "structures"),
    )


@router.post(f"{ONE}/choose", dependencies=[TO_EDIT, CHECKED])
def choose(visit: Changing, number: int) -> Response:
    """Read the entity by a structure from its next import on."""
    own_structures.assign(visit.connection, visit.mapping.key, _assigned(option_of(visit, number)))
    structure = read_mapping(visit.connection, visit.mapping.key).structure
    changes.record_of_entity(
        visit.connection, visit.mapping.key, visit.visitor.person, Action.STRUCTURE_ASSIGNED, structure
    )
    return go(visit.link("structures", saved=1))


def listing(
    request: Request, visit: Visit, findings: Sequence[Finding] = (), *, name: str = "", saved: str = ""
) -> Response:
    """The page of all structures; `findings`: what is wrong with a file, `name` what it was to be called.

    `saved`: "saved" or "deleted", for what was done a moment ago.
    """
    found = options(visit.connection, visit.mapping)
    context: dict[str, Any] = {
        "options": [(each, title_of(visit, each)) for each in found],
        "own": [each.name for each in found if each.own],
        "changes": history(visit.connection, visit.visitor.organisation_id, MOST_CHANGES),
        "findings": findings[:MOST_SHOWN],
        "more_findings": max(0, len(findings) - MOST_SHOWN),
        "name": name,
        "longest": own_structures.LONGEST_NAME,
        "saved": saved,
    }
    return render(
        request, visit.visitor, "mapping_structures.html", **context, **head_of(visit, "structures")
    )


def title_of(visit: Visit, option: Option) -> str:
    """What a structure is called: templates have names in the reader's language."""
    key = f"mapping.template.{option.name}"
    return option.name if option.own or not has_text(key) else text(visit.visitor.language, key)


def option_of(visit: Visit, number: int) -> Option:
    """404 for a structure of somebody else."""
    found = {each.id: each for each in options(visit.connection, visit.mapping)}
    if number not in found:
        raise HTTPException(404)
    return found[number]


def _assigned(option: Option) -> str | None:
    """The one of the country is followed, not chosen: should the country change, so does the structure."""
    return None if option.is_default else option.name
