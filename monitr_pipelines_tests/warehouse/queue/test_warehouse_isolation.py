"""An import of one entity leaves every other entity's rows exactly as they were."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from warehouse_kit import (
    BANK,
    CAPITAL,
    COSTS,
    PLACED,
    SALE,
    SALES,
    Given,
    booking,
    id_of,
    load,
    snapshot,
    start,
    upsert,
    whole,
)

from monitr_pipelines.ledger.changes import Bookings, Dates, Delete, Replace
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import ImportProblem, InconsistentData, OurFault
from monitr_pipelines.warehouse.books import loader
from monitr_pipelines.warehouse.queue import claims, outcome, requests
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.mirror import Mirror

COST = booking("C1", "2025-02", (COSTS, 40), (BANK, -40), axes=(("cost", "1"), ("project", "8")))
OTHERWISE = TrialBalance({BANK: Decimal(-1)}, day=date(2025, 2, 28), year_start=date(2025, 1, 1))


def entity_tables(connection: Connection) -> list[str]:
    """Every table of the program that says which entity its rows belong to."""
    rows = connection.execute(
        """
        select table_schema || '.' || table_name as name from information_schema.columns
        join information_schema.tables using (table_schema, table_name)
        where column_name = 'entity_id' and table_type = 'BASE TABLE'
            and table_schema in ('app', 'raw', 'mapped', 'marts')
        order by 1
        """
    )
    return [row["name"] for row in rows]


def all_rows(connection: Connection, entity: str) -> Mapping[str, object]:
    """Everything that is stored of an entity: place, writing transaction and contents of each row."""
    entity_id = id_of(connection, entity)
    found: dict[str, object] = {
        table: connection.execute(
            f"select ctid::text, xmin::text, to_jsonb(t) from {table} t where entity_id = %s order by ctid",  # noqa: S608
            [entity_id],
        ).fetchall()
        for table in entity_tables(connection)
    }
    found["app.entity"] = connection.execute(
        "select ctid::text, xmin::text, to_jsonb(e) from app.entity e where id = %s", [entity_id]
    ).fetchall()
    found["app.finding"] = connection.execute(
        "select f.* from app.finding f join app.import i on i.id = f.import_id where i.entity_id = %s",
        [entity_id],
    ).fetchall()
    return found


BY_PERIOD = {"months_by": "period"}


@pytest.fixture
def neighbour(connection: Connection, make_entity: Callable[..., str]) -> str:
    """An entity with the same keys, bookings, accounts and axis values as those that are imported."""
    key = make_entity()
    connection.execute("update app.entity set settings = %s where key = %s", [Jsonb(BY_PERIOD), key])
    stray = booking("S2", "2025-01", ("999999", 1))
    opened = booking("O", "2025-01-01", (BANK, 1), (CAPITAL, -1), period="0")
    late = booking("L", "2025-01", (BANK, 1), (SALES, -1), period="2")
    lines = [*SALE, *COST, *stray, *opened, *late]
    load(connection, key, whole(lines), told=OTHERWISE, allow_unbalanced=True)
    waiting = requests.request(connection, key, trigger="manual", requested_by="test")
    for statement in PLACED:
        connection.execute(statement, {"entity": id_of(connection, key), "import": waiting})
    return key


def test_every_table_of_an_entity_has_rows_in_the_comparison(connection: Connection, neighbour: str) -> None:
    rows = all_rows(connection, neighbour)
    empty = {table for table, stored in rows.items() if not stored}
    assert empty <= {"app.alert", "app.upload"}


def test_an_import_touches_no_row_of_another_entity(
    connection: Connection, make_entity: Callable[..., str], neighbour: str
) -> None:
    before = all_rows(connection, neighbour)
    entity = make_entity()
    other_name = frozenset({AxisValue("cost", "1", "Other name")})
    load(connection, entity, whole(SALE + COST, axes=other_name), told=OTHERWISE)
    load(connection, entity, Given([Delete([line.external_id for line in SALE])]), upsert(SALE))
    changed = booking("C1", "2025-02", (COSTS, 41), (BANK, -41), axes=(("cost", "3"),))
    load(connection, entity, Given([Replace(Bookings(frozenset({"C1"})), changed)]))
    load(
        connection,
        entity,
        Given([Replace(Dates(SALE[0].booking_date, COST[0].booking_date), [])]),
        allow_shrink=True,
    )
    load(connection, entity, whole([], accounts={}), mode="full", allow_shrink=True)
    for answer in (whole([]), upsert(booking("X", "2025-01", (BANK, 1), (SALES, 1)))):
        load(connection, entity, whole(SALE))
        with pytest.raises(InconsistentData):
            load(connection, entity, answer)
    lost = start(connection, entity)
    connection.execute("update app.import set lease_until = now() where id = %s", [lost.import_id])
    load(connection, entity, whole(SALE))
    assert all_rows(connection, neighbour) == before


def test_figures_that_contradict_the_ledger_are_not_published(
    connection: Connection, make_entity: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof looks again, inside the transaction, at what the statements made."""
    entity = make_entity()
    load(connection, entity, whole(SALE))
    before = snapshot(connection, entity)
    claimed = start(connection, entity)
    loader.load_transactions(connection, claimed, [upsert(COST)], Allowances())
    refresh = Mirror.refresh

    for table, column in (
        ("balance_month", "debit"),
        ("balance_sheet", "amount"),
        ("profit_and_loss", "year_to_date"),
        ("cash_flow", "amount"),
        ("axis_report", "amount"),
    ):

        def lose_a_cent(mirror: Mirror, own: Connection, parameters: Mapping[str, Any]) -> None:
            refresh(mirror, own, parameters)
            if mirror.table == f"marts.{table}":  # noqa: B023 - called within the turn of the loop
                own.execute(
                    f"""
                    update marts.{table} t set {column} = {column} + 0.01
                    from (
                        select ctid from marts.{table} where entity_id = %s
                        and {column} <> 0 {_top(table)} limit 1
                    ) one where t.ctid = one.ctid
                    """,  # noqa: S608, B023
                    [parameters["entity_id"]],
                )

        monkeypatch.setattr(Mirror, "refresh", lose_a_cent)
        with pytest.raises(OurFault) as fault:
            marts.regenerate(connection, claimed, FiscalCalendar())
        assert fault.value.code == "marts_contradict_ledger"
        monkeypatch.undo()
        left = snapshot(connection, entity)
        assert {name: rows for name, rows in left.items() if not name.startswith("raw.")} == {
            name: rows for name, rows in before.items() if not name.startswith("raw.")
        }
    problem: ImportProblem = fault.value
    assert outcome.finish(connection, claimed, problem)


