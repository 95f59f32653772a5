"""Step 2: see how the file is read, correct that, and confirm; confirming asks for the import, once."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from monitr_pipelines.files import Mode, ReadSettings
from monitr_pipelines.files.tables.layout import columns_for, is_known
from monitr_pipelines.importing.look import look
from monitr_pipelines.importing.outlook import Outlook
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.importing.reading import chosen, read_settings
from monitr_pipelines.ledger.findings import grouped
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.imports import UploadState
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.entities.cards import trouble
from monitr_pipelines.web.shell import i18n
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.wording import told_of
from monitr_pipelines.web.wizard import answers, drafts, reading_form, table
from monitr_pipelines.web.wizard.drafts import DraftGone
from monitr_pipelines.web.wizard.visits import AT_FILE, AtFile, FileVisit, Posted
from monitr_pipelines.web.wizard.wording import ALLOWANCES, allowance, fields_asked, told_label

# The usual one first.
MODES = (Mode.YEARS, Mode.OVERWRITE, Mode.APPEND)

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get(AT_FILE)
def look_at_file(request: Request, visit: AtFile) -> Response:
    """The first lines as they would be imported, and the form to correct how they are read."""
    if visit.file.state != UploadState.DRAFT:
        return go(f"{visit.address}/progress")
    seen = _look(visit)
    return _page(request, visit, seen, *_ahead(request, visit, seen))


@router.post(AT_FILE)
def correct_or_confirm(request: Request, visit: AtFile, form: Posted) -> Response:
    """Keep the answers, and import the file if that was asked for and nothing is left to be answered."""
    if visit.file.state != UploadState.DRAFT:
        return go(f"{visit.address}/progress")
    action = form.get("action", "")
    if action.startswith(answers.PREFIX):
        _answer(request, visit, action)
        return go(visit.address)
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        settings = {**visit.file.settings, **reading_form.settings_of(form)}
        drafts.save(connection, visit.file.id, reading_form.mode_of(form), settings)
        visit = FileVisit(
            visit.visitor, visit.entity, drafts.find(connection, visit.entity, visit.file.id) or visit.file
        )
    if action != "import":
        return go(visit.address)
    seen = _look(visit)
    coming, asked = _ahead(request, visit, seen, form)
    if seen.problem is not None or asked is not None:
        return _page(request, visit, seen, coming, asked, status_code=422)
    try:
        _confirm(visit, form, request.app.state.clock())
    except ImportProblem as refused:
        return _page(request, visit, seen, coming, status_code=409, refused=refused)
    return go(f"{visit.address}/progress")


@router.post(f"{AT_FILE}/reopen")
def read_again(visit: AtFile, form: Posted) -> Response:  # noqa: ARG001 - the form is checked by being there
    """A file that was refused can be read in another way."""
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        drafts.reopen(connection, visit.entity, visit.file.id)
    return go(visit.address)


def _confirm(visit: FileVisit, form: Mapping[str, str], now: datetime) -> None:
    accepted = _accepted(visit, form)
    allowances = {name: bool(accepted.get(name)) for name in ALLOWANCES.values()}
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        drafts.confirm(
            connection,
            visit.entity,
            visit.file,
            person=visit.visitor.person,
            allowances=allowances,
            now=now,
        )


def _accepted(visit: FileVisit, form: Mapping[str, str]) -> Mapping[str, Any]:
    """What was accepted of a file: with a button before, or with the field that its refusal offers."""
    offered = allowance(visit.file.error_code)
    ticked = {offered: True} if offered and form.get(offered) else {}
    return {**visit.file.settings, **ticked}


def _ahead(
    request: Request, visit: FileVisit, seen: Preview, form: Mapping[str, str] = MappingProxyType({})
) -> tuple[Outlook | None, ImportProblem | None]:
    return answers.look_ahead(visit, seen, _accepted(visit, form), request.app.state.clock())


def _answer(request: Request, visit: FileVisit, action: str) -> None:
    """Follow the answer of a button, if that is still one of those to what the import would ask."""
    _, asked = _ahead(request, visit, _look(visit))
    offer = next((offer for offer in answers.offers(asked) if offer.action == action), None)
    if offer is not None:
        with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
            answers.give(connection, visit, offer)


def _settings(visit: FileVisit) -> ReadSettings:
    file = visit.file
    said = chosen(visit.entity, file.settings)
    return read_settings(visit.entity.calendar, said, mode=file.mode, content_hash=file.content_hash)


def _look(visit: FileVisit) -> Preview:
    try:
        with drafts.content(visit.visitor.organisation_id, visit.file) as stream:
            return look(stream, _settings(visit))
    except DraftGone:
        raise HTTPException(404) from None


def _page(
    request: Request,
    visit: FileVisit,
    seen: Preview,
    coming: Outlook | None = None,
    asked: ImportProblem | None = None,
    *,
    status_code: int = 200,
    refused: ImportProblem | None = None,
) -> Response:
    settings = _settings(visit)
    columns = columns_for(seen.headers, settings, known=is_known(seen.headers))
    language = visit.visitor.language
    return render(
        request,
        visit.visitor,
        "wizard_check.html",
        status_code,
        entity=visit.entity,
        file=visit.file,
        preview=seen,
        findings=grouped(seen.findings),
        refused=refused and trouble(refused),
        table=table.columns(seen),
        choices=reading_form.choices(settings, seen),
        debit=i18n.amount(language, seen.debit),
        credit=i18n.amount(language, seen.credit),
        coming=coming,
        asked_before=asked,
        offers=answers.offers(asked),
        told_of=partial(told_of, language),
        month_of_year=partial(i18n.month_of_year, language),
        columns=reading_form.column_choices({**seen.proposed, **columns}, seen.headers, seen.columns),
        axes=reading_form.axes(columns, seen.headers),
        asked=fields_asked(seen.questions),
        offered=allowance(visit.file.error_code),
        modes=MODES,
        told_label=partial(told_label, language),
    )
