"""Looking at billing: who lapsed, who came back."""

from datetime import UTC, datetime

import dagster as dg

from monitr_pipelines import settings
from monitr_pipelines.billing.apply import apply_changes, hold_states, read_states
from monitr_pipelines.billing.choose import chosen_source
from monitr_pipelines.billing.contract import BillingUnreachable
from monitr_pipelines.ledger.brussels import in_brussels
from monitr_pipelines.lifecycle.eligibility import BILLING_HOLDS
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dg.sensor(
    name="subscription_states",
    minimum_interval_seconds=settings.billing_seconds(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Reads the subscription of every organisation. Waiting imports are canceled where it lapsed, "
    "requested where it came back. When billing cannot be reached, the last known state holds for 72 hours.",
)
def subscription_states(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Record what billing says, then bring the imports in line; imports are launched from the database.

    What happened is told as the reason of the look: what it logs would be a file of its own, every time.
    """
    now = datetime.now(UTC)
    with database.connect(autocommit=True) as connection:
        trouble = None
        try:
            _read(context, connection, now)
        except BillingUnreachable as error:
            trouble = _told(connection, error, now)
        changes = str(apply_changes(connection, now=now))
    return dg.SkipReason(f"{trouble} {changes}." if trouble else f"{changes}.")


def _read(context: dg.SensorEvaluationContext, connection: Connection, now: datetime) -> None:
    """Ask billing, unless it asked to be left alone; the cursor holds until when."""
    if context.cursor and now < (left_alone := datetime.fromisoformat(context.cursor)):
        raise BillingUnreachable(f"it asked to be left alone until {_shown(left_alone)}")
    try:
        read_states(connection, chosen_source(), now=now)
    except BillingUnreachable as error:
        context.update_cursor(error.retry_at.isoformat() if error.retry_at else "")
        raise
    context.update_cursor("")


def _told(connection: Connection, error: BillingUnreachable, now: datetime) -> str:
    told = f"Billing cannot be reached: {error.reason}."
    since = hold_states(connection, now=now)
    if since is None:
        return told
    until = since + BILLING_HOLDS
    holds = "hold" if now <= until else "held"
    return f"{told} The states known since {_shown(since)} {holds} until {_shown(until)}."


def _shown(moment: datetime) -> str:
    return in_brussels(moment).format("D MMM YYYY HH:mm:ss")
