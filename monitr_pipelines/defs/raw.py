"""The raw books of an entity: what its source says, unchanged."""

from collections.abc import Iterator

import dagster as dg

from monitr_pipelines.defs.import_run import ImportRun
from monitr_pipelines.defs.metadata import findings_table, load_metadata, table_metadata, tie_out_table
from monitr_pipelines.defs.partitions import OWNERS, entities
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.tie_out import TieOut
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.warehouse.books.loader import LoadResult
from monitr_pipelines.warehouse.server.database import Connection

ACCOUNTS = dg.AssetKey(["raw", "accounts"])
AXES = dg.AssetKey(["raw", "axes"])
TRANSACTIONS = dg.AssetKey(["raw", "gl_transactions"])
TABLES = {ACCOUNTS: "raw.account", AXES: "raw.axis_value", TRANSACTIONS: "raw.gl_transaction"}
PLACEHOLDERS = """
select count(*) as found from raw.account where entity_id = %s and placeholder
"""


def _spec(key: dg.AssetKey, description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        description=description,
        group_name="raw",
        kinds={"postgres"},
        owners=OWNERS,
        metadata={"dagster/table_name": TABLES[key]},
    )


@dg.multi_asset(
    name="fetch",
    partitions_def=entities,
    can_subset=True,
    specs=[
        _spec(ACCOUNTS, "Ledger accounts as the source names them, plus flagged ones that only lines use."),
        _spec(AXES, "Values of the analytical axes: cost centres, projects, departments."),
        _spec(
            TRANSACTIONS,
            "Ledger lines, one row each, debit positive. Rows, cursor, counts and control totals commit "
            "together; an answer that empties months or does not balance changes nothing.",
        ),
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "books_accepted",
            asset=TRANSACTIONS,
            partitions_def=entities,
            blocking=True,
            description="The delivery is complete and balances, or someone accepted that it does not.",
        ),
        dg.AssetCheckSpec(
            "bookings_balance",
            asset=TRANSACTIONS,
            partitions_def=entities,
            description="Every booking balances, as far as the source tells which lines belong together.",
        ),
        dg.AssetCheckSpec(
            "ties_out",
            asset=TRANSACTIONS,
            partitions_def=entities,
            description="Every account stands at what the accounting software's own trial balance says. A "
            "warning where it told none this time; ledger files have none.",
        ),
        dg.AssetCheckSpec(
            "accounts_known",
            asset=ACCOUNTS,
            partitions_def=entities,
            description="Every account that lines use is named by an account list.",
        ),
    ],
)
def fetch(
    context: dg.AssetExecutionContext, import_run: dg.ResourceParam[ImportRun]
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Fetch what changed since the last success and load it; the selected assets are reported."""
    checks = {check.name for check in context.selected_asset_check_keys}
    with import_run.step() as session:
        try:
            result = session.fetch()
        except InconsistentData as problem:
            if "books_accepted" in checks:
                yield _check("books_accepted", TRANSACTIONS, list(problem.findings), passed=False)
            raise
        told: list[dg.MaterializeResult[None] | dg.AssetCheckResult] = []
        for key, table in TABLES.items():
            if key in context.selected_asset_keys:
                extra = load_metadata(result) if key == TRANSACTIONS else {}
                metadata = table_metadata(session.connection, session.claimed.entity_id, table) | extra
                told.append(dg.MaterializeResult(asset_key=key, metadata=metadata))
        told += _checks(session.connection, session.claimed.entity_id, result, checks)
        if _is_alone(context):
            import_run.complete()
    yield from told


def _is_alone(context: dg.AssetExecutionContext) -> bool:
    """Whether the run ends with this step: no reports are made."""
    steps = context.run.step_keys_to_execute or [node.name for node in context.job_def.nodes]
    return list(steps) == [context.op_def.name]


def _checks(
    connection: Connection, entity_id: int, result: LoadResult, selected: set[str]
) -> Iterator[dg.AssetCheckResult]:
    if "books_accepted" in selected:
        yield _check("books_accepted", TRANSACTIONS, [], passed=True)
    if "bookings_balance" in selected:
        loose = [finding for finding in result.findings if finding.code == "unbalanced_booking"]
        yield _check("bookings_balance", TRANSACTIONS, loose, passed=not loose)
    if "ties_out" in selected:
        yield _tie_out(result.tie_out)
    if "accounts_known" in selected:
        row = connection.execute(PLACEHOLDERS, [entity_id]).fetchone()
        unknown = row["found"] if row else 0
        yield dg.AssetCheckResult(
            check_name="accounts_known",
            asset_key=ACCOUNTS,
            passed=not unknown,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"unknown accounts": unknown},
        )


def _tie_out(found: TieOut | None) -> dg.AssetCheckResult:
    """A difference is an error, and ends nothing; that nothing could be compared is a warning."""
    untold = found is not None and found.day is None
    return dg.AssetCheckResult(
        check_name="ties_out",
        asset_key=TRANSACTIONS,
        passed=found is None or not (untold or found.differing),
        severity=dg.AssetCheckSeverity.WARN if untold else dg.AssetCheckSeverity.ERROR,
        metadata={} if found is None else tie_out_table(found),
    )


def _check(name: str, asset: dg.AssetKey, findings: list[Finding], *, passed: bool) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.ERROR if name == "books_accepted" else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=asset,
        passed=passed,
        severity=severity,
        metadata=findings_table(findings),
    )
