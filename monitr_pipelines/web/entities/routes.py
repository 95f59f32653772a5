"""All pages of the Entities part in one router."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from monitr_pipelines.web.entities import actions, events, pages
from monitr_pipelines.web.shell import sign_in, static_files
from monitr_pipelines.web.shell.addresses import ENTITIES

router = APIRouter(include_in_schema=False)
for part in (static_files, sign_in, events, actions, pages):
    router.include_router(part.router)


@router.get("/")
def home() -> Response:
    """The Entities page is what people come for."""
    return RedirectResponse(ENTITIES, 303)
