"""An entity in Dagster, where commands need not wait for the sensor that keeps its partitions.

The database alone decides which entities there are: a Dagster that does not answer fails no command, for
its sensor makes up what was missed.
"""

from contextlib import suppress

from monitr_pipelines.warehouse.server.embedded import ServerNotRunning


def add(entity_key: str) -> None:
    """Make an entity known to Dagster."""
    from monitr_pipelines.cli.dagster_run import add_partition  # noqa: PLC0415 - Dagster takes a second to load

    with suppress(ServerNotRunning):
        add_partition(entity_key)


def drop(entity_key: str) -> None:
    """Let Dagster forget that there is such an entity; its runs stay."""
    from monitr_pipelines.cli.dagster_run import drop_partition  # noqa: PLC0415 - Dagster takes a second to load

    with suppress(ServerNotRunning):
        drop_partition(entity_key)
