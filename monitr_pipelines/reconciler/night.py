"""The ticks of the schedule: once Dagster has recorded one, the imports that it asks for are written.

A preview of a tick evaluates the schedule too, and records none.
"""

import logging
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.definitions.selector import InstigatorSelector
from dagster._core.scheduler.instigation import TickStatus

from monitr_pipelines import providers
from monitr_pipelines.dagster_names import LOCATION, REPOSITORY, SCHEDULE
from monitr_pipelines.warehouse.queue import nightly
from monitr_pipelines.warehouse.server.database import Connection

# One that came while no reconciler worked is made up for; the night before the last one is not.
OLDEST = timedelta(days=1)
EVALUATED = [TickStatus.SKIPPED, TickStatus.SUCCESS]
SELECTOR_ID = InstigatorSelector(location_name=LOCATION, repository_name=REPOSITORY, name=SCHEDULE).get_id()

log = logging.getLogger(__name__)


def write_nights(connection: Connection, instance: dg.DagsterInstance) -> None:
    """Write the imports of every tick that came and was not written yet, the oldest first."""
    now = datetime.now(UTC)
    after = max(now - OLDEST, nightly.newest_written(connection) or now - OLDEST)
    ticks = instance.get_ticks(
        SCHEDULE, SELECTOR_ID, after=after.timestamp(), before=now.timestamp(), statuses=EVALUATED
    )
    for moment in sorted(tick.timestamp for tick in ticks):
        tick = datetime.fromtimestamp(moment, UTC)
        night = nightly.write_night(connection, tick, now=now, importable=providers.names())
        if night is not None:
            log.info("the tick of %s: %s", tick.isoformat(), night)
