"""The program of a worker: it takes runs from Redis, each into one of its processes."""

import logging
import os
import secrets
import socket
import warnings
from importlib import import_module

from dagster import PreviewWarning
from dagster_celery.make_app import make_app

from monitr_pipelines import lifeline, settings
from monitr_pipelines.definitions import IMPORTED_BY_RUNS
from monitr_pipelines.workers import broker, deploys, runs

log = logging.getLogger(__name__)


def work(slots: int) -> None:
    """Execute runs, so many at once, until SIGTERM; those that run are waited for. Raises BadSetting."""
    settings.check()
    app = make_app(  # type: ignore[no-untyped-call]
        {
            "broker": broker.address(),
            "config_source": broker.configuration(),
            "task_default_queue": broker.QUEUE,
        }
    )
    runs.register(app)
    warnings.simplefilter("ignore", PreviewWarning)  # told where the code is loaded for the first time
    for module in IMPORTED_BY_RUNS:  # before the fork: its processes have it at once, and share the memory
        import_module(module)
    lifeline.watch()
    deploys.watch()
    name = _name()
    log.info("worker %s: %d imports at once", name, slots)
    worker = app.Worker(
        hostname=name,
        concurrency=slots,
        pool="prefork",
        quiet=True,
        loglevel=logging.WARNING,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()


def _name() -> str:
    """Another at each start, so that no worker answers for the runs of one that was killed."""
    return f"imports-{os.getpid()}-{secrets.token_hex(3)}@{socket.gethostname()}"
