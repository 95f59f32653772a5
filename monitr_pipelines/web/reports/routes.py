"""The pages of reports in one router."""

from fastapi import APIRouter

from monitr_pipelines.web.reports import charts, checks, downloads, drill, overview, statements

router = APIRouter(include_in_schema=False)
# A fixed address before one with the name of a statement in its place.
for part in (overview, drill, charts, checks, downloads, statements):
    router.include_router(part.router)
