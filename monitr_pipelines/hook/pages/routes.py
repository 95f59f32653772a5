"""All pages of the Entities part in one router."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from monitr_pipelines.hook import static_files
from monitr_pipelines.hook.pages import actions, entities, events, sign_in
from monitr_pipelines.hook.pages.addresses import ENTITIES

router = APIRouter(include_in_schema=False)
for part in (static_files, sign_in, events, actions, entities):
    router.include_router(part.router)


@router.get("/")
def home() -> Response:
    """The Entities page is what people come for."""
    return RedirectResponse(ENTITIES, 303)
