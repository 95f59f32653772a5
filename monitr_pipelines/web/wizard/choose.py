"""Step 1: choose a file or several, or see what became of others.

They are stored while they come in, and refused as soon as they are too large.
"""

import sys
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from monitr_pipelines import settings
from monitr_pipelines.lifecycle.imports import DISCARDABLE
from monitr_pipelines.lifecycle.messages import recorded
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.headers import HEADERS
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import csrf_checked
from monitr_pipelines.web.wizard import drafts
from monitr_pipelines.web.wizard.drafts import DraftGone
from monitr_pipelines.web.wizard.intake import FORM_BYTES, FileTooLarge, Intake, NoFile, TooManyFiles
from monitr_pipelines.web.wizard.multipart import FormUnreadable, UploadForm
from monitr_pipelines.web.wizard.too_large import AnswerEarly
from monitr_pipelines.web.wizard.visits import AT_ENTITY, AtEntity, Visit, together_address

TEMPLATE = Path(__file__).with_name("template.csv")
MEGABYTE = 1024 * 1024


class IntakeRoute(PageRoute):
    """A route that counts by itself what it takes in."""

    largest_body = sys.maxsize


router = APIRouter(include_in_schema=False, route_class=PageRoute)
intake_router = APIRouter(include_in_schema=False, route_class=IntakeRoute)


@router.get("/import-template.csv")
def template() -> Response:
    """A file to start from: the standard header and a booking."""
    headers = {**HEADERS, "content-disposition": 'attachment; filename="import-template.csv"'}
    return Response(TEMPLATE.read_bytes(), headers=headers, media_type="text/csv; charset=utf-8")


@router.get(AT_ENTITY)
def choose_file(request: Request, visit: AtEntity) -> Response:
    """The form that takes a file."""
    return _page(request, visit)


@intake_router.post(AT_ENTITY)
async def take_files(request: Request, visit: AtEntity) -> Response:
    """Store each file as a draft and go on to look at it, or at all of them."""
    limit = settings.upload_limit()
    if _announced(request) > limit + FORM_BYTES:
        return AnswerEarly(await run_in_threadpool(_page, request, visit, "too_large", 413))
    intake = Intake(
        visit.visitor.organisation_id,
        visit.entity.id,
        limit,
        drafts.MOST_FILES,
        admit=lambda fields: csrf_checked(request, visit.visitor, fields.get("csrf", "")),
    )
    try:
        form = UploadForm(request.headers.get("content-type", ""))
        uploads = await intake.take(request.stream(), form)
    except (FileTooLarge, TooManyFiles) as error:
        told = "too_large" if isinstance(error, FileTooLarge) else "too_many"
        return AnswerEarly(await run_in_threadpool(_page, request, visit, told, 413))
    except (NoFile, FormUnreadable, TimeoutError, DraftGone, ClientDisconnect) as error:
        told, status = REFUSALS[type(error)]
        return await run_in_threadpool(_page, request, visit, told, status)
    empty = sum(map(bool, form.file_names)) - len(uploads)
    if len(uploads) == 1 and empty <= 0:
        return go(f"{visit.address}/{uploads[0]}")
    return go(together_address(visit, uploads, empty=max(empty, 0)))


REFUSALS = {
    NoFile: ("no_file", 422),
    FormUnreadable: ("unreadable", 400),
    TimeoutError: ("too_slow", 408),
    DraftGone: ("file_gone", 409),
    ClientDisconnect: ("unreadable", 400),
}


def _announced(request: Request) -> int:
    """The length that the browser says its form has; 0 where it does not say."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _page(request: Request, visit: Visit, problem: str | None = None, status_code: int = 200) -> Response:
    return render(
        request,
        visit.visitor,
        "wizard_choose.html",
        status_code,
        entity=visit.entity,
        problem=problem,
        limit=settings.upload_limit() // MEGABYTE,
        most=drafts.MOST_FILES,
        files=_files(visit),
        discardable=DISCARDABLE,
    )


def _files(visit: Visit) -> list[dict[str, Any]]:
    """The newest files, and why those that were refused were."""
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        rows = database.run(connection, "web/wizard/files", entity_id=visit.entity.id).fetchall()
    return [row | {"messages": recorded(row["error_message"], row["error_fields"])} for row in rows]
