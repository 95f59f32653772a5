"""A hundred days later: what is due to go has gone, and what is promised to stay has stayed."""

import os
from collections.abc import Callable
from datetime import datetime

import dagster as dg
from judge_kit import size
from product_kit import Product

from monitr_pipelines.dagster_storage import end_connections
from monitr_pipelines.reconciler.upkeep import Upkeep
from monitr_pipelines.warehouse.server import database

MOST_LOOKS = 100
LEFT = "select count(*) as messages from app.alert_message"


def later(product: Product, moment: datetime, say: Callable[[str], None]) -> None:
    """Stop everything until a moment, then look as the reconciler does every minute and every hour."""
    product.stop()
    product.clock.jump(moment)
    database.start_server()
    os.environ["DAGSTER_HOME"] = str(product.homes[-1] / "dagster")
    with database.connect(autocommit=True) as connection, dg.DagsterInstance.get() as instance:
        before, runs, upkeep = size(connection), instance.get_runs_count(), Upkeep()
        looks = 0
        while upkeep.look(connection, instance) and looks < MOST_LOOKS:
            looks += 1
        database.run(connection, "reconciler/tidy")
        after, left = size(connection), instance.get_runs_count()
        messages = connection.execute(LEFT).fetchone()
        end_connections(instance)
    say(f"later: of {runs} runs of Dagster {left} are left, of {before.events} events {after.events}")
    say(f"later: all {after.imports} imports are left, messages are not")
    assert left == 0, left
    # Fewer than thirty of an outcome an entity: all of them stay, whatever their age.
    assert after.imports == before.imports, (before, after)
    assert messages == {"messages": 0}, messages
