"""The pages of connections in one router."""

from fastapi import APIRouter

from monitr_pipelines.web.integrations import administrations, connect, overview, removal, sign_in

router = APIRouter(include_in_schema=False)
# A fixed address before one with a number in its place.
for part in (overview, sign_in, connect, administrations, removal):
    router.include_router(part.router)
