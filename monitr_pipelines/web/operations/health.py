"""`/health` and `/metrics`: whether the process lives, whether it can serve, what the imports do."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from pydantic import BaseModel

from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.hook.contract import UNAVAILABLE
from monitr_pipelines.web.operations import metrics

router = APIRouter(tags=["operations"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """The process can serve; whether the one that launches imports gave a sign of life of late."""

    status: Literal["ready"] = "ready"
    launching: bool


@router.get("/health/live", summary="The process answers")
async def live() -> Alive:
    """Say so without asking anybody."""
    return Alive()


@router.get("/health", summary="The database answers", responses=UNAVAILABLE)
@router.get("/health/ready", summary="The database answers", responses=UNAVAILABLE)
def ready() -> Ready:
    """Ask the database. Requests are taken in also while nobody launches them: they wait."""
    with tenancy.as_nobody() as connection:
        row = connection.execute(
            "select from app.reconciler_beat where beat_at > now() - interval '15 seconds'"
        ).fetchone()
    return Ready(launching=row is not None)


@router.get(
    "/metrics", summary="Numbers for Prometheus", response_class=PlainTextResponse, responses=UNAVAILABLE
)
def numbers(request: Request) -> PlainTextResponse:
    """Outcomes, durations, the queue and the age of figures; no tenant is named."""
    return PlainTextResponse(metrics.text(request.app.state.metrics), media_type=CONTENT_TYPE_PLAIN_0_0_4)
