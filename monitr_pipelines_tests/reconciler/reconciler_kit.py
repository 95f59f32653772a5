"""A webserver that launches as Dagster's does, and can be told to fail; runs as Dagster stores them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import dagster as dg
from dagster import DagsterInstance
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from monitr_pipelines.dagster_names import IMPORT_ID_TAG, JOB
from monitr_pipelines.warehouse.server.database import Connection

LOCATION = GrpcServerCodeLocationOrigin(host="127.0.0.1", port=1, location_name="monitr_pipelines")
ORIGIN = RemoteJobOrigin(RemoteRepositoryOrigin(LOCATION, "__repository__"), JOB)
LAUNCHED, LOST_ANSWER = "launched", "lost answer"
CODE_LOST, DATABASE_LOST = "DagsterUserCodeUnreachableError", "OperationalError"


class FakeWebserver:
    """Answers launchRun; `mode` tells how. `launches` are the tags of what was asked, `vouched` by whom.

    `refused` are imports for which no run is made.
    """

    def __init__(self, instance: DagsterInstance) -> None:
        self.instance = instance
        self.mode = LAUNCHED
        self.refused: set[int] = set()
        self.launches: list[dict[str, str]] = []
        self.vouched: list[str | None] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.vouched.append(self.headers["Authorization"])
                answer = fake.answer(asked["variables"]["params"])
                if answer is None:
                    return
                body = json.dumps({"data": {"launchRun": answer}}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, params: dict[str, Any]) -> dict[str, Any] | None:
        tags = {tag["key"]: tag["value"] for tag in params["executionMetadata"]["tags"]}
        self.launches.append(tags)
        if self.mode in {CODE_LOST, DATABASE_LOST}:
            return {"__typename": "PythonError", "className": self.mode, "message": "no answer"}
        if int(tags[IMPORT_ID_TAG]) in self.refused:
            return {"__typename": "PythonError", "className": "CheckError", "message": "made of cheese"}
        run_id = add_run(self.instance, tags)
        if self.mode == LOST_ANSWER:
            return None
        return {"__typename": "LaunchRunSuccess", "run": {"runId": run_id}}

    @contextmanager
    def serving(self) -> Iterator["FakeWebserver"]:
        thread = Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()


def add_run(
    instance: DagsterInstance,
    tags: dict[str, str],
    status: dg.DagsterRunStatus = dg.DagsterRunStatus.QUEUED,
) -> str:
    run = dg.DagsterRun(
        job_name=JOB,
        run_id=str(uuid4()),
        tags=tags,
        status=status,
        remote_job_origin=ORIGIN,
    )
    return instance.add_run(run).run_id


def end_run(instance: DagsterInstance, run_id: str, event: dg.DagsterEventType) -> None:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    instance.report_dagster_event(
        dg.DagsterEvent(event_type_value=event.value, job_name=run.job_name), run_id=run_id
    )


def row_of(connection: Connection, import_id: int) -> dict[str, Any]:
    row = connection.execute("select * from app.import where id = %s", [import_id]).fetchone()
    assert row is not None
    return row


def let_time_pass(connection: Connection, import_id: int) -> None:
    """As if the last launch of an import had been a minute ago."""
    connection.execute(
        "update app.import set launched_at = launched_at - interval '1 minute' where id = %s", [import_id]
    )
