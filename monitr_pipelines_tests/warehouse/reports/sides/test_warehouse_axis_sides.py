"""Results that are read by their side (interest): the values of an axis add up to the statement."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st
from sides_kit import BANK, INTEREST, PAID, RECEIVED, SALES, use_rgs
from warehouse_kit import Given, booking, id_of, load, often, upsert, whole

from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.warehouse.server.database import Connection

FEES = "84111"
MONTHS = [Month(2024, 11).plus(nth) for nth in range(6)]
JULY = FiscalCalendar(7)

Move = tuple[str, Month, int, str]
moves = st.lists(
    st.tuples(
        st.sampled_from([INTEREST, FEES]),
        st.sampled_from(MONTHS),
        st.integers(-50, 50).filter(bool),
        st.sampled_from(["", "1", "2"]),
    ),
    min_size=2,
    max_size=10,
)
CROSSING: list[Move] = [
    (INTEREST, MONTHS[0], 30, "1"),
    (INTEREST, MONTHS[1], -40, "2"),
    (INTEREST, MONTHS[3], 25, ""),
]


def amounts(connection: Connection, entity: str, table: str, column: str) -> dict[tuple[str, Month], Decimal]:
    rows = connection.execute(
        f"""
        select line, month, sum({column}) as amount from {table}
        where entity_id = %s and line = any(%s) group by 1, 2 having sum({column}) <> 0
        """,  # noqa: S608 - names of this test
        [id_of(connection, entity), [PAID, RECEIVED]],
    )
    return {(row["line"], Month.of(row["month"])): row["amount"] for row in rows}


@often(8)
@given(
    made=moves, calendar=st.sampled_from([FiscalCalendar(), JULY]), part_on=st.sampled_from([None, RECEIVED])
)
@example(made=CROSSING, calendar=JULY, part_on=None)
def test_values_add_up_where_results_cross_from_side_to_side(
    connection: Connection,
    make_entity: Callable[..., str],
    made: Sequence[Move],
    calendar: FiscalCalendar,
    part_on: str | None,
) -> None:
    entity = make_entity(country="NL")
    use_rgs(connection, entity, part_on)
    fixed = booking("F", str(MONTHS[0]), (BANK, 1), (SALES, -1)) + booking(
        "L", str(MONTHS[-1]), (BANK, 1), (SALES, -1)
    )
    lines = [
        line
        for nth, (account, month, amount, value) in enumerate(made)
        for line in booking(
            f"M{nth}",
            str(month),
            (account, amount),
            (BANK, -amount),
            axes=(("cost", value),) if value else (),
        )
    ]
    load(connection, entity, whole([*fixed, *lines]), calendar=calendar)
    by_value = amounts(connection, entity, "marts.axis_report", "amount")
    if any(value for *_, value in made):
        assert by_value == amounts(connection, entity, "marts.profit_and_loss", "amount")
    else:
        assert by_value == {}


def test_what_an_account_had_crosses_with_it_value_by_value(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(country="NL")
    use_rgs(connection, entity, None)
    paid = booking("P", "2025-01", (INTEREST, 30), (BANK, -30), axes=(("cost", "1"),))
    received = booking("R", "2025-02", (BANK, 40), (INTEREST, -40), axes=(("cost", "2"),))
    load(connection, entity, whole(paid))
    load(connection, entity, Given([]), upsert(received))
    rows = connection.execute(
        """
        select axis_value, line, to_char(month, 'YYYY-MM') as month, amount::int
        from marts.axis_report where entity_id = %s and line = any(%s)
        """,
        [id_of(connection, entity), [PAID, RECEIVED]],
    )
    assert {tuple(row.values()) for row in rows} == {
        ("1", PAID, "2025-01", -30),
        ("1", PAID, "2025-02", 30),
        ("1", RECEIVED, "2025-02", -30),
        ("2", RECEIVED, "2025-02", 40),
    }
