"""Figures follow what changed of a ledger, and stand where nothing did: to the same as made of everything."""

from collections.abc import Callable, Sequence
from typing import LiteralString

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warehouse_kit import (
    BANK,
    CAPITAL,
    COSTS,
    DEBTORS,
    FIGURES,
    SALES,
    booking,
    delete,
    id_of,
    load,
    often,
    report,
    start,
    stored_rows,
    upsert,
    whole,
)

from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.queue import outcome
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server.database import Connection

MONTHS = ("2024-11", "2024-12", "2025-01", "2025-02")
BOOKED = 12
changes = st.tuples(
    st.integers(0, BOOKED - 1),
    st.sampled_from([BANK, DEBTORS, CAPITAL, COSTS]),
    st.sampled_from(MONTHS),
    st.integers(-5, 900),
    st.sampled_from(["", "1", "2"]),
)


def entry(number: int, account: str, month: str, amount: int, value: str) -> list[LedgerLine]:
    axes = (("cost", value),) if value else ()
    return booking(f"M{number}", month, (account, amount or 7), (SALES, -(amount or 7)), axes=axes)


@often(10)
@given(history=st.lists(changes, min_size=2, max_size=10))
def test_increments_make_what_everything_anew_would(
    connection: Connection,
    make_entity: Callable[..., str],
    history: Sequence[tuple[int, str, str, int, str]],
) -> None:
    """A ledger large enough that an increment is followed; an amount below zero takes the booking away."""
    entity = make_entity(country="BE")
    load(connection, entity, whole(first_ledger()))
    for number, account, month, amount, value in history:
        gone = [line.external_id for line in entry(number, BANK, month, 1, "")]
        load(
            connection,
            entity,
            delete(*gone) if amount < 0 else upsert(entry(number, account, month, amount, value)),
            allow_shrink=True,
        )
        assert noted(connection, entity) == 0
    found = {table: stored_rows(connection, entity, table) for table in FIGURES}
    forget_what_they_were_made_from(connection, entity)
    publish(connection, entity)
    assert {table: stored_rows(connection, entity, table) for table in FIGURES} == found


def test_what_did_not_change_is_not_made_again(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(country="BE")
    load(connection, entity, whole(first_ledger()))
    mark(connection, entity)
    load(connection, entity, upsert(entry(3, COSTS, MONTHS[3], 103, "")))
    assert marked(connection, entity), "the same lines again"
    publish(connection, entity)
    assert marked(connection, entity)
    load(connection, entity, upsert(entry(3, COSTS, MONTHS[3], 104, "")))
    assert not marked(connection, entity)


@pytest.mark.parametrize(
    "changed",
    [
        "update app.entity set result_account = '100000' where id = %(entity)s",
        "update app.entity set currency = 'USD' where id = %(entity)s",
        """
        update app.entity set structure_id = (select id from app.reporting_structure where name = 'plain')
        where id = %(entity)s
        """,
        "update raw.account set name = 'Renamed' where entity_id = %(entity)s and code = '610000'",
        "update raw.account set placeholder = not placeholder where entity_id = %(entity)s",
        "update marts.trial_balance set closing = closing + 1 where entity_id = %(entity)s",
        """
        insert into app.chosen_line (entity_id, structure_id, account_code, line)
        select %(entity)s, id, '610000', '640/8' from app.reporting_structure where name = 'be_nbb'
        """,
        """
        insert into app.adjusting_entry (entity_id, month, account_code, amount, reason, added_by)
        values (%(entity)s, '2025-02-01', '700000', 1, 'Test', 'Test')
        """,
    ],
    ids=["result", "currency", "structure", "name", "placeholder", "by hand", "chosen", "adjusted"],
)
def test_whatever_figures_are_made_from_makes_them_again(
    connection: Connection, make_entity: Callable[..., str], changed: LiteralString
) -> None:
    entity = make_entity(country="BE")
    load(connection, entity, whole(first_ledger()))
    mark(connection, entity)
    connection.execute(changed, {"entity": id_of(connection, entity)})
    publish(connection, entity)
    assert not marked(connection, entity)


def first_ledger() -> list[LedgerLine]:
    return [
        line
        for number in range(BOOKED)
        for line in entry(number, (BANK, COSTS)[number % 2], MONTHS[number % len(MONTHS)], 100 + number, "")
    ]


def publish(connection: Connection, entity: str) -> None:
    claimed = start(connection, entity)
    marts.regenerate(connection, claimed, FiscalCalendar())
    assert outcome.finish(connection, claimed, None)


def mark(connection: Connection, entity: str) -> None:
    """A figure that no ledger gives: it stands while nobody makes the statement."""
    connection.execute(
        "update marts.balance_sheet set prior_year = 12345 where entity_id = %s and line = '54/58'",
        [id_of(connection, entity)],
    )


def marked(connection: Connection, entity: str) -> bool:
    rows = report(connection, entity, "balance_sheet", MONTHS[0])
    return "54/58" in rows and int(rows["54/58"]["prior_year"]) == 12345


def noted(connection: Connection, entity: str) -> int:
    rows = connection.execute(
        "select from raw.changed_balance where entity_id = %s", [id_of(connection, entity)]
    )
    return len(rows.fetchall())


def forget_what_they_were_made_from(connection: Connection, entity: str) -> None:
    connection.execute(
        "update app.import set balances_from = null where entity_id = %s", [id_of(connection, entity)]
    )
