"""The work of a page grows with the entities, not with their square, whatever statistics know of them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.entities import cards, listing
from monitr_pipelines.web.entities.listing import Wanted
from monitr_pipelines_tests.web.page_kit import Company, make_company

# Rows that PostgreSQL looks at for each row that goes in or comes out.
MOST_WORK = 20
SIZES = (1_000, 4_000)
SMALL_ORGANISATIONS = """
with organisation as (
    insert into app.organisation (name, subscription)
    select 'of one entity ' || nth || now(), 'active' from generate_series(1, 500) as nth returning id
),

integration as (
    insert into app.integration (organisation_id, provider) select id, 'tryton' from organisation
    returning id, organisation_id
)

insert into app.entity (key, organisation_id, integration_id, name)
select 'of-one-entity-' || id || now(), organisation_id, id, 'Company' from integration
"""


class Explained:
    """A connection whose statements are explained before they are executed; the work of each is kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.work: list[int] = []

    def execute(self, statement: Any, parameters: Any = None) -> database.Cursor:  # noqa: ANN401 - as psycopg's
        explain = f"explain (analyze, format json) {statement}"
        row = self._connection.execute(explain, parameters).fetchone()
        assert row is not None
        self.work.append(work_of(row["QUERY PLAN"][0]["Plan"]))
        return self._connection.execute(statement, parameters)


def work_of(node: Mapping[str, Any]) -> int:
    """Rows of a plan that came out or were thrown away, over all loops."""
    removed = sum(value for name, value in node.items() if name.startswith("Rows Removed"))
    own = (node["Actual Rows"] + removed) * node["Actual Loops"]
    return int(own) + sum(work_of(part) for part in node.get("Plans", ()))


@pytest.fixture(scope="module")
def _without_statistics(home: object) -> Iterator[None]:
    """Nothing is analyzed meanwhile: what is known is that organisations have one entity each."""
    tables = ("app.entity", "app.import", "app.listing", "app.integration")
    with database.connect(autocommit=True) as connection:
        connection.execute(SMALL_ORGANISATIONS)
    with database.connect_as_owner(autocommit=True) as owner:
        for table in tables:
            owner.execute(f"alter table {table} set (autovacuum_enabled = off)")
            owner.execute(f"analyze {table}")
        yield
        for table in tables:
            owner.execute(f"alter table {table} reset (autovacuum_enabled)")


@pytest.fixture(scope="module", params=SIZES)
def waiting(request: pytest.FixtureRequest, _without_statistics: None) -> Company:
    """A company of so many entities, in a night when all of them wait."""
    with database.connect(autocommit=True) as connection:
        company = make_company(connection, tuple(f"Company {nth}" for nth in range(request.param)))
        connection.execute(
            "insert into app.import (entity_id, trigger) "
            "select id, 'scheduled' from app.entity where organisation_id = %s",
            [company.organisation_id],
        )
    return company


@pytest.mark.parametrize(
    "wanted",
    [Wanted(), Wanted("company 1"), Wanted(state="waiting"), Wanted(state="failed"), Wanted(before="none")],
    ids=["all", "a search", "a filter", "a filter of few", "backwards"],
)
def test_a_page_costs_what_there_is_to_count(
    connection: Connection, waiting: Company, wanted: Wanted
) -> None:
    with tenancy.as_tenant(waiting.organisation_id) as web:
        explained = Explained(web)
        listing.read_listing(explained, wanted, datetime.now(UTC))  # type: ignore[arg-type]  # what is used of it
    row = connection.execute("select count(*) as entities from app.listing").fetchone()
    assert row is not None
    assert sum(explained.work) <= MOST_WORK * (row["entities"] + listing.PAGE_SIZE)


def test_one_card_costs_one_card(connection: Connection, waiting: Company) -> None:
    with tenancy.as_tenant(waiting.organisation_id) as web:
        explained = Explained(web)
        cards.read_card(explained, waiting.keys[len(waiting.keys) // 2], datetime.now(UTC))  # type: ignore[arg-type]
    assert len(explained.work) == 3
    # Organisations and their connections are few: they may be read as a whole.
    row = connection.execute(
        "select (select count(*) from app.organisation) + (select count(*) from app.integration) as few"
    ).fetchone()
    assert row is not None
    assert sum(explained.work) <= 2 * MOST_WORK + row["few"]


@pytest.mark.parametrize("table", ["raw.gl_transaction", "marts.trial_balance", "app.import", "app.finding"])
def test_whose_rows_are_costs_no_more_beside_many_entities(connection: Connection, table: str) -> None:
    """An array of all entities was prepared anew for each row once, which no count of rows tells."""
    row = connection.execute(
        "select pg_get_expr(polqual, polrelid) as policy from pg_policy "
        "where polname = 'tenant' and polrelid = %s::regclass",
        [table],
    ).fetchone()
    assert row is not None
    assert "ANY" not in row["policy"]
