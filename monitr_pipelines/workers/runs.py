"""A run in a process of a worker, which has imported all that runs need before it was forked."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import dagster as dg
from celery import Celery
from dagster._cli.api import _execute_run_command_body
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import unpack_value
from dagster_celery.config import TASK_EXECUTE_JOB_NAME

from monitr_pipelines.dagster_names import WORKER_TAG


def register(app: Celery) -> None:
    """Let workers of this application execute runs, under dagster-celery's own name for that."""
    app.task(_execute, bind=True, name=TASK_EXECUTE_JOB_NAME, ignore_result=True)


def _execute(task: Any, execute_job_args_packed: Any) -> None:  # noqa: ANN401 - Celery's own; JSON
    """Execute a run, unless it has begun elsewhere or ended: Dagster says so in its log then."""
    run_id = unpack_value(execute_job_args_packed, as_type=ExecuteRunArgs).run_id
    instance = _instance_of(os.getpid())
    run = instance.get_run_by_id(run_id)
    if run is None or run.is_finished or WORKER_TAG in run.tags:
        return  # deleted meanwhile, canceled, or delivered twice
    with _interruptible():
        instance.add_run_tags(run_id, {WORKER_TAG: task.request.hostname})
        _execute_run_command_body(
            instance=instance, run_id=run_id, write_stream_fn=_nowhere, set_exit_code_on_failure=True
        )


@lru_cache(maxsize=1)
def _instance_of(_pid: int) -> dg.DagsterInstance:
    """Dagster's instance of this process; its connections are kept from run to run."""
    return dg.DagsterInstance.get()


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM stops the run as Ctrl-C would, so that it can tell that it was canceled."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        pass  # it struck where Dagster has told how the run ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nowhere(_event: Any) -> None:  # noqa: ANN401 - an event of Dagster, which is stored already
    """No event goes to whoever sent the run."""
