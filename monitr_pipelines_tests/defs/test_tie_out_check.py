"""The asset check that compares with the software's own trial balance: it passes, fails and warns."""

import warnings
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import dagster as dg
from dagster_kit import CHECKS, Dagster, asset_key
from process_kit import wait_for

from monitr_pipelines.ledger.tie_out import Difference, TieOut
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.providers.tie_out_kit import connect, emulated

DAY = date(2026, 11, 30)


def check_of(found: TieOut | None) -> dg.AssetCheckResult:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from monitr_pipelines.defs.raw import _tie_out  # noqa: PLC0415 - Dagster warns of itself
    return _tie_out(found)


def test_it_passes_fails_and_warns() -> None:
    assert check_of(TieOut(DAY, 12)).passed
    differs = check_of(TieOut(DAY, 12, 1, [Difference("550000", Decimal("1.5"), Decimal(-2))]))
    assert (differs.passed, differs.severity.name) == (False, "ERROR")
    table = differs.metadata["differences"]
    assert isinstance(table, dg.TableMetadataValue)
    told = {"account": "550000", "theirs": "1.50", "ours": "-2.00", "difference": "-3.50"}
    assert [record.data for record in table.records] == [told]
    untold = check_of(TieOut())
    assert (untold.passed, untold.severity.name) == (False, "WARN")
    assert check_of(None).passed, "ledger files have none"


def test_dagster_shows_a_difference_until_an_import_agrees(
    dagster: Dagster, connection: Connection, monitr: Callable[..., Any]
) -> None:
    def evaluated(entity: str) -> dict[str, Any] | None:
        executions = dagster.ask(
            CHECKS, key=asset_key("raw/gl_transactions"), check="ties_out", partition=entity
        )
        return executions[0]["evaluation"] if executions else None

    with emulated("odoo") as software:
        software.lies()
        entity = connect(software, monitr)  # which asks for the first import
        failed = wait_for(lambda: evaluated(entity), "the first import")
        assert (failed["success"], failed["severity"]) == (False, "ERROR")
        assert {"accounts that differ", "differences"} <= {
            each["label"] for each in failed["metadataEntries"]
        }
        wait_for(lambda: ended(connection, entity), "its end")
        dagster.succeeds(dagster.launch(entity))
        healed = evaluated(entity)
        assert healed is not None
        assert healed["success"]


def ended(connection: Connection, entity: str) -> bool:
    row = connection.execute(
        """
        select count(*) as ended from app.import
        where entity_id = (select id from app.entity where key = %s) and outcome = 'succeeded'
        """,
        [entity],
    ).fetchone()
    assert row is not None
    return bool(row["ended"])
