"""Step 2: see how the file is read, correct that, and confirm; confirming asks for the import, once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import MappingProxyType

from fastapi import APIRouter, Request, Response

from monitr_pipelines.files import Mode
from monitr_pipelines.files.tables.layout import columns_for, is_known
from monitr_pipelines.importing.beforehand.several import Foreseen
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.ledger.findings import grouped
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.imports import UploadState
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.entities.cards import trouble
from monitr_pipelines.web.shell import i18n
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.wizard import answers, drafts, reading_form, table
from monitr_pipelines.web.wizard.seeing import accepted, look_at, settings_of
from monitr_pipelines.web.wizard.visits import AT_FILE, AtFile, FileVisit, Posted
from monitr_pipelines.web.wizard.wording import (
    ALLOWANCES,
    allowance,
    asked_in_words,
    fields_asked,
    told_label,
)

# The usual one first.
MODES = (Mode.YEARS, Mode.MONTHS, Mode.OVERWRITE, Mode.APPEND)

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get(AT_FILE)
def look_at_file(request: Request, visit: AtFile) -> Response:
    """The first lines as they would be imported, and the form to correct how they are read."""
    if visit.file.state != UploadState.DRAFT:
        return go(f"{visit.address}/progress")
    seen = look_at(visit)
    return _page(request, visit, seen, _ahead(request, visit, seen))


@router.post(AT_FILE)
def correct_or_confirm(request: Request, visit: AtFile, form: Posted) -> Response:
    """Keep the answers, and import the file if that was asked for and nothing is left to be answered."""
    if visit.file.state != UploadState.DRAFT:
        return go(f"{visit.address}/progress")
    action = form.get("action", "")
    if action.startswith(answers.PREFIX):
        _answer(request, visit, action)
        return go(visit.page)
    visit = _kept(visit, form)
    if action != "import":
        return go(visit.together if action == "back" and visit.together else visit.page)
    seen = look_at(visit)
    coming = _ahead(request, visit, seen, form)
    if coming.problem is not None:
        return _page(request, visit, seen, coming, status_code=422)
    try:
        _confirm(visit, form, request.app.state.clock(), seen.headers)
    except ImportProblem as refused:
        return _page(request, visit, seen, coming, status_code=409, refused=refused)
    return go(f"{visit.address}/progress")


def _kept(visit: FileVisit, form: Mapping[str, str]) -> FileVisit:
    """The file with what its form says; among others, what is accepted is kept until all are imported."""
    settings = {**visit.file.settings, **reading_form.settings_of(form)}
    if visit.together:
        said = accepted(visit, form)
        settings |= {name: said[name] for name in answers.TO_ACCEPT & said.keys()}
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        drafts.save(connection, visit.file.id, reading_form.mode_of(form), settings)
        file = drafts.find(connection, visit.entity, visit.file.id)
    return replace(visit, file=file or visit.file)


@router.post(f"{AT_FILE}/reopen")
def read_again(visit: AtFile, form: Posted) -> Response:  # noqa: ARG001 - the form is checked by being there
    """A file that was refused can be read in another way."""
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        drafts.reopen(connection, visit.entity, visit.file.id)
    return go(visit.page)


def _confirm(visit: FileVisit, form: Mapping[str, str], now: datetime, headers: Sequence[str]) -> None:
    said = accepted(visit, form)
    allowances = {name: bool(said.get(name)) for name in ALLOWANCES.values()}
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        drafts.confirm(
            connection,
            visit.entity,
            visit.file,
            person=visit.visitor.person,
            allowances=allowances,
            now=now,
            headers=headers,
        )


def _ahead(
    request: Request, visit: FileVisit, seen: Preview, form: Mapping[str, str] = MappingProxyType({})
) -> Foreseen:
    return answers.look_ahead(visit, seen, accepted(visit, form), request.app.state.clock())


def _answer(request: Request, visit: FileVisit, action: str) -> None:
    """Follow the answer of a button, if that is still one of those to what the import would ask."""
    coming = _ahead(request, visit, look_at(visit))
    offer = next((offer for offer in answers.offers(coming.problem) if offer.action == action), None)
    if offer is not None:
        with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
            answers.give(connection, visit, offer)


def _page(
    request: Request,
    visit: FileVisit,
    seen: Preview,
    coming: Foreseen,
    *,
    status_code: int = 200,
    refused: ImportProblem | None = None,
) -> Response:
    settings = settings_of(visit)
    columns = columns_for(seen.headers, settings, known=is_known(seen.headers))
    language = visit.visitor.language
    return render(
        request,
        visit.visitor,
        "wizard_check.html",
        status_code,
        entity=visit.entity,
        file=visit.file,
        page=visit.page,
        together=visit.together,
        preview=seen,
        findings=grouped([*seen.findings, *coming.findings]),
        refused=refused and trouble(refused),
        table=table.columns(seen),
        choices=reading_form.choices(settings, seen, visit.file.settings),
        debit=i18n.amount(language, seen.debit),
        credit=i18n.amount(language, seen.credit),
        coming=coming.outlook,
        asked_before=None if coming.problem is seen.problem else coming.problem,
        offers=answers.offers(coming.problem),
        asked_in_words=partial(asked_in_words, language),
        month_of_year=partial(i18n.month_of_year, language),
        columns=reading_form.column_choices({**seen.proposed, **columns}, seen.headers, seen.columns),
        axes=reading_form.axes(columns, seen.headers),
        asked=fields_asked(coming.problem.messages if coming.problem else ()),
        offered=allowance(visit.file.error_code),
        modes=MODES,
        told_label=partial(told_label, language),
    )
