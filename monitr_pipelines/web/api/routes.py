"""The routes of reports for programs in one router."""

from fastapi import APIRouter

from monitr_pipelines.web.api import entities, lines, statements

router = APIRouter(tags=["reports"])
for part in (entities, statements, lines):
    router.include_router(part.router)
