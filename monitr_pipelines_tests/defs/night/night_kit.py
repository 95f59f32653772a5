"""Many entities at once, in a database of their own, and the definitions that Dagster loads."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy.engine import make_url

from monitr_pipelines import shipped
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import cluster_of
from monitr_pipelines.warehouse.upkeep import migrations

CONNECTED = "tryton"
POPULATE = """
with organisations as (
    insert into app.organisation (name)
    select %(name)s || number from generate_series(1, greatest(%(entities)s / 20, 1)) as number
    returning id
),

integrations as (
    insert into app.integration (organisation_id, provider) select id, %(provider)s from organisations
    returning id, organisation_id
),

numbered as (
    select id, organisation_id, row_number() over (order by id) as position, count(*) over () as all_of_them
    from integrations
)

insert into app.entity (key, organisation_id, integration_id, name)
select number || %(name)s, organisation_id, numbered.id, 'Company ' || number
from generate_series(1, %(entities)s) as number
inner join numbered on numbered.position = 1 + number %% numbered.all_of_them
"""


def loaded() -> dg.Definitions:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from monitr_pipelines.definitions import defs  # noqa: PLC0415 - Dagster warns of itself

        return defs()


@contextmanager
def own_databases(home: Path, folder: Path) -> Iterator[dg.DagsterInstance]:
    """Empty databases on the server of the test run, for the books and for the Dagster that is given."""
    books, storage = f"night_{os.getpid()}", f"night_dagster_{os.getpid()}"
    cluster = cluster_of(home)
    as_importer = make_url(cluster.url(books)).set(username=database.IMPORTER)
    with database.connect_as_owner(autocommit=True) as maintenance, pytest.MonkeyPatch.context() as patched:
        for name in (books, storage):
            maintenance.execute(f"create database {name}")
        patched.setenv("MONITR_OWNER_DATABASE_URL", cluster.url(books))
        patched.setenv("MONITR_DATABASE_URL", as_importer.render_as_string(hide_password=False))
        patched.setenv("MONITR_DAGSTER_DATABASE_URL", cluster.url(storage))
        migrations.migrate()
        (folder / "dagster.yaml").symlink_to(shipped.DAGSTER_YAML)
        with dg.DagsterInstance.from_config(str(folder)) as instance:
            yield instance
        database.close_pool()
        for name in (books, storage):
            maintenance.execute(f"drop database {name} with (force)")


def populate(connection: Connection, entities: int) -> None:
    """Active entities of paying organisations, twenty each."""
    connection.execute(
        POPULATE, {"entities": entities, "name": f"-company-of-{entities}-", "provider": CONNECTED}
    )