def _top(table: str) -> str:
    if table in ("balance_month", "axis_report"):
        return ""
    return (
        "and line in (select line from app.report_line join app.reporting_structure s "
        "on s.id = structure_id where level = 0 and country = 'BE')"
    )


def test_the_drill_down_tells_which_lines_are_newer_than_the_figures(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(provider="tryton")

    def reported() -> dict[str, bool]:
        rows = connection.execute(
            "select external_id, reported from mapped.transactions where entity_id = %s",
            [id_of(connection, entity)],
        )
        return {row["external_id"]: row["reported"] for row in rows}

    load(connection, entity, whole(SALE), with_marts=False)
    assert reported() == {"S1.1": False, "S1.2": False}
    load(connection, entity, upsert(SALE))
    assert reported() == {"S1.1": True, "S1.2": True}
    load(connection, entity, upsert(COST), with_marts=False)
    assert reported() == {"S1.1": True, "S1.2": True, "C1.1": False, "C1.2": False}
    load(connection, entity, upsert(COST))
    earlier = requests.request(connection, entity, trigger="scheduled", requested_by="test")
    load(connection, entity, upsert(booking("S9", "2025-04", (BANK, 9), (SALES, -9))))
    late = claims.claim(connection, entity, run_id=f"late-{entity}", import_id=earlier, trigger="scheduled")
    delivery = upsert(booking("S8", "2025-04", (BANK, 8), (SALES, -8)))
    loader.load_transactions(connection, late, [delivery], Allowances(FiscalCalendar()))
    assert {key for key, shown in reported().items() if not shown} == {"S8.1", "S8.2"}
    assert outcome.finish(connection, late, None)
