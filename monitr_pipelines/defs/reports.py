"""The mapped ledger and the report marts of an entity, regenerated together."""

from collections.abc import Iterator

import dagster as dg

from monitr_pipelines.defs.import_run import ImportRun
from monitr_pipelines.defs.metadata import table_metadata
from monitr_pipelines.defs.partitions import OWNERS, entities
from monitr_pipelines.defs.raw import ACCOUNTS, AXES, TRANSACTIONS
from monitr_pipelines.warehouse.reports.marts import Published

MAPPED = dg.AssetKey(["mapped", "transactions"])
BALANCES = dg.AssetKey(["marts", "balances"])
REPORTS = dg.AssetKey(["marts", "reports"])
TABLES = {MAPPED: "mapped.account_line", BALANCES: "marts.balance_month", REPORTS: "marts.trial_balance"}
UNMAPPED = "unmapped_account"
OPENING = ("opening_differs", "opening_added", "opening_unsure", "closing_unsure", "result_account_unset")


def _spec(key: dg.AssetKey, description: str, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        description=description,
        deps=deps,
        group_name=key.path[0],
        kinds={"postgres", "sql"},
        owners=OWNERS,
        metadata={"dagster/table_name": TABLES[key]},
    )


@dg.multi_asset(
    name="publish",
    partitions_def=entities,
    can_subset=True,
    specs=[
        _spec(
            MAPPED,
            "Which report line each account stands on now; mapped.transactions shows every ledger line "
            "with it.",
            [ACCOUNTS, AXES, TRANSACTIONS],
        ),
        _spec(
            BALANCES,
            "Ledger lines summed by account, month and axis values: the one aggregate that every report "
            "is made from.",
            [TRANSACTIONS],
        ),
        _spec(
            REPORTS,
            "Trial balance, profit and loss and balance sheet by month. All marts of an entity change in "
            "one transaction, so a reader sees the old figures or the new ones.",
            [MAPPED, BALANCES],
        ),
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "reports_equal_ledger",
            asset=REPORTS,
            partitions_def=entities,
            blocking=True,
            description="Balances equal the ledger lines, and every statement equals the trial balance.",
        ),
        dg.AssetCheckSpec(
            "accounts_mapped",
            asset=MAPPED,
            partitions_def=entities,
            description="Every account with figures stands on a report line.",
        ),
        dg.AssetCheckSpec(
            "opening_equals_closing",
            asset=REPORTS,
            partitions_def=entities,
            description="Opening entries of a year repeat what the year before ended with.",
        ),
    ],
)
def publish(
    context: dg.AssetExecutionContext, import_run: dg.ResourceParam[ImportRun]
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Regenerate mapping and marts; whichever of them is selected, they change together."""
    with import_run.step() as session:
        published = session.publish()
        told: list[dg.MaterializeResult[None] | dg.AssetCheckResult] = [
            dg.MaterializeResult(
                asset_key=key,
                metadata=table_metadata(session.connection, session.claimed.entity_id, table),
            )
            for key, table in TABLES.items()
            if key in context.selected_asset_keys
        ]
        told += [_check(check, published) for check in context.selected_asset_check_keys]
        import_run.complete()
    yield from told


def _check(check: dg.AssetCheckKey, published: Published) -> dg.AssetCheckResult:
    """The proof itself ran inside the transaction: figures that fail it are never published."""
    codes = {"accounts_mapped": (UNMAPPED,), "opening_equals_closing": OPENING}.get(check.name, ())
    found = sum(published.validations.get(code, 0) for code in codes)
    return dg.AssetCheckResult(
        check_name=check.name,
        asset_key=check.asset_key,
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN if codes else dg.AssetCheckSeverity.ERROR,
        metadata={"findings": found},
    )
