"""A project on Dagster's stock defaults that makes the same imports: `dagster dev -m bench.services.stock`.

Six tables, an asset each; Dagster starts a process for the run and one for each of them. The step of the
ledger lines makes the whole import by the code that workers run too; the others tell of their table, and
import nothing of ours. A sensor asks for a run an entity when the bench has written into a file which night
it is.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

WANTED = "STOCK_NIGHT"
LOOK_SECONDS = 1
TABLES = ["accounts", "axes"]

entities = dg.DynamicPartitionsDefinition(name="stock_entity")


def _table(name: str, deps: list[str]) -> dg.AssetsDefinition:
    @dg.asset(name=name, deps=deps, partitions_def=entities)
    def made() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"dagster/row_count": 0})

    return made


@dg.asset(deps=TABLES, partitions_def=entities)
def transactions(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """The import, from its claim to its outcome."""
    from monitr_pipelines.importing.session import begin  # noqa: PLC0415 - the others do without
    from monitr_pipelines.lifecycle.imports import Trigger  # noqa: PLC0415

    session = begin(context.partition_key, run_id=context.run_id, import_id=None, trigger=Trigger.DAGSTER)
    try:
        result = session.fetch()
        session.publish()
    except Exception as error:
        session.failed(error)
        raise
    finally:
        session.end()
    return dg.MaterializeResult(metadata=dict(result.counts))


@dg.sensor(
    job_name="stock_import",
    minimum_interval_seconds=LOOK_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def night(context: dg.SensorEvaluationContext) -> Iterator[dg.SensorResult | dg.SkipReason]:
    """A run for each entity of a night that was not asked for yet."""
    file = Path(os.environ[WANTED])
    asked: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {"number": "", "keys": []}
    if asked["number"] == (context.cursor or ""):
        yield dg.SkipReason("no other night")
        return
    keys = asked["keys"]
    yield dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"{asked['number']}/{key}", partition_key=key) for key in keys],
        dynamic_partitions_requests=[entities.build_add_request(keys)],
        cursor=asked["number"],
    )


defs = dg.Definitions(
    assets=[
        *(_table(name, []) for name in TABLES),
        transactions,
        _table("mapped", ["transactions"]),
        _table("balances", ["transactions"]),
        _table("reports", ["mapped", "balances"]),
    ],
    jobs=[dg.define_asset_job("stock_import", selection="*", partitions_def=entities)],
    sensors=[night],
)
