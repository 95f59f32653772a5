"""The mapped ledger and the report marts of an entity, regenerated together."""

from collections.abc import Iterator

import dagster as dg

from monitr_pipelines.defs.import_run import ImportRun
from monitr_pipelines.defs.metadata import table_metadata
from monitr_pipelines.defs.partitions import OWNERS, entities
from monitr_pipelines.defs.raw import ACCOUNTS, AXES, TRANSACTIONS
from monitr_pipelines.ledger.reported.figure_checks import CODES, Check
from monitr_pipelines.warehouse.reports.marts import Published

MAPPED = dg.AssetKey(["mapped", "transactions"])
BALANCES = dg.AssetKey(["marts", "balances"])
REPORTS = dg.AssetKey(["marts", "reports"])
TABLES = {MAPPED: "mapped.account_line", BALANCES: "marts.balance_month", REPORTS: "marts.trial_balance"}
# Those that only warn; the proof itself runs inside the transaction.
CHECKS = {
    "accounts_mapped": Check.MAPPED,
    "opening_equals_closing": Check.OPENING,
    "balance_sheet_balances": Check.BALANCE_SHEET,
    "bookings_of_months_balance": Check.BOOKINGS,
    "currency_is_the_entitys": Check.CURRENCY,
    "cash_flow_moves_cash": Check.CASH_FLOW,
}


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
        dg.AssetCheckSpec(
            "balance_sheet_balances",
            asset=REPORTS,
            partitions_def=entities,
            description="Each month's balance sheet adds up to zero, the result of the year so far included.",
        ),
        dg.AssetCheckSpec(
            "bookings_of_months_balance",
            asset=BALANCES,
            partitions_def=entities,
            description="No month has a booking whose debit and credit differ.",
        ),
        dg.AssetCheckSpec(
            "cash_flow_moves_cash",
            asset=REPORTS,
            partitions_def=entities,
            description="The lines of each month's cash flow statement add up to what cash moved by.",
        ),
        dg.AssetCheckSpec(
            "currency_is_the_entitys",
            asset=BALANCES,
            partitions_def=entities,
            description="The software, or the files, state amounts in the currency of the entity.",
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
    codes = CODES[CHECKS[check.name]] if check.name in CHECKS else ()
    found = {code: published.validations[code] for code in codes if code in published.validations}
    return dg.AssetCheckResult(
        check_name=check.name,
        asset_key=check.asset_key,
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN if codes else dg.AssetCheckSeverity.ERROR,
        metadata={"findings": sum(found.values()), **found},
    )
