"""The report marts of one entity, regenerated in one transaction from its raw lines.

A reader sees the marts of the old import or of the new one, never a mixture. What must stop wrong
figures from being published is proven inside the transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.turns.lines import Doubt
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.books.loader import lock_entity
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.queue.fence import Committed, fence, owned_transaction
from monitr_pipelines.warehouse.reports.adjustments import ADJUSTMENT
from monitr_pipelines.warehouse.reports.balances import balance
from monitr_pipelines.warehouse.reports.basis import (
    Placing,
    keep_basis,
    keep_published,
    read_basis,
    read_placing,
)
from monitr_pipelines.warehouse.reports.places import Place, moved_lines, read_places
from monitr_pipelines.warehouse.reports.unmapped import read_unmapped
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.mirror import Mirror

AMOUNTS = ("amount", "year_to_date", "prior_year")
ACCOUNT_LINE = Mirror(
    "mapped.account_line",
    "reports/account_line.sql",
    ("account_code",),
    ("name", "type", "structure_id", "line", "credit_line"),
)
ACCOUNT_AXIS_LINE = Mirror(
    "mapped.account_axis_line", "reports/account_axis_line.sql", ("account_code", "axis_value"), ("line",)
)
PART_BALANCE = Mirror(
    "marts.part_balance",
    "reports/part_balance.sql",
    ("account_code", "axis_value", "month"),
    ("opening", "closing"),
)
# What every statement is summed from, made once for all of them.
COMMON = ("create_ancestors", "create_leaves")
STATEMENTS = (
    Mirror("marts.profit_and_loss", "reports/profit_and_loss.sql", ("line", "month"), AMOUNTS),
    Mirror("marts.balance_sheet", "reports/balance_sheet.sql", ("line", "month"), AMOUNTS),
    Mirror("marts.cash_flow", "reports/cash_flow.sql", ("line", "month"), AMOUNTS),
)
# It is the largest: while balances are as they were, only the lines that accounts left or came to.
AXIS_REPORT = Mirror(
    "marts.axis_report",
    "reports/axis_report.sql",
    ("axis", "axis_value", "line", "month"),
    ("amount",),
    within="(%(everything)s or target.line = any(%(moved_lines)s))",
)
VALIDATION = Mirror(
    "marts.validation",
    "reports/validation_balance.sql",
    ("code", "subject", "period"),
    ("fiscal_year_start", "month", "expected", "found", "number", "parts", "message"),
    more=(
        "reports/validation_unmapped.sql",
        "reports/validation_accounts.sql",
        "reports/validation_bookings.sql",
        "reports/validation_currency.sql",
        "reports/validation_cash_flow.sql",
        "reports/validation_opening.sql",
        "reports/validation_opening_added.sql",
        "reports/validation_turn.sql",
        "reports/validation_result_account.sql",
    ),
)


@dataclass(frozen=True)
class Published:
    """What the marts of an entity hold now: rows per table, and findings by code."""

    rows: dict[str, int]
    validations: dict[str, int]


def regenerate(connection: Connection, claimed: Claim, calendar: FiscalCalendar) -> Published:
    """Map the accounts and rebuild every mart of the claimed entity, with the current mappings.

    Where nothing is another than what the published figures were made from, those stand. Balances whose
    lines, calendar and types of accounts are those of the published figures stay as they are.
    Raises OurFault when the new figures would contradict the ledger, and LeaseLost when another
    import took over; then the old figures stay.
    """
    with owned_transaction(connection, claimed):
        lock_entity(connection, claimed.entity_id)
        _execute(connection, claimed, "hold_structure")
        unmapped_before = read_unmapped(connection, claimed.entity_id)
        placing = read_placing(connection, claimed.entity_id)
        if placing.may_stand and _stand(connection, claimed, calendar):
            unmapped = unmapped_before
        else:
            _make(connection, claimed, calendar, placing)
            unmapped = read_unmapped(connection, claimed.entity_id)
        database.run(
            connection, "queue/publish_figures", entity_id=claimed.entity_id, import_id=claimed.import_id
        )
        published = _count(connection, claimed.entity_id)
        told = unmapped.told_since(unmapped_before)
        fence(connection, claimed, Committed({"marts": published.rows | told}, marts=True))
    return published


def _stand(connection: Connection, claimed: Claim, calendar: FiscalCalendar) -> bool:
    """Whether the published figures are those of now: nothing that they are made from is another."""
    basis = read_basis(connection, claimed.entity_id, calendar)
    if basis.doubts is None:
        return False
    keep_published(connection, claimed, basis.published)
    return True


def _make(connection: Connection, claimed: Claim, calendar: FiscalCalendar, placing: Placing) -> None:
    """Every mart, proven."""
    parameters = {"entity_id": claimed.entity_id, "import_id": claimed.import_id}
    has = _what_there_is(connection, claimed)
    before = read_places(connection, claimed.entity_id)
    ACCOUNT_LINE.refresh(connection, parameters)
    if has["parts"]:
        ACCOUNT_AXIS_LINE.refresh(connection, parameters)
    basis = read_basis(connection, claimed.entity_id, calendar)
    doubts = basis.doubts
    if doubts is None:
        balances = balance(connection, claimed, calendar, noted=basis.same_programme)
        _prove(connection, claimed, "proof_of_lines", **balances.proof())
        doubts = balances.doubts
    if has["parts"]:
        PART_BALANCE.refresh(connection, parameters)
    for name in COMMON:
        _execute(connection, claimed, name)
    for statement in STATEMENTS:
        statement.refresh(connection, parameters)
    if has["axes"]:
        _refresh_axes(connection, parameters, before, everything=basis.doubts is None)
    if has["adjustments"]:
        ADJUSTMENT.refresh(connection, parameters)
    VALIDATION.refresh(connection, parameters | _columns_of(doubts))
    _prove(connection, claimed, "proof")
    keep_basis(connection, claimed, basis, doubts, placing)


def _what_there_is(connection: Connection, claimed: Claim) -> Mapping[str, bool]:
    return _execute(connection, claimed, "what_there_is")[0]


def _refresh_axes(
    connection: Connection, parameters: Mapping[str, int], before: frozenset[Place], *, everything: bool
) -> None:
    lines = [] if everything else moved_lines(before, read_places(connection, parameters["entity_id"]))
    if everything or lines:
        AXIS_REPORT.refresh(connection, {**parameters, "everything": everything, "moved_lines": lines})


def _columns_of(doubts: Sequence[Doubt]) -> dict[str, list[Any]]:
    """What roles left open, as the columns that `validation_turn.sql` reads."""
    return {
        "kinds": [doubt.kind.value for doubt in doubts],
        "days": [doubt.day for doubt in doubts],
        "years": [doubt.year for doubt in doubts],
        "accounts": [doubt.accounts for doubt in doubts],
        "matching": [doubt.matching for doubt in doubts],
    }


def _prove(connection: Connection, claimed: Claim, laws_of: str, **parameters: object) -> None:
    broken = _execute(connection, claimed, laws_of, **parameters)
    if broken:
        laws = "; ".join(
            f"{row['law']} in {row['month']}: expected {row['expected']}, found {row['found']}"
            for row in broken[:5]
        )
        raise OurFault(Message("marts_contradict_ledger"), code="marts_contradict_ledger", detail=laws)


def _count(connection: Connection, entity_id: int) -> Published:
    rows = database.run(connection, "reports/rows_of_marts", entity_id=entity_id).fetchone() or {}
    findings = connection.execute(
        "select code, count(*) as found from marts.validation where entity_id = %s group by code", [entity_id]
    )
    return Published(rows, {row["code"]: row["found"] for row in findings})


def _execute(connection: Connection, claimed: Claim, name: str, **parameters: object) -> list[dict[str, Any]]:
    common = {"entity_id": claimed.entity_id, "import_id": claimed.import_id}
    cursor = database.run(connection, f"reports/{name}", **(common | parameters))
    return cursor.fetchall() if cursor.description else []
