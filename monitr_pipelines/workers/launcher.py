"""Dagster's launcher for runs on workers: dagster-celery's, with what it leaves open."""

import logging
import time
from collections.abc import Mapping
from typing import Any, Self

import dagster as dg
from dagster._core.events import EngineEventData
from dagster._core.launcher import CheckRunHealthResult, LaunchRunContext, WorkerStatus
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import ConfigurableClassData, pack_value
from dagster_celery.config import TASK_EXECUTE_JOB_NAME
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.tasks import create_execute_job_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from monitr_pipelines.dagster_names import PRIORITY_TAG, WORKER_TAG
from monitr_pipelines.warehouse.queue import claims
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.workers import broker
from monitr_pipelines.workers.priorities import level_of

ANSWER_SECONDS = 1
# A worker that is busy answers late; one that is silent for so long is gone.
SILENT_SECONDS = 10

log = logging.getLogger(__name__)


class ImportLauncher(CeleryRunLauncher):
    """Gives a run to Redis under its own id, and asks the books, then its worker, whether it lives."""

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(
            default_queue=broker.QUEUE,
            broker=broker.address(),
            config_source=broker.configuration(),
            inst_data=inst_data,
        )
        self._silent_since: dict[str, float] = {}

    def launch_run(self, context: LaunchRunContext) -> None:
        """Send the run to the queue; what wakes up first is for Redis to say, by its priority."""
        run = context.dagster_run
        if run.job_code_origin is None:
            raise dg.DagsterInvariantViolationError(f"run {run.run_id} does not say where its code is")
        sent = ExecuteRunArgs(
            job_origin=run.job_code_origin,
            run_id=run.run_id,
            instance_ref=self._instance.get_ref(),
            set_exit_code_on_failure=True,
        )
        task = create_execute_job_task(self.celery)
        task.si(execute_job_args_packed=pack_value(sent)).apply_async(
            task_id=run.run_id,
            priority=level_of(run.tags.get(PRIORITY_TAG)),
            queue=self.default_queue,
            routing_key=f"{self.default_queue}.{TASK_EXECUTE_JOB_NAME}",
        )
        self._instance.report_engine_event(
            "Waits in Redis for a worker.", run, EngineEventData({"queue": self.default_queue}), type(self)
        )

    def terminate(self, run_id: str) -> bool:
        """End a run as a person's wish; one that no worker has begun is canceled at once."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        self._instance.report_run_canceling(run)
        self.celery.control.revoke(run_id, terminate=True)
        if WORKER_TAG not in run.tags:
            self._instance.report_run_canceled(run, "Canceled before a worker began with it.")
        return True

    @property
    def supports_resume_run(self) -> bool:
        """An import is not resumed: the next one goes on where it was."""
        return False

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the worker of a run lives: by the lease of its import, or else by its own answer.

        What nobody can tell now, because Redis is away, counts as alive: the reconciler ends the run of an
        import whose lease ran out.
        """
        if self._is_leased(run.run_id):
            return self._lives(run)
        try:
            gone = self._is_gone(run)
        except (OperationalError, RedisError, OSError) as problem:
            return CheckRunHealthResult(
                WorkerStatus.RUNNING, f"Redis does not answer: {type(problem).__name__}"
            )
        if gone:
            worker = run.tags.get(WORKER_TAG, "(killed before it said so)")
            return CheckRunHealthResult(WorkerStatus.FAILED, f"its worker {worker} is gone")
        return CheckRunHealthResult(WorkerStatus.RUNNING)

    def _lives(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        self._silent_since.pop(run.run_id, None)
        return CheckRunHealthResult(WorkerStatus.RUNNING)

    @staticmethod
    def _is_leased(run_id: str) -> bool:
        with database.connect(autocommit=True) as connection:
            return claims.is_leased(connection, run_id)

    def _is_gone(self, run: dg.DagsterRun) -> bool:
        """Whether nobody has had the run for a while.

        A worker that is killed as it takes a message from Redis has no time to write its name down; one
        that was sent a message twice may forget the run when it has done with the second.
        """
        worker = run.tags.get(WORKER_TAG)
        if worker is None and broker.is_waiting(self.celery, run.run_id):
            self._silent_since.pop(run.run_id, None)
            return False
        asked = self.celery.control.inspect(destination=[worker] if worker else None, timeout=ANSWER_SECONDS)
        answers = asked.query_task(run.run_id) or {}
        if any(run.run_id in known for known in answers.values()):
            self._silent_since.pop(run.run_id, None)
            return False
        since = self._silent_since.setdefault(run.run_id, time.monotonic())
        return time.monotonic() - since >= SILENT_SECONDS

    def get_run_worker_debug_info(
        self,
        run: dg.DagsterRun,
        include_container_logs: bool | None = True,  # noqa: ARG002, FBT001, FBT002 - Dagster's own
    ) -> str | None:
        """Which worker has the run."""
        return f"worker: {run.tags.get(WORKER_TAG, 'none has begun with it')}"

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No settings: `MONITR_BROKER_URL` says where Redis is."""
        return {}

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData,
        config_value: Mapping[str, Any],  # noqa: ARG003 - there are none
    ) -> Self:
        """The launcher of the instance."""
        return cls(inst_data=inst_data)
