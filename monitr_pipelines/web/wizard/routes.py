"""The pages of the wizard in one router."""

from fastapi import APIRouter

from monitr_pipelines.web.wizard import check, choose, discard, progress, together

router = APIRouter(include_in_schema=False)
for part in (
    choose.router,
    choose.intake_router,
    together.router,
    check.router,
    progress.router,
    discard.router,
):
    router.include_router(part)
