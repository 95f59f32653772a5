"""What a card says of an import, and what Dagster's pages say of its run: never green there and red here.

Each row of the table is a way in which an import can end. Dagster is green where the partition of the reports
counts as materialized and no later run of it failed.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from common_kit import entity_id, set_organisation
from dagster_kit import CHECKS, Dagster, asset_key, csv_file, held, import_rows, sale, upload, waits
from process_kit import wait_for
from test_launches import broken_marts

from monitr_pipelines.dagster_names import IMPORT_ID_TAG
from monitr_pipelines.lifecycle.status import Status, status_of
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

PARTITIONS = """
query ($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) {
    ... on AssetNode {
      assetPartitionStatuses {
        ... on DefaultPartitionStatuses { materializedPartitions failedPartitions }
      }
    }
  }
}
"""
UNBALANCED = csv_file(("2026-01-05", "400000", 100), ("2026-01-05", "700000", -90))
CHECK = "reports_equal_ledger"
NEVER, SUCCEEDED, FAILED = Status.NEVER, Status.SUCCEEDED, Status.FAILED


@dataclass(frozen=True)
class Seen:
    """What the card says, and of Dagster the run, the partition of the reports and a check of theirs."""

    card: Status
    run: str
    partition: str
    check: str | None


GREEN = Seen(SUCCEEDED, "SUCCESS", "materialized", "SUCCEEDED")
RED = Seen(FAILED, "FAILURE", "failed", "EXECUTION_FAILED")
AS_BEFORE = Seen(SUCCEEDED, "CANCELED", "materialized", "SKIPPED")
AS_NEVER = Seen(NEVER, "CANCELED", "missing", "SKIPPED")
TABLE = {
    "imported": GREEN,
    "nothing new": GREEN,
    "refused data": RED,
    "refused data later": RED,
    "nothing since a refusal": RED,
    "broken": RED,
    "lease lost": RED,
    "lease lost at the end": RED,
    "killed": RED,
    "stopped": AS_NEVER,
    "stopped later": AS_BEFORE,
    "lapsed": AS_NEVER,
    "lapsed later": AS_BEFORE,
    "lapsed after a failure": RED,
    "request settled before": AS_BEFORE,
    "nothing ever": Seen(NEVER, "FAILURE", "failed", "EXECUTION_FAILED"),
}


@dataclass
class Case:
    """One entity, and the ways in which an import of it ends; each returns the run."""

    dagster: Dagster
    connection: Connection
    entity: str

    def launch(self, **options: Any) -> str:  # noqa: ANN401 - of the kit
        run = self.dagster.launch(self.entity, **options)
        self.dagster.ended(run)
        return run

    def imported(self) -> str:
        upload(self.connection, self.entity, sale(100))
        return self.launch()

    def nothing_new(self) -> str:
        self.imported()
        return self.launch()

    def refused_data(self) -> str:
        upload(self.connection, self.entity, UNBALANCED)
        return self.launch()

    def refused_data_later(self) -> str:
        self.imported()
        return self.refused_data()

    def nothing_since_a_refusal(self) -> str:
        self.refused_data_later()
        return self.launch()

    def nothing_ever(self) -> str:
        return self.launch()

    def lapsed(self) -> str:
        set_organisation(self.connection, self.entity, "subscription = 'canceled'")
        return self.launch()

    def lapsed_later(self) -> str:
        self.imported()
        return self.lapsed()

    def lapsed_after_a_failure(self) -> str:
        self.refused_data_later()
        return self.lapsed()

    def request_settled_before(self) -> str:
        """It was canceled when its run was queued already."""
        self.imported()
        asked = requests.request(self.connection, self.entity, trigger="manual", requested_by="jan")
        self.connection.execute(
            "update app.import set outcome = 'canceled', finished_at = now() where id = %s", [asked]
        )
        return self.launch(tags={IMPORT_ID_TAG: str(asked)})

    def broken(self) -> str:
        upload(self.connection, self.entity, sale(100))
        with broken_marts(self.connection, self.entity):
            return self.launch()

    def lease_lost(self) -> str:
        """The worker goes on after it was found dead."""
        with self.under_way() as run:
            self.connection.execute(
                "update app.import set lease_until = now() - interval '1 second' where entity_id = %s",
                [entity_id(self.connection, self.entity)],
            )
            self.wait_for_outcome()
        self.dagster.ended(run)
        return run

    def lease_lost_at_the_end(self) -> str:
        """All is committed when it is found dead; only its outcome is not written yet."""
        upload(self.connection, self.entity, sale(100))
        with unwritten_success(self.connection, self.entity):
            run = self.launch()
            self.wait_for_outcome()
        return run

    def killed(self) -> str:
        with self.under_way() as run:
            _, _, told = self.dagster.words(run).partition("pid: ")
            os.kill(int(told.partition(")")[0]), signal.SIGKILL)
            self.wait_for_outcome()
        self.dagster.ended(run)
        return run

    def stopped(self) -> str:
        with self.under_way() as run:
            self.dagster.terminate(run)
            self.dagster.ended(run)
            self.wait_for_outcome()
        return run

    def stopped_later(self) -> str:
        self.imported()
        return self.stopped()

    @contextmanager
    def under_way(self) -> Iterator[str]:
        """An import that has read its file and waits for its turn to store it."""
        upload(self.connection, self.entity, sale(100))
        with held(self.connection, self.entity):
            run = self.dagster.launch(self.entity)
            wait_for(lambda: waits(self.connection, self.entity), "the import")
            yield run

    def wait_for_outcome(self) -> None:
        wait_for(lambda: import_rows(self.connection, self.entity)[-1]["outcome"], "the outcome")

    def seen(self, run: str) -> Seen:
        row = self.connection.execute(
            "select outcome from app.last_end(%s)", [entity_id(self.connection, self.entity)]
        ).fetchone()
        card = status_of(lease_alive=None, waiting=False, last_outcome=row and row["outcome"])
        return Seen(card, self.dagster.status(run), self._partition(), self._check())

    def _partition(self) -> str:
        node = self.dagster.ask(PARTITIONS, key=asset_key("marts/reports"))
        statuses = node["assetPartitionStatuses"]
        if self.entity in statuses["failedPartitions"]:
            return "failed"
        return "materialized" if self.entity in statuses["materializedPartitions"] else "missing"

    def _check(self) -> str | None:
        key = asset_key("marts/reports")
        found = self.dagster.ask(CHECKS, key=key, check=CHECK, partition=self.entity)
        return found[0]["status"] if found else None


@contextmanager
def unwritten_success(connection: Connection, entity: str) -> Iterator[None]:
    """No import of the entity can be written down as succeeded."""
    number = entity_id(connection, entity)
    with database.connect_as_owner(autocommit=True) as owner:
        owner.execute(
            f"create function app.unwritten_{number}() returns trigger language plpgsql as "
            "$$ begin return null; end $$"
        )
        owner.execute(
            f"create trigger unwritten_{number} before update on app.import for each row "
            f"when (new.entity_id = {number} and new.outcome = 'succeeded') "
            f"execute function app.unwritten_{number}()"
        )
        try:
            yield
        finally:
            owner.execute(f"drop function app.unwritten_{number} cascade")


@pytest.mark.parametrize("end", TABLE)
def test_a_card_and_dagster_agree(
    dagster: Dagster, make_known: Callable[..., str], connection: Connection, end: str
) -> None:
    case = Case(dagster, connection, make_known())
    seen = case.seen(getattr(case, end.replace(" ", "_"))())
    assert seen == TABLE[end]
    assert (seen.partition == "materialized") == (seen.card is SUCCEEDED)
