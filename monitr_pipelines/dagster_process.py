"""`python -m monitr_pipelines.dagster_process MODULE ...`: a program of Dagster whose log reads as ours."""

import logging
import runpy
import sys

import uvicorn.config
from dagster._utils import log as dagster_log

from monitr_pipelines import logs

_configure_loggers = dagster_log.configure_loggers


def _configure(handler: str = "default", formatter: str = "colored", log_level: str | int = "INFO") -> None:
    """Dagster's levels, and our handler."""
    _configure_loggers(handler, formatter, log_level)
    for name in logs.DAGSTERS:
        logging.getLogger(name).handlers.clear()


if __name__ == "__main__":
    logs.set_up()
    dagster_log.configure_loggers = _configure
    uvicorn.config.LOGGING_CONFIG = {"version": 1, "disable_existing_loggers": False}
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
