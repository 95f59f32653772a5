"""The pages of a mapping in one router."""

from fastapi import APIRouter

from monitr_pipelines.web.mapping import history, pages, structure_files, structures

router = APIRouter(include_in_schema=False)
for part in (pages.router, pages.tables, history.router, structures.router, structure_files.router):
    router.include_router(part)
