"""The pages of a mapping in one router."""

from fastapi import APIRouter

from monitr_pipelines.web.mapping import deleting, history, pages, structure_files, structures

PARTS = (history, structures, structure_files, deleting)

router = APIRouter(include_in_schema=False)
for part in (pages.router, pages.tables, *(each.router for each in PARTS)):
    router.include_router(part)
