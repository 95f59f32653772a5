"""Launching through Dagster's webserver, as its own pages do: it knows the code location and the queue."""

from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from monitr_pipelines import settings
from monitr_pipelines.dagster_names import (
    IMPORT_ID_TAG,
    JOB,
    LOCATION,
    PARTITION_TAG,
    PRIORITY_TAG,
    REPOSITORY,
    asker_tags,
)
from monitr_pipelines.reconciler.decisions import Waiting

SECONDS = 3  # lost workers are not looked for meanwhile: see launching.LONGEST_ROUND
SELECTOR = {
    "repositoryName": REPOSITORY,
    "repositoryLocationName": LOCATION,
    "jobName": JOB,
}
# What Dagster answers where it has lost our code or its database: whatever is launched fails then.
DAGSTER_IN_TROUBLE = {
    "PipelineNotFoundError",
    "DagsterCodeLocationLoadError",
    "DagsterCodeLocationNotFoundError",
    "DagsterUserCodeUnreachableError",
    "DagsterUserCodeUnreachableTimeoutError",
    "OperationalError",  # a connection that it kept, though the server ended meanwhile
    "InterfaceError",
}
LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on Error { message }
    ... on PythonError { className }
  }
}
"""


class LaunchFailed(Exception):
    """Nothing can be launched now. `over`: no run will be made any more, though one may have been."""

    def __init__(self, message: str, *, over: bool) -> None:
        super().__init__(message)
        self.over = over


class LaunchRefused(Exception):
    """Dagster makes no run for this import; it may well make one for another."""


def launch(waiting: Waiting) -> str:
    """Queue a run for an import; returns the run's id. Raises LaunchFailed or LaunchRefused."""
    address = settings.dagster_url()
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy is for the world outside
            answer = session.post(
                f"{address}/graphql", json=_query(waiting), headers=_token(), timeout=SECONDS
            )
    except requests.RequestException as error:
        over = _never_sent(error)
        told = f"the Dagster webserver on {address} does not answer ({type(error).__name__})"
        raise LaunchFailed(told, over=over) from None
    return _run_of(answer)


def _token() -> dict[str, str]:
    """What an operator would sign in with, where that is asked."""
    tokens = settings.operator_tokens()
    return {"authorization": f"Bearer {tokens[0]}"} if tokens else {}


def _never_sent(error: requests.RequestException) -> bool:
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, NewConnectionError)


def tags_of(waiting: Waiting) -> dict[str, str]:
    """The tags of an import's run, by which it is found again and Dagster's pages tell who asked for it."""
    return {
        PARTITION_TAG: waiting.entity_key,
        IMPORT_ID_TAG: str(waiting.id),
        PRIORITY_TAG: str(waiting.priority),
        **asker_tags(by_schedule=waiting.by_schedule, requested_by=waiting.requested_by),
    }


def _query(waiting: Waiting) -> dict[str, Any]:
    params = {
        "selector": SELECTOR,
        "mode": "default",
        "runConfigData": {},
        "executionMetadata": {
            "tags": [{"key": key, "value": value} for key, value in tags_of(waiting).items()]
        },
    }
    return {"query": LAUNCH, "variables": {"params": params}}


def _run_of(answer: requests.Response) -> str:
    try:
        told = answer.json()["data"]["launchRun"]
    except (ValueError, KeyError, TypeError):
        raise LaunchFailed(f"Dagster answered HTTP {answer.status_code}", over=True) from None
    if told["__typename"] != "LaunchRunSuccess":
        kind = told.get("className") or told["__typename"]
        reason = str(told.get("message", "")).split("\n", 1)[0]
        message = f"Dagster answered {kind}: {reason[:300]}"
        raise LaunchFailed(message, over=True) if kind in DAGSTER_IN_TROUBLE else LaunchRefused(message)
    return str(told["run"]["runId"])
