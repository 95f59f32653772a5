"""The resource that ties a Dagster run to one import, however the run was launched."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

import dagster as dg
from dagster import InitResourceContext
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.execution.plan.objects import ErrorSource

from monitr_pipelines.dagster_names import IMPORT_ID_TAG, PARTITION_TAG
from monitr_pipelines.importing.session import ImportSession, as_problem, begin
from monitr_pipelines.lifecycle.advice import for_operations
from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    InconsistentData,
    LeaseLost,
    NoLedgerFile,
    OurFault,
    ReconnectNeeded,
    SubscriptionInactive,
)
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.queue import outcome
from monitr_pipelines.warehouse.server import database


@dataclass
class ImportRun:
    """The import of this run: begun by the first step that needs it, ended by the last or with the run."""

    run: dg.DagsterRun
    instance: dg.DagsterInstance
    session: ImportSession | None = None
    ended: bool = False

    @contextmanager
    def step(self) -> Iterator[ImportSession]:
        """A part of the import; what goes wrong in it fails the step with its cause and remedy."""
        try:
            if self.session is None:
                self.session = self._begin()
            yield self.session
        except Exception as error:  # noqa: BLE001 - whatever it is, the import must say so
            problem = self._remember(error)
            failure = _as_failure(problem, self.run.tags.get(PARTITION_TAG, "KEY"))
            if self.session is None and _is_refusal(problem):
                self._refuse(failure)
            raise failure from None
        except BaseException as stop:
            self._remember(OurFault(Message("stopped"), code="stopped", detail=type(stop).__name__))
            raise

    def complete(self) -> None:
        """Write that the import succeeded: before its last step tells Dagster so, which is green then.

        Raises:
            LeaseLost: It was found dead meanwhile, and has failed.
        """
        if self.session is None:
            return
        self.ended = True
        if not self.session.end():
            raise LeaseLost(Message("lease_lost"))

    def end(self) -> None:
        """Write the outcome if need be; a step that failed outside our own code fails the import too."""
        if self.session is None or self.ended:
            return
        outside = None if self.session.problem else _failure_outside(self.instance, self.run.run_id)
        if outside is not None:
            self.session.failed(outside)
        self.session.end(canceled=self._is_canceled())

    def _is_canceled(self) -> bool:
        """Whether a person ended the run, in Dagster."""
        run = self.instance.get_run_by_id(self.run.run_id)
        return run is not None and run.status is dg.DagsterRunStatus.CANCELING

    def _refuse(self, failure: dg.Failure) -> NoReturn:
        """What the gate refuses is no failure: nothing ran. A partition that is red stays so."""
        with database.connect(autocommit=True) as connection:
            if outcome.is_failed(connection, self.run.tags.get(PARTITION_TAG, "")):
                raise failure
        self.instance.report_run_canceling(self.run, message=failure.description)
        raise DagsterExecutionInterruptedError(failure.description)

    def _begin(self) -> ImportSession:
        tags = self.run.tags
        if PARTITION_TAG not in tags:
            raise OurFault("Launch one entity a run: choose a single partition.", code="no_partition")
        import_id = tags.get(IMPORT_ID_TAG, "")
        return begin(
            tags[PARTITION_TAG],
            run_id=self.run.run_id,
            import_id=int(import_id) if import_id.isdigit() else None,
            trigger=Trigger.DAGSTER,
            # A re-execution inherits the tag of its parent and is an import of its own.
            once=self.run.parent_run_id is None,
        )

    def _remember(self, error: BaseException) -> ImportProblem:
        if self.session is not None:
            return self.session.failed(error)
        return error if isinstance(error, ImportProblem) else as_problem(error)


class ImportRunResource(dg.ConfigurableResource[ImportRun]):
    """Gives the assets of a run their import and ends it after the last of them."""

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[ImportRun]:
        """The import of the run; its outcome is written when the run's resources are closed."""
        if context.run is None or context.instance is None:
            raise OurFault("An import needs a Dagster run.", code="no_run")
        import_run = ImportRun(context.run, context.instance)
        try:
            yield import_run
        finally:
            import_run.end()


def _is_refusal(problem: ImportProblem) -> bool:
    """Whether the gate said no for good; where an import runs, the request is launched again later."""
    refusals = (SubscriptionInactive, EntityGone, ReconnectNeeded, NoLedgerFile)
    return isinstance(problem, refusals) or problem.code == "request_settled"


def _failure_outside(instance: dg.DagsterInstance, run_id: str) -> OurFault | None:
    """What failed a step in Dagster's own code: a run may be stopped there as well as in ours."""
    entries = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    events = [entry.dagster_event for entry in entries if entry.dagster_event is not None]
    if not events:
        return None
    if ErrorSource.INTERRUPT in {event.step_failure_data.error_source for event in events}:
        return OurFault(Message("stopped"), code="stopped", detail=run_id)
    return OurFault(Message("step_failed"), code="step_failed", detail=run_id)


def _as_failure(problem: ImportProblem, entity_key: str) -> dg.Failure:
    """A failed step as operations read it: what is wrong, with the commands that answer it."""
    metadata: dict[str, dg.MetadataValue] = {
        "code": dg.MetadataValue.text(problem.code),
        "who acts": dg.MetadataValue.text(str(problem.who_acts)),
    }
    if problem.detail:
        metadata["detail"] = dg.MetadataValue.text(problem.detail)
    if isinstance(problem, InconsistentData) and problem.findings:
        listed = "\n".join(f"* {finding}" for finding in problem.findings[:100])
        metadata["findings"] = dg.MetadataValue.md(listed)
    description = for_operations(problem.messages, entity=entity_key)
    return dg.Failure(description=description, metadata=metadata, allow_retries=False)
