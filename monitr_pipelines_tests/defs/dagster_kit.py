"""What the tests of runs share: the Dagster of `monitr up` over GraphQL, and the facts of imports."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

import requests
from common_kit import entity_id
from process_kit import LONGEST_WAIT, wait_for

from monitr_pipelines import emulators
from monitr_pipelines.dagster_names import JOB, PARTITION_TAG
from monitr_pipelines.emulators.volume import generate_lines
from monitr_pipelines.warehouse.books.loader import ENTITY_TURN, lock_entity
from monitr_pipelines.warehouse.queue import uploads
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.providers.exact.exact_kit import APPLICATION

# In seconds; an import waits half a minute for whoever has its turn, the `lock_timeout` of its session.
HANDED_OVER_EVERY = 5
HOLD = "select from app.turn where task = %s and number = %s for share"
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}
LOCATION = {"repositoryName": "__repository__", "repositoryLocationName": "monitr_pipelines"}
HEADER = "date,account_code,account_name,description,debit,credit,dimension1,dimension2\n"

LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
RE_EXECUTE = """
mutation ($params: ReexecutionParams!) {
  launchRunReexecution(reexecutionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
BACKFILL = """
mutation ($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
TERMINATE = """
mutation ($run: String!) {
  terminateRun(runId: $run) {
    __typename
    ... on TerminateRunFailure { message }
    ... on PythonError { message }
  }
}
"""
RUN = """
query ($run: ID!) {
  runOrError(runId: $run) {
    ... on Run { runId status parentRunId tags { key value } }
  }
}
"""
RUNS_OF_BACKFILL = """
query ($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill { status runs(limit: 20) { runId status tags { key value } } }
  }
}
"""
ADD_PARTITION = """
mutation ($selector: RepositorySelector!, $key: String!) {
  addDynamicPartition(repositorySelector: $selector, partitionsDefName: "entity", partitionKey: $key) {
    __typename
  }
}
"""
KNOWN = {"AddDynamicPartitionSuccess", "DuplicateDynamicPartitionError"}
SHOWN = """
query ($key: AssetKeyInput!, $partition: String!) {
  assetOrError(assetKey: $key) {
    ... on Asset {
      assetMaterializations(limit: 1, partitions: [$partition]) {
        runId
        metadataEntries {
          label
          ... on IntMetadataEntry { intValue }
          ... on TextMetadataEntry { text }
          ... on MarkdownMetadataEntry { mdStr }
          ... on TableSchemaMetadataEntry { schema { columns { name type } } }
        }
      }
    }
  }
}
"""
CHECKS = """
query ($key: AssetKeyInput!, $check: String!, $partition: String!) {
  assetCheckExecutions(assetKey: $key, checkName: $check, limit: 1, partition: $partition) {
    runId
    status
    partition
    evaluation { severity success metadataEntries { label ... on IntMetadataEntry { intValue } } }
  }
}
"""
LOGS = """
query ($run: ID!) {
  logsForRun(runId: $run) {
    ... on EventConnection {
      events {
        __typename
        ... on MessageEvent { message stepKey }
        ... on ExecutionStepFailureEvent { failureMetadata { metadataEntries { ...entry } } }
      }
    }
  }
}
fragment entry on MetadataEntry {
  label
  ... on TextMetadataEntry { text }
  ... on MarkdownMetadataEntry { mdStr }
}
"""


@dataclass(frozen=True)
class Dagster:
    """A running webserver, asked as its own pages ask it.

    `pid` is that of its `monitr up`, `pages` where that shows the Entities page.
    """

    url: str
    pid: int
    pages: str = ""

    def ask(self, query: str, **variables: object) -> Any:  # noqa: ANN401 - JSON
        answer = requests.post(
            f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=LONGEST_WAIT
        ).json()
        assert "errors" not in answer, answer["errors"]
        (found,) = answer["data"].values()
        return found

    def know(self, entity: str) -> str:
        """Make an entity known as a partition, as the sensor does, which may have been here first."""
        answer = self.ask(ADD_PARTITION, selector=LOCATION, key=entity)
        assert answer["__typename"] in KNOWN, answer
        return entity

    def launch(
        self,
        entity: str,
        *,
        assets: list[str] | None = None,
        tags: dict[str, str] | None = None,
    ) -> str:
        """Launch the job for one partition, or a materialization of some assets of it."""
        selector: dict[str, Any] = {**LOCATION, "jobName": JOB}
        if assets is not None:
            selector |= {"jobName": "__ASSET_JOB", "assetSelection": [asset_key(name) for name in assets]}
        given = {PARTITION_TAG: entity, **(tags or {})}
        params = {
            "selector": selector,
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {"tags": [{"key": key, "value": value} for key, value in given.items()]},
        }
        return self._run_of(self.ask(LAUNCH, params=params))

    def re_execute(self, run: str, strategy: str = "ALL_STEPS") -> str:
        return self._run_of(self.ask(RE_EXECUTE, params={"parentRunId": run, "strategy": strategy}))

    def backfill(self, entities: list[str], assets: list[str] | None = None) -> str:
        """A backfill of the job, or of assets, over some partitions."""
        target: dict[str, Any] = {
            "selector": {"repositorySelector": LOCATION, "partitionSetName": f"{JOB}_partition_set"}
        }
        if assets is not None:
            target = {"assetSelection": [asset_key(name) for name in assets]}
        answer = self.ask(BACKFILL, params={**target, "partitionNames": entities})
        assert answer["__typename"] == "LaunchBackfillSuccess", answer
        return str(answer["backfillId"])

    def terminate(self, run: str) -> None:
        answer = self.ask(TERMINATE, run=run)
        assert answer["__typename"] == "TerminateRunSuccess", answer

    def run(self, run: str) -> dict[str, Any]:
        found = self.ask(RUN, run=run)
        return found | {"tags": {tag["key"]: tag["value"] for tag in found["tags"]}}

    def status(self, run: str) -> str:
        return str(self.run(run)["status"])

    def ended(self, run: str) -> str:
        """The status of a run once it has ended."""
        return wait_for(lambda: (status := self.status(run)) in ENDED and status, f"the end of run {run}")

    def succeeds(self, run: str) -> None:
        """A run ends well; what it says of itself is told where it does not."""
        status = self.ended(run)
        said = "\n".join(event.get("message") or event["__typename"] for event in self.events(run))
        assert status == "SUCCESS", said

    def events(self, run: str) -> list[dict[str, Any]]:
        return list(self.ask(LOGS, run=run)["events"])

    def words(self, run: str) -> str:
        """All that its log says."""
        return "\n".join(event.get("message") or "" for event in self.events(run))

    def failure(self, run: str) -> dict[str, str]:
        """What a failed step says of its cause."""
        for event in self.events(run):
            if event["__typename"] == "ExecutionStepFailureEvent" and event["failureMetadata"]:
                entries = event["failureMetadata"]["metadataEntries"]
                return {entry["label"]: entry.get("text") or entry.get("mdStr") for entry in entries}
        raise AssertionError(f"no step of run {run} failed with a cause")

    @staticmethod
    def _run_of(answer: dict[str, Any]) -> str:
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return str(answer["run"]["runId"])


def applications() -> dict[str, dict[str, str]]:
    """As whom the emulated software knows this installation."""
    kinds = emulators.kinds().values()
    known = {each.name: each.application for each in kinds if each.application}
    known["exact"] = (APPLICATION.id, APPLICATION.secret)
    return {name: {"id": number, "secret": secret} for name, (number, secret) in known.items()}


def asset_key(name: str) -> dict[str, list[str]]:
    return {"path": name.split("/")}


def csv_file(*rows: tuple[str, str, Decimal | int | str]) -> bytes:
    """A file in the standard layout, of (date, account, debit-positive amount)."""
    lines = [HEADER]
    for day, account, amount in rows:
        sides = f"{amount}," if Decimal(amount) > 0 else f",{-Decimal(amount)}"
        lines.append(f"{day},{account},Account {account},,{sides},,\n")
    return "".join(lines).encode()


def sale(amount: int, day: str = "2026-01-05") -> bytes:
    return csv_file((day, "400000", amount), (day, "700000", -amount))


def large_file(lines: int) -> bytes:
    rows = generate_lines(lines, 1)
    return csv_file(*((row.booking_date.isoformat(), row.account_code, row.amount) for row in rows))


def upload(connection: Connection, entity: str, content: bytes, mode: str = "years", **allowed: bool) -> int:
    """A file that waits for the entity's next import, whoever starts that, with what is allowed for it."""
    return uploads.store(
        connection,
        entity_id(connection, entity),
        BytesIO(content),
        file_name="test.csv",
        mode=mode,
        settings=allowed,
    )


@contextmanager
def held(connection: Connection, entity: str) -> Iterator[None]:
    """An import of the entity stops where it takes its turn to apply a delivery, until the block ends.

    However long that takes: two sessions share the turn and relieve each other, so that the import never
    waits for one of them as long as it would before it gave up.
    """
    number, over = entity_id(connection, entity), threading.Event()
    with database.connect() as one, database.connect() as other:
        for session in (one, other):
            session.execute("set idle_in_transaction_session_timeout = 0")
            session.execute("select set_config('application_name', %s, false)", [f"holds {entity}"])
            session.commit()
        lock_entity(one, number)
        one.commit()  # there is a row to share from now on
        one.execute(HOLD, [ENTITY_TURN, number])
        relief = threading.Thread(target=_relieve, args=(one, other, number, over))
        relief.start()
        try:
            yield
        finally:
            over.set()
            relief.join()


def _relieve(holding: Connection, resting: Connection, number: int, over: threading.Event) -> None:
    while not over.wait(HANDED_OVER_EVERY):
        resting.execute(HOLD, [ENTITY_TURN, number])
        holding.rollback()
        holding, resting = resting, holding


def waits(connection: Connection, entity: str) -> bool:
    """Whether an import of the entity waits for whoever holds it (`held`)."""
    return bool(
        connection.execute(
            "select from pg_stat_activity as waiting inner join pg_stat_activity as holder "
            "on holder.pid = any(pg_blocking_pids(waiting.pid)) where holder.application_name = %s",
            [f"holds {entity}"],
        ).fetchall()
    )


def import_rows(connection: Connection, entity: str) -> list[dict[str, Any]]:
    return connection.execute(
        "select * from app.import where entity_id = %s order by id", [entity_id(connection, entity)]
    ).fetchall()


def only_import(connection: Connection, entity: str) -> dict[str, Any]:
    (row,) = import_rows(connection, entity)
    return row


def figures(connection: Connection, entity: str) -> tuple[Any, Any]:
    """When the entity's figures were fetched, and the import that published them."""
    row = connection.execute("select figures_at, figures_import_id from app.entity where key = %s", [entity])
    found = row.fetchone() or {}
    return found["figures_at"], found["figures_import_id"]


def closing(connection: Connection, entity: str, month: str = "2026-01-01") -> dict[str, Decimal]:
    rows = connection.execute(
        "select account_code, closing from marts.trial_balance where entity_id = %s and month = %s",
        [entity_id(connection, entity), month],
    )
    return {row["account_code"]: row["closing"] for row in rows}
