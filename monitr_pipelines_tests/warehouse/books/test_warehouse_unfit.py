"""What the ledger cannot hold as it is, is refused with its cause: nothing is rounded, cut or guessed."""

import hashlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from warehouse_kit import BANK, SALE, SALES, balances, booking, last_import, load, snapshot, upsert, whole

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
        ("account_code", "é" * 101, "101 characters; 100 fit"),
        ("account_code", "(result)", "taken by the reports"),
        ("amount", Decimal("1.00003"), "does not fit"),
        ("amount", Decimal("1e15"), "does not fit"),
        ("amount", Decimal("NaN"), "does not fit"),
        ("foreign_amount", Decimal("0.00001"), "does not fit"),
        ("booking_date", date(203, 1, 1), "not of this age"),
        ("booking_date", date(9999, 12, 31), "not of this age"),
        ("description", "a\0b", "U+0000"),
        ("relation", "a\ud800b", "U+D800"),
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
        ("unfit_lines", [line._replace(axes=(("cost", unlike(6000)),)) for line in COST], {}),
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
            [line for nth in range(101)
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


LONG = "x" * 6_000


def longer(**fields: object) -> list[LedgerLine]:
    return [COST[0]._replace(**fields), COST[1]]


@pytest.mark.parametrize("first", [True, False], ids=["a first load", "an increment"])
@pytest.mark.parametrize(
    ("lines", "lists", "cause"),
    [
        (longer(account_code=LONG), {}, "6,000 characters; 100 fit"),
        (longer(axes=(("cost", LONG),)), {}, "6,000 characters; 200 fit"),
        (longer(axes=((LONG, "1"),)), {}, "6,000 characters; 100 fit"),
        (COST, {"accounts": {LONG: Account(LONG, "x")}}, "6,000 characters; 100 fit"),
        (COST, {"accounts": {"1": Account("1", LONG)}}, "6,000 characters; 1,000 fit"),
        (COST, {"axes": frozenset({AxisValue("cost", LONG, "x")})}, "6,000 characters; 200 fit"),
    ],
)
def test_what_an_index_cannot_hold_is_refused(
    connection: Connection,
    entity: str,
    *,
    lines: list[LedgerLine],
    lists: dict[str, object],
    cause: str,
    first: bool,
) -> None:
    if not first:
        load(connection, entity, whole(SALE))
    before = snapshot(connection, entity)
    with pytest.raises(InconsistentData) as refused:
        load(connection, entity, whole(lines, **lists) if first else upsert(lines, **lists))
    assert refused.value.code == ("text_too_long" if lists else "unfit_lines")
    assert cause in str(refused.value)
    assert snapshot(connection, entity) == before


def test_a_set_of_axis_values_may_be_long(connection: Connection, entity: str) -> None:
    axes = tuple((f"axis {number:02} {'é' * 90}", "é" * 200) for number in range(50))
    load(connection, entity, whole(booking("A", "2025-01", (BANK, 1), (SALES, -1), axes=axes)))
    load(connection, entity, whole(booking("A", "2025-01", (BANK, 1), (SALES, -1), axes=axes)))
    found = connection.execute(
        """
        select count(*) as sets from raw.axis_combination
        where entity_id = (select id from app.entity where key = %s)
        """,
        [entity],
    ).fetchone()
    assert found == {"sets": 1}


def many(count: int, month: str = "2025-03", name: str = "H") -> list[LedgerLine]:
    """Bookings of almost the largest amount."""
    most = "999999999999999"
    return [
        line
        for number in range(count)
        for line in booking(f"{name}{number}", month, (SALES, most), (BANK, f"-{most}"))
    ]


@pytest.mark.parametrize(
    ("before", "added"),
    [
        ([], many(101)),
        (SALE, many(101)),
        (many(60), many(60, name="J")),
        (many(60, "2025-02"), many(60, name="J")),
        (many(99, "2025-02"), many(2, name="J")),
    ],
    ids=["a first load", "an increment", "a month that grows", "two months", "few lines"],
)
def test_sums_that_no_balance_holds_are_told_with_their_month_and_account(
    connection: Connection, entity: str, before: list[LedgerLine], added: list[LedgerLine]
) -> None:
    if before:
        load(connection, entity, whole(before))
    kept = snapshot(connection, entity)
    with pytest.raises(InconsistentData) as refused:
        load(connection, entity, upsert(added) if before else whole(added))
    assert refused.value.code == "sum_too_large"
    assert any(f"account {SALES} in 2025-0" in str(finding) for finding in refused.value.findings)
    assert "must stay below 100,000,000,000,000,000" in str(refused.value)
    assert snapshot(connection, entity) == kept


def test_the_largest_sums_that_fit_are_published(connection: Connection, entity: str) -> None:
    load(connection, entity, whole(many(99)))
    assert balances(connection, entity, "2025-03")[SALES] == Decimal(98999999999999901)
