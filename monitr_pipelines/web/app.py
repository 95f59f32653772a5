"""The web application: what programs ask for, what people see, what operations watch."""

from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import FastAPI

from monitr_pipelines import settings
from monitr_pipelines.web.api import routes as api
from monitr_pipelines.web.billing import routes as billing
from monitr_pipelines.web.entities import routes as pages
from monitr_pipelines.web.entities.live import Exchange
from monitr_pipelines.web.hook import requests
from monitr_pipelines.web.hook.rate_limit import RateLimit
from monitr_pipelines.web.integrations import routes as integrations
from monitr_pipelines.web.mapping import routes as mapping
from monitr_pipelines.web.operations import health, metrics
from monitr_pipelines.web.reports import routes as reports
from monitr_pipelines.web.shell import answers
from monitr_pipelines.web.shell.shares import Shares
from monitr_pipelines.web.wizard import routes as wizard


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(*, clock: Callable[[], datetime] = _now) -> FastAPI:
    """The application with all of its parts; `clock` tells the time, aware. Raises BadSetting."""
    app = FastAPI(
        title="Monitr: web hook and reports",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.clock = clock
    app.state.rate_limit = RateLimit(settings.hook_requests_per_minute())
    app.state.exchange = Exchange()
    app.state.shares = Shares()
    app.state.metrics = metrics.registry()
    answers.install(app)
    for part in (requests, api, health, pages, wizard, reports, mapping, integrations, billing):
        app.include_router(part.router)
    return app
