"""A company of Odoo through the whole product, from the command line: connected, imported, edited."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from odoo_books_kit import PARTNER
from odoo_server_kit import Odoo
from test_odoo_increments import EDITS

from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import last_import, snapshot

LAST = date(2026, 6, 30)
# Edits before an import: `test_odoo_increments` reads behind each by itself.
TOGETHER = 4
numbers = count(1)
Monitr = Callable[..., Any]


@pytest.fixture
def connect(odoo: Odoo, monitr: Monitr) -> Callable[..., Any]:
    """Connects an organisation of its own with the server."""

    def run(**given: str) -> Any:  # noqa: ANN401 - what the command said
        organisation = f"Organisation {next(numbers)} of Odoo {odoo.version}"
        assert monitr("org", "add", organisation).code == 0
        options = [part for pair in odoo.credentials(**given).items() for part in ("--set", "=".join(pair))]
        said = monitr("connection", "add", "--org", organisation, "--provider", "odoo", *options)
        return organisation, said

    return run


@pytest.fixture
def north(connect: Callable[..., Any], monitr: Monitr, without_dagster: object) -> str:
    """North's entity, from the commands of the guide."""
    organisation, said = connect()
    assert said.code == 0, said.err
    shown = monitr("connection", "administrations", said.out.strip(), "--json").json
    assert [(each["id"], each["name"]) for each in shown] == [("3", "North NV"), ("4", "South BV")]
    added = monitr(
        "entity", "add", "--org", organisation, "--connection", said.out.strip(), "--administration", "3"
    )
    assert added.code == 0, added.err
    return str(added.out.strip())


def trial_balance(connection: Connection, entity: str, month: date) -> dict[str, Decimal]:
    rows = connection.execute(
        """
        select account_code, closing from marts.trial_balance
        where entity_id = (select id from app.entity where key = %s) and month = %s and closing <> 0
        """,
        [entity, month.replace(day=1)],
    )
    return {row["account_code"]: row["closing"] for row in rows}


def test_a_company_is_imported_by_commands(
    odoo: Odoo, connection: Connection, monitr: Monitr, north: str
) -> None:
    said = monitr("import", north)
    assert (said.code, last_import(connection, north)["outcome"]) == (0, "succeeded"), said.err
    source = odoo.source()
    told = {code: balance for code, balance in source.trial_balance(LAST).items() if balance}
    source.close()
    assert trial_balance(connection, north, LAST) == told
    assert len(told) == 2
    assert monitr("report", "trial-balance", north).code == 0


def test_increments_through_edits_end_where_a_full_import_does(
    odoo_18: Odoo, connection: Connection, monitr: Monitr, north_of_18: str
) -> None:
    north = north_of_18
    assert monitr("import", north).code == 0
    for nth, edit in enumerate(EDITS.values(), start=1):
        edit(odoo_18.books)
        if nth % TOGETHER and nth < len(EDITS):
            continue
        # Months have an entry or two: some of the edits empty one, which people must accept.
        said = monitr("import", north, "--allow-shrink")
        assert said.code == 0, (nth, said.err)
        assert last_import(connection, north)["mode"] == "incremental"
    increments = snapshot(connection, north)
    entities.reset(connection, north, "test")
    assert monitr("import", north).code == 0
    assert last_import(connection, north)["mode"] == "full"
    assert snapshot(connection, north) == increments


@pytest.fixture
def north_of_18(odoo_18: Odoo, monitr: Monitr, without_dagster: object) -> str:
    organisation = f"Organisation {next(numbers)} of edits"
    monitr("org", "add", organisation)
    options = [part for pair in odoo_18.credentials().items() for part in ("--set", "=".join(pair))]
    said = monitr("connection", "add", "--org", organisation, "--provider", "odoo", *options)
    added = monitr(
        "entity", "add", "--org", organisation, "--connection", said.out.strip(), "--administration", "3"
    )
    assert added.code == 0, added.err
    return str(added.out.strip())


def test_a_month_that_empties_stays_until_that_is_accepted(
    odoo: Odoo, connection: Connection, monitr: Monitr, north: str
) -> None:
    assert monitr("import", north).code == 0
    before = snapshot(connection, north)
    odoo.books.delete(odoo.books.moves()[0])
    assert monitr("import", north).code == 1
    assert last_import(connection, north)["error_code"] == "shrunken"
    assert snapshot(connection, north) == before
    assert monitr("import", north, "--allow-shrink").code == 0
    assert snapshot(connection, north) != before


def test_a_key_that_ended_leaves_the_figures(
    odoo: Odoo, connection: Connection, monitr: Monitr, north: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert monitr("import", north).code == 0
    before = snapshot(connection, north)
    monkeypatch.setattr("odoo_server_kit.KEY", "another")
    odoo.books.rename(PARTNER, 50, display_name="Renamed")
    assert monitr("import", north).code == 1
    assert last_import(connection, north)["error_code"] == "reconnect_needed"
    assert snapshot(connection, north) == before


def test_credentials_that_do_not_work_are_not_kept(connect: Callable[..., Any], odoo: Odoo) -> None:
    _, said = connect(api_key="wrong")
    assert said.code == 1
    assert said.err == (
        "Error: Odoo does not accept the credentials, or no longer. Check them there, then connect again.\n"
    )


@pytest.mark.parametrize("url", ["http://10.0.0.1:8069", "https://169.254.169.254", "https://2130706433"])
def test_an_address_within_a_network_is_not_reached(
    connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("MONITR_PROVIDER_NETWORKS", "")
    _, said = connect(url=url)
    assert said.code == 1
    assert "MONITR_PROVIDER_NETWORKS" in said.err or "must begin with https://" in said.err
