"""What the ledger cannot hold as it is, is refused with its cause: nothing is rounded, cut or guessed."""

import hashlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from warehouse_kit import BANK, SALE, SALES, booking, last_import, load, snapshot, upsert, whole

from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.lifecycle.errors import InconsistentData, OurFault, Refused
from monitr_pipelines.warehouse.queue import claims, outcome
from monitr_pipelines.warehouse.server.database import Connection

COST = booking("C1", "2025-02", (SALES, 40), (BANK, -40))


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity()


@pytest.mark.parametrize(
    ("field", "value", "cause"),
    [
        ("external_id", "", "no key"),
        ("external_id", "é" * 501, "longer than 1,000 bytes"),
        ("booking", "é" * 501, "longer than 1,000 bytes"),
        ("account_code", "", "no account"),
        ("account_code", "é" * 501, "longer than 1,000 bytes"),
        ("account_code", "(result)", "taken by the reports"),
        ("amount", Decimal("1.00003"), "does not fit"),
        ("amount", Decimal("1e15"), "does not fit"),
        ("amount", Decimal("NaN"), "does not fit"),
        ("foreign_amount", Decimal("0.00001"), "does not fit"),
        ("booking_date", date(203, 1, 1), "not of this age"),
        ("booking_date", date(9999, 12, 31), "not of this age"),
        ("description", "a\0b", "NUL"),
    ],
)
def test_unfit_lines_are_refused(
    connection: Connection, entity: str, field: str, value: object, cause: str
) -> None:
    load(connection, entity, whole(SALE))
    before = snapshot(connection, entity)
    with pytest.raises(InconsistentData) as refused:
        load(connection, entity, upsert([COST[0]._replace(**{field: value}), *COST[1:]]))
    assert refused.value.code == "unfit_lines"
    assert cause in str(refused.value)
    assert snapshot(connection, entity) == before


def unlike(length: int) -> str:
    """A text that no index can make shorter."""
    return "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(length // 64))


LARGE = "999999999999999.9999"


@pytest.mark.parametrize(
    ("code", "lines", "given"),
    [
        ("text_too_long", [line._replace(axes=(("cost", unlike(6000)),)) for line in COST], {}),
        ("text_too_long", COST, {"axes": frozenset({AxisValue("cost", unlike(6000), "Long")})}),
        ("text_too_long", COST, {"accounts": {"4": Account(unlike(6000), "Long")}}),
        (
            "sum_too_large",
            [line for nth in range(101)
             for line in booking(f"L{nth}", "2025-02", (BANK, LARGE), (SALES, f"-{LARGE}"))],
            {},
        ),
        (
            "sum_too_large",
            [line for nth in range(51)
             for line in booking(f"L{nth}", f"{2000 + nth % 40}-02", (BANK, LARGE), (SALES, f"-{LARGE}"))],
            {},
        ),
    ],
    ids=["dimension of a line", "dimension", "account", "sum of a month", "sum of the ledger"],
)  # fmt: skip
@pytest.mark.parametrize("first", [True, False], ids=["first load", "increment"])
def test_what_the_database_cannot_hold_is_the_sources_to_correct(
    connection: Connection,
    entity: str,
    code: str,
    lines: list[LedgerLine],
    given: dict[str, Any],
    *,
    first: bool,
) -> None:
    if not first:
        load(connection, entity, whole(SALE))
    before = snapshot(connection, entity)
    with pytest.raises(InconsistentData) as refused:
        load(connection, entity, upsert(lines, **given) if not first else whole(lines, **given))
    assert refused.value.code == code
    assert snapshot(connection, entity) == before
    last = last_import(connection, entity)
    assert (last["outcome"], last["error_code"]) == ("failed", code)
    load(connection, entity, upsert(COST))


def test_a_mistyped_year_is_refused(connection: Connection, entity: str) -> None:
    with pytest.raises(InconsistentData, match="from 1925-01 to 2025-01"):
        load(connection, entity, whole(SALE + booking("old", "1925-01", (BANK, 1), (SALES, -1))))


def test_the_order_in_which_a_line_names_its_axes_does_not_matter(
    connection: Connection, entity: str
) -> None:
    axes = (("cost", "1"), ("project", "2"))
    one = booking("A", "2025-01", (BANK, 1), (SALES, -1), axes=axes)
    other = booking("B", "2025-01", (BANK, 1), (SALES, -1), axes=axes[::-1])
    load(connection, entity, whole(one + other))
    rows = connection.execute(
        "select axis_values from raw.axis_combination where entity_id = "
        "(select id from app.entity where key = %s)",
        [entity],
    ).fetchall()
    assert [row["axis_values"] for row in rows] == [dict(axes)]


def test_a_full_import_that_does_not_tell_the_whole_ledger_is_refused(
    connection: Connection, entity: str
) -> None:
    load(connection, entity, whole(SALE))
    with pytest.raises(OurFault) as refused:
        load(connection, entity, upsert(COST), mode="full")
    assert refused.value.code == "full_import_partial"


def test_a_run_has_one_import(connection: Connection, entity: str) -> None:
    claimed = claims.claim(connection, entity, run_id="spent", import_id=None, trigger="cli")
    outcome.finish(connection, claimed, None)
    with pytest.raises(Refused) as refused:
        claims.claim(connection, entity, run_id="spent", import_id=None, trigger="cli")
    assert refused.value.code == "run_spent"
