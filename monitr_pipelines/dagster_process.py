"""`python -m monitr_pipelines.dagster_process MODULE ...`: a program of Dagster whose log reads as ours.

It ends when its `monitr up` is gone; where it serves pages, our guard stands before them.
"""

import logging
import runpy
import sys
from typing import Any

import uvicorn
from dagster._utils import log as dagster_log
from starlette.types import ASGIApp

from monitr_pipelines import lifeline, logs, settings

GRACE_SECONDS = 5

_configure_loggers = dagster_log.configure_loggers
_serve = uvicorn.run


def _configure(handler: str = "default", formatter: str = "colored", log_level: str | int = "INFO") -> None:
    """Dagster's levels, and our handler."""
    _configure_loggers(handler, formatter, log_level)
    for name in logs.DAGSTERS:
        logging.getLogger(name).handlers.clear()


def _serve_guarded(app: ASGIApp, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
    """What Dagster serves, behind the guard: at uvicorn's door, past which no version of Dagster serves."""
    from monitr_pipelines.web.guard.door import guarded  # noqa: PLC0415 - the daemon serves nothing

    try:
        door = guarded(app)
    except settings.BadSetting as problem:
        logging.getLogger(logs.OURS).critical(str(problem))
        sys.exit(1)
    ours = {"log_config": None, "proxy_headers": False, "timeout_graceful_shutdown": GRACE_SECONDS}
    _serve(door, **{**options, **ours})


if __name__ == "__main__":
    logs.set_up()
    lifeline.watch()
    dagster_log.configure_loggers = _configure
    uvicorn.run = _serve_guarded  # type: ignore[assignment]  # it passes on whatever Dagster asks for
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
