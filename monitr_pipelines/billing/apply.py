"""What follows from a subscription: recorded states, canceled imports, imports of those that came back."""

from dataclasses import dataclass, field
from datetime import datetime

from psycopg.rows import DictRow

from monitr_pipelines.billing.contract import BillingSource
from monitr_pipelines.ledger.wording import some_of
from monitr_pipelines.lifecycle.eligibility import BILLING_HOLDS, PAYING, Facts, refusal
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.imports import Outcome, Trigger
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.queue.error_columns import error_columns
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# In one look, so that it ends in time; the next look goes on.
MOST_CHANGES = 500


@dataclass
class Changes:
    """What a look at the subscriptions brought about: names of organisations, numbers of imports."""

    lapsed: list[str] = field(default_factory=list)
    came_back: list[str] = field(default_factory=list)
    canceled: int = 0
    requested: int = 0

    def __str__(self) -> str:
        told = []
        if self.lapsed:
            told.append(f"lapsed: {some_of(self.lapsed)}; waiting imports canceled: {self.canceled}")
        if self.came_back:
            told.append(f"came back: {some_of(self.came_back)}; imports requested: {self.requested}")
        return "; ".join(told) or "no subscription changed"


def read_states(connection: Connection, source: BillingSource, *, now: datetime) -> None:
    """Ask billing and record what it says, with the moment; BillingUnreachable where it says nothing."""
    rows = database.run(connection, "billing/customers").fetchall()
    told = source.states({row["customer"]: row["subscription"] for row in rows}, now=now)
    database.run(
        connection, "billing/record_states", customers=list(told), states=list(told.values()), now=now
    )


def hold_states(connection: Connection, *, now: datetime) -> datetime | None:
    """Billing said nothing: its last states stay, until the gate closes when they are 72 hours old.

    Returns since when they are known; None where nobody is a customer of it.
    """
    database.run(connection, "billing/start_clock", now=now)
    row = database.run(connection, "billing/known_since").fetchone()
    return row["known_since"] if row else None


def apply_changes(connection: Connection, *, now: datetime) -> Changes:
    """Bring the imports of each organisation in line with its state, in one transaction each."""
    changes = Changes()
    for _ in range(MOST_CHANGES):
        with connection.transaction():
            organisation = database.run(
                connection, "billing/next_change", paying=sorted(PAYING), verified_since=now - BILLING_HOLDS
            ).fetchone()
            if organisation is None:
                break
            _apply(connection, organisation, changes, now)
            connection.execute(
                "update app.organisation set subscription_applied = %(state)s where id = %(id)s", organisation
            )
    return changes


def _apply(connection: Connection, organisation: DictRow, changes: Changes, now: datetime) -> None:
    facts = Facts(
        status="Active",
        subscription=organisation["subscription"],
        connection="connected",
        running=False,
        subscription_read_at=organisation["subscription_read_at"],
    )
    problem = refusal(facts, trigger=Trigger.REACTIVATED, now=now)
    before = organisation["subscription_applied"]
    if problem:
        changes.canceled += _cancel_waiting(connection, organisation["id"], problem)
        changes.lapsed.append(f"{organisation['name']} ({organisation['state']})")
    elif before is not None and before not in PAYING:
        changes.requested += _request_all(connection, organisation["id"], now)
        changes.came_back.append(f"{organisation['name']} ({organisation['state']})")


def _cancel_waiting(connection: Connection, organisation_id: int, problem: ImportProblem) -> int:
    return database.run(
        connection,
        "billing/cancel_waiting",
        organisation=organisation_id,
        outcome=Outcome.CANCELED,
        **error_columns(problem),
    ).rowcount


def _request_all(connection: Connection, organisation_id: int, now: datetime) -> int:
    """Ask for an import of every entity that the gate lets through."""
    rows = connection.execute(
        "select key from app.entity where organisation_id = %s order by id", [organisation_id]
    ).fetchall()
    requested = 0
    for row in rows:
        try:
            requests.request(
                connection, row["key"], trigger=Trigger.REACTIVATED, requested_by="billing", now=now
            )
        except ImportProblem:
            continue
        requested += 1
    return requested
