"""Looking at billing, again and again: who lapsed, who came back."""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from monitr_pipelines import settings
from monitr_pipelines.billing.apply import apply_changes, hold_states, read_states
from monitr_pipelines.billing.choose import chosen_source
from monitr_pipelines.billing.contract import BillingUnreachable
from monitr_pipelines.ledger.brussels import in_brussels
from monitr_pipelines.lifecycle.eligibility import BILLING_HOLDS
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

NOTHING = "no subscription changed"

log = logging.getLogger(__name__)


@dataclass
class Watch:
    """Looks at the subscriptions; `left_alone` is until when billing asked not to be asked."""

    left_alone: datetime | None = None

    def look(self, connection: Connection, now: datetime) -> str:
        """Record what billing says and bring the imports in line; returns what happened, in words.

        Waiting imports are canceled where a subscription lapsed, requested where it came back. When billing
        cannot be reached, the last known state holds for 72 hours.
        """
        trouble = None
        try:
            self._read(connection, now)
        except BillingUnreachable as error:
            trouble = _unreachable(connection, error, now)
        changes = str(apply_changes(connection, now=now))
        return f"{trouble} {changes}." if trouble else f"{changes}."

    def _read(self, connection: Connection, now: datetime) -> None:
        if self.left_alone is not None and now < self.left_alone:
            raise BillingUnreachable(f"it asked to be left alone until {_moment(self.left_alone)}")
        self.left_alone = None
        try:
            read_states(connection, chosen_source(), now=now)
        except BillingUnreachable as error:
            self.left_alone = error.retry_at
            raise


def start(ended: threading.Event) -> threading.Thread:
    """Look every `MONITR_BILLING_SECONDS` until the event is set; what goes wrong is logged, not raised."""
    thread = threading.Thread(target=_run, args=[ended], name="billing", daemon=True)
    thread.start()
    return thread


def _run(ended: threading.Event) -> None:
    watch, before = Watch(), ""
    while not ended.is_set():
        try:
            with database.connect(autocommit=True) as connection:
                found = watch.look(connection, datetime.now(UTC))
            if found not in {before, f"{NOTHING}."}:
                log.info("%s", found)
            before = found
        except (psycopg.OperationalError, ServerNotRunning) as problem:
            log.warning("billing: the database does not answer: %s", str(problem).splitlines()[0])
        except Exception:
            log.exception("billing: a look failed")
        ended.wait(settings.billing_seconds())


def _unreachable(connection: Connection, error: BillingUnreachable, now: datetime) -> str:
    told = f"Billing cannot be reached: {error.reason}."
    since = hold_states(connection, now=now)
    if since is None:
        return told
    until = since + BILLING_HOLDS
    holds = "hold" if now <= until else "held"
    return f"{told} The states known since {_moment(since)} {holds} until {_moment(until)}."


def _moment(moment: datetime) -> str:
    return in_brussels(moment).format("D MMM YYYY HH:mm:ss")
