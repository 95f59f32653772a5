"""The accounts with their lines, what would change, and the saving of it."""

import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.mapping import table
from monitr_pipelines.ledger.mapping.check import problems
from monitr_pipelines.ledger.mapping.placing import Given, Placing, changed, differences
from monitr_pipelines.warehouse.mapping import choices
from monitr_pipelines.warehouse.mapping.choices import Overtaken, Unplaceable
from monitr_pipelines.warehouse.mapping.effects import effect_of
from monitr_pipelines.warehouse.mapping.reading import read_accounts, read_grounds, read_mapping
from monitr_pipelines.web.entities.cards import read_card
from monitr_pipelines.web.mapping.forms import as_field, of_field, typed_in, wanted
from monitr_pipelines.web.mapping.listing import Asked, Show, Typed, asked_for, read_listing
from monitr_pipelines.web.mapping.visits import (
    ADDRESS,
    AtMapping,
    Changing,
    Posted,
    PostedTable,
    TableRoute,
    Visit,
    head_of,
)
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.headers import PAGE_HEADERS
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import TO_EDIT

# Of what a preview shows; the rest is counted.
MOST_SHOWN = 100
LONGEST_NUMBER = 18

router = APIRouter(route_class=PageRoute, include_in_schema=False)
tables = APIRouter(route_class=TableRoute, include_in_schema=False)


@router.get(ADDRESS)
def mapping_page(request: Request, visit: AtMapping, saved: str = "") -> Response:
    """The accounts, those on no line first; `saved`: a change was made a moment ago."""
    return _listing(request, visit, asked_for(request.query_params), Typed(), saved=bool(saved))


@router.post(f"{ADDRESS}/preview", dependencies=[TO_EDIT])
def preview(request: Request, visit: AtMapping, form: Posted) -> Response:
    """What the form would change of the statements; what is wrong with it is told beside what was entered."""
    asked, typed = asked_for(form), typed_in(form)
    given = wanted(visit, form, asked, typed)
    found = problems(given, read_grounds(visit.connection, visit.mapping), visit.mapping.choices)
    if found or not given:
        return _listing(request, visit, asked, typed, found, nothing=not given)
    return _preview(request, visit, given)


@tables.post(f"{ADDRESS}/file", dependencies=[TO_EDIT])
def preview_file(request: Request, visit: AtMapping, form: Posted, content: PostedTable) -> Response:
    """The same of a table, which tells all choices, or with `append` some more of them."""
    read = table.read(content, visit.mapping.lines, visit.mapping.axis)
    whole = form.get("append") != "1"
    kept = {} if whole else visit.mapping.choices
    found = read.findings or problems(read.given, read_grounds(visit.connection, visit.mapping), kept)
    if found:
        return _listing(request, visit, Asked(), Typed(), found)
    return _preview(request, visit, read.given, whole=whole)


@tables.post(ADDRESS, dependencies=[TO_EDIT])
def save(request: Request, visit: Changing, form: Posted) -> Response:
    """Store what a preview showed; where somebody changed the mapping meanwhile, the preview is made anew."""
    given = of_field(str(form.get("given", "")))
    seen = str(form.get("seen", ""))
    try:
        change = choices.save(
            visit.connection,
            visit.mapping.key,
            given,
            visit.visitor.person,
            seen=int(seen) if len(seen) <= LONGEST_NUMBER and seen.isascii() and seen.isdigit() else -1,
        )
    except Unplaceable as problem:
        return _listing(request, visit, Asked(), Typed(), problem.findings)
    except Overtaken:
        return _preview(request, visit, given, overtaken=True)
    return go(visit.link(saved=change or ""))


@router.get(f"{ADDRESS}/choices.csv")
def download(visit: AtMapping) -> Response:
    """The choices as a table that can be read in again."""
    accounts = read_accounts(visit.connection, visit.mapping)
    names = {each.placed.code: each.placed.name for each in accounts}
    content = "\ufeff" + table.written(visit.mapping.choices, names)
    file_name = f"{visit.mapping.entity_id}-mapping.csv"
    headers = {**PAGE_HEADERS, "content-disposition": f'attachment; filename="{file_name}"'}
    return Response(content.encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _listing(
    request: Request,
    visit: Visit,
    asked: Asked,
    typed: Typed,
    findings: Sequence[Finding] = (),
    **told: bool,
) -> Response:
    language = visit.visitor.language
    return render(
        request,
        visit.visitor,
        "mapping.html",
        listing=read_listing(visit, asked),
        asked=asked,
        typed=typed,
        shows=Show,
        findings=findings[:MOST_SHOWN],
        more_findings=max(0, len(findings) - MOST_SHOWN),
        labels=[line.label(language) for line in visit.mapping.lines.leaves()],
        placing=Placing,
        as_place=lambda *place: json.dumps(place, ensure_ascii=False),
        can_sync=_can_sync(request, visit) if told.get("saved") else False,
        **{"saved": False, "nothing": False} | told,
        **head_of(visit, "accounts"),
    )


def _preview(
    request: Request, visit: Visit, given: Sequence[Given], *, whole: bool = False, overtaken: bool = False
) -> Response:
    mapping = read_mapping(visit.connection, visit.mapping.key) if overtaken else visit.mapping
    after = changed({} if whole else mapping.choices, given)
    found = differences(mapping.choices, after)
    names = {each.placed.code: each.placed.name for each in read_accounts(visit.connection, mapping)}
    context: dict[str, Any] = {
        "differences": found[:MOST_SHOWN],
        "count": len(found),
        "more": max(0, len(found) - MOST_SHOWN),
        "names": names,
        "shifts": effect_of(visit.connection, mapping, after),
        "field": as_field(found),
        "seen": mapping.last_change,
        "overtaken": overtaken,
    }
    return render(request, visit.visitor, "mapping_preview.html", **context, **head_of(visit, "accounts"))


def _can_sync(request: Request, visit: Visit) -> bool:
    """Whether an import can be asked for now, so that figures follow at once."""
    card = read_card(visit.connection, visit.mapping.key, request.app.state.clock())
    return card is not None and card.can_import and not card.facts["lacks_file"]
