"""The starts that Dagster has on its hands: how long they take, and whether their process is there."""

import json
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import dagster as dg
from dagster import RunRecord
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value

from monitr_pipelines.reconciler.pace import Pace, Start, next_pace

ANSWER_SECONDS = 1
ASK_AGAIN = timedelta(seconds=15)

log = logging.getLogger(__name__)


@dataclass
class Starts:
    """What is known of the starts of this moment, and the pace that follows from it.

    `since`: when Dagster launched each run that is starting. `asked`: when its process was asked for last.
    """

    pace: Pace = field(default_factory=Pace)
    since: dict[str, datetime] = field(default_factory=dict)
    asked: dict[str, datetime] = field(default_factory=dict)

    def look(self, records: Sequence[RunRecord], now: datetime) -> None:
        """Take note of the runs that are starting, and of those that no longer are."""
        starting = {
            record.dagster_run.run_id: self.since.get(record.dagster_run.run_id, record.update_timestamp)
            for record in records
            if record.dagster_run.status is dg.DagsterRunStatus.STARTING
        }
        worked_at = {record.dagster_run.run_id: record.start_time for record in records if record.start_time}
        seen = [Start(since, (now - since).total_seconds(), over=False) for since in starting.values()]
        for run_id, since in self.since.items():
            if run_id not in starting:
                over_at = worked_at.get(run_id, now.timestamp())
                seen.append(Start(since, over_at - since.timestamp(), over=True))
        self.since = starting
        before, self.pace = self.pace.at_once, next_pace(self.pace, seen, now)
        if self.pace.at_once != before:
            log.info("imports that may be starting at once: %d", self.pace.at_once)

    def next_to_ask(self, run_ids: Collection[str], now: datetime) -> str | None:
        """Whose process to ask for now: one a look, each of them every 15 seconds."""
        self.asked = {run_id: moment for run_id, moment in self.asked.items() if run_id in run_ids}
        due = [
            run_id for run_id in run_ids if run_id not in self.asked or now - self.asked[run_id] > ASK_AGAIN
        ]
        if not due:
            return None
        chosen = min(due, key=lambda run_id: (run_id in self.asked, self.asked.get(run_id, now), run_id))
        self.asked[chosen] = now
        return chosen

    def worker_is_gone(self, run: dg.DagsterRun) -> bool | None:
        """Whether the code server that started the process of a run has it no more.

        A server that answers late is only busy. None where no server is named: another launcher's run.
        """
        told = run.tags.get(GRPC_INFO_TAG)
        if told is None:
            return None
        server = json.loads(told)
        client = DagsterGrpcClient(
            host=server.get("host"),
            port=server.get("port"),
            socket=server.get("socket"),
            use_ssl=bool(server.get("use_ssl")),
        )
        asked = CanCancelExecutionRequest(run_id=run.run_id)
        try:
            answer = client.can_cancel_execution(asked, timeout=ANSWER_SECONDS)
        except DagsterUserCodeUnreachableError as error:
            return not _is_late(error)
        return not deserialize_value(answer, CanCancelExecutionResult).can_cancel


def _is_late(error: DagsterUserCodeUnreachableError) -> bool:
    code = getattr(error.__cause__, "code", None)
    return code is not None and code().name == "DEADLINE_EXCEEDED"
