"""What a delivery does to the books: scopes, copies of one key, versions, deletions, accounts and axes."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warehouse_kit import (
    ACCOUNTS,
    BANK,
    COSTS,
    RAW,
    SALE,
    SALES,
    Given,
    booking,
    day,
    delete,
    id_of,
    last_import,
    line,
    load,
    often,
    snapshot,
    upsert,
    validations,
    whole,
)

from monitr_pipelines.ledger.changes import (
    Bookings,
    Change,
    Dates,
    Delete,
    FiscalYearsOfItsLines,
    Replace,
    Upsert,
)
from monitr_pipelines.ledger.findings import Finding, Severity
from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.records import Account, AccountType, LedgerLine
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.warehouse.server.database import Connection

COST = booking("C1", "2025-02", (COSTS, 40), (BANK, -40))


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity()


def amounts(connection: Connection, entity: str) -> dict[str, Decimal]:
    rows = connection.execute(
        "select external_id, amount from raw.gl_transaction where entity_id = %s", [id_of(connection, entity)]
    )
    return {row["external_id"]: row["amount"] for row in rows}


def cursor_of(connection: Connection, entity: str) -> object:
    row = connection.execute(
        "select cursor from app.cursor where entity_id = %s", [id_of(connection, entity)]
    ).fetchone()
    return row and row["cursor"]


def test_counts_and_control_totals(connection: Connection, entity: str) -> None:
    first = load(connection, entity, whole(SALE + COST), cursor={"page": 1})
    assert first.counts == {"fetched": 4, "new": 4, "changed": 0, "unchanged": 0, "deleted": 0}
    assert (first.debit, first.credit) == (Decimal(140), Decimal(140))
    changed = booking("S1", "2025-01", (BANK, 101), (SALES, -101))
    other = booking("S2", "2025-01", (BANK, 5), (SALES, -5))
    cost = Replace(Bookings(frozenset({"C1", "C9"})), [])
    second = load(
        connection,
        entity,
        Given([Upsert(changed + other), cost]),
        upsert(other),
        cursor={"page": 2},
        allow_shrink=True,
    )
    assert second.counts == {"fetched": 6, "new": 2, "changed": 2, "unchanged": 2, "deleted": 2}
    row = last_import(connection, entity)
    marts = row["counts"].pop("marts")
    assert row["counts"] == second.counts
    assert (row["total_debit"], row["total_credit"]) == (Decimal(111), Decimal(111))
    assert (row["outcome"], row["mode"]) == ("succeeded", "incremental")
    assert marts["balance_month"] == 2
    assert cursor_of(connection, entity) == {"page": 2}


@often(8)
@given(
    moved=st.lists(st.tuples(st.integers(1, 12), st.integers(-99, 99)), max_size=6),
    pieces=st.lists(st.integers(2, 12), min_size=1, max_size=3, unique=True),
)
def test_disjoint_scopes_one_after_the_other_are_both_at_once(
    connection: Connection, make_entity: Callable[..., str], moved: list[tuple[int, int]], pieces: list[int]
) -> None:
    lines = [
        one
        for nth, (month, amount) in enumerate(moved)
        for one in booking(f"B{nth}", f"2025-{month:02d}", (BANK, amount), (SALES, -amount))
    ]
    before = booking("OLD", "2025-06", (COSTS, 1), (BANK, -1))
    cuts = [day("2025-01-01"), *(day(f"2025-{month:02d}-01") for month in sorted(pieces)), day("2026-01-01")]
    spans = [Dates(start, end) for start, end in pairwise(cuts)]
    parts = [Replace(span, [one for one in lines if span.contains(one)]) for span in spans]
    ends = []
    for deliveries in ([Given(parts)], [Given([part]) for part in parts], [Given([p]) for p in parts[::-1]]):
        entity = make_entity()
        load(connection, entity, whole(before))
        load(connection, entity, *deliveries, allow_shrink=True)
        ends.append(snapshot(connection, entity))
    entity = make_entity()
    load(connection, entity, whole(before))
    for part in parts:
        load(connection, entity, Given([part]), allow_shrink=True)
    ends.append(snapshot(connection, entity))
    assert all(end == ends[0] for end in ends)
    assert len(ends[0]["raw.gl_transaction"]) == len(lines)


@pytest.mark.parametrize(
    "scope",
    [
        Dates(day("2025-01-01"), day("2025-02-10")),
        Dates(day("2025-02-11"), day("2025-03-01")),
        Bookings(frozenset({"C1"})),
    ],
    ids=["the end is not included", "begins later", "another booking"],
)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_line_outside_its_scope_is_refused_and_nothing_stored(
    connection: Connection, entity: str, scope: Dates | Bookings, position: int
) -> None:
    load(connection, entity, whole(SALE), cursor={"page": 1})
    before = snapshot(connection, entity)
    inside: list[LedgerLine] = [
        one
        for one in booking("C1", "2025-01", (COSTS, 1), (BANK, -1))
        + booking("C1", "2025-02-20", (COSTS, 1), (BANK, -1))
        if scope.contains(one)
    ][:2]
    assert len(inside) == 2
    stray = line("X.1", "2025-02-10", BANK, 0)
    inside.insert(position, stray)
    good = booking("GOOD", "2025-01", (BANK, 1), (SALES, -1))
    with pytest.raises(InconsistentData) as refused:
        load(
            connection,
            entity,
            upsert(good),
            Given([Upsert(good), Replace(scope, inside)]),
            cursor={"page": 2},
            allow_shrink=True,
        )
    assert refused.value.code == "outside_scope"
    assert "X.1" in str(refused.value)
    assert snapshot(connection, entity) == before
    assert cursor_of(connection, entity) == {"page": 1}
    row = last_import(connection, entity)
    assert (row["outcome"], row["error_code"], row["counts"]) == ("failed", "outside_scope", {})


def test_a_replaced_range_begins_on_its_first_day_and_ends_before_its_last(
    connection: Connection, entity: str
) -> None:
    days = ("2025-01-31", "2025-02-01", "2025-02-28", "2025-03-01")
    lines = [line(when, when, BANK, 0, booking=None) for when in days]
    load(connection, entity, whole(lines))
    february = Dates(day("2025-02-01"), day("2025-03-01"))
    load(connection, entity, Given([Replace(february, [])]), allow_shrink=True)
    assert set(amounts(connection, entity)) == {"2025-01-31", "2025-03-01"}


def test_fiscal_years_of_the_lines_are_replaced_and_no_others(connection: Connection, entity: str) -> None:
    calendar = FiscalCalendar(7)
    old = [
        one
        for month in ("2024-06", "2024-07", "2025-06", "2025-07")
        for one in booking(f"B{month}", month, (BANK, 1), (SALES, -1))
    ]
    load(connection, entity, whole(old), calendar=calendar)
    new = booking("N", "2024-12", (BANK, 2), (SALES, -2))
    load(
        connection,
        entity,
        Given([Replace(FiscalYearsOfItsLines(calendar), iter(new))]),
        calendar=calendar,
        allow_shrink=True,
    )
    stored = {key.split(".")[0] for key in amounts(connection, entity)}
    assert stored == {"B2024-06", "N", "B2025-07"}


def test_identical_copies_collapse(connection: Connection, entity: str) -> None:
    result = load(connection, entity, Given([Upsert(SALE + COST), Upsert(SALE[::-1])]))
    assert result.counts["new"] == 4
    assert amounts(connection, entity) == {one.external_id: one.amount for one in SALE + COST}


@pytest.mark.parametrize("order", [1, -1])
def test_the_higher_version_of_a_key_wins(connection: Connection, entity: str, order: int) -> None:
    versions = [
        line("S1.1", "2025-01", BANK, amount, version=version) for version, amount in enumerate([1, 2, 100])
    ]
    # Lower versions may contradict each other: only the highest counts, and that came twice.
    versions += [versions[-1], versions[0]._replace(amount=Decimal(7))]
    load(connection, entity, upsert([*versions[::order], SALE[1]]))
    assert amounts(connection, entity) == {"S1.1": Decimal(100), "S1.2": Decimal(-100)}


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Decimal("100.0001")},
        {"description": ""},
        {"axes": (("cost", "1"),)},
        {"opening": True},
        {"booking": None},
        {"booking_date": day("2025-01-11")},
        {"foreign_amount": Decimal(0)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_contradicting_copies_are_refused(
    connection: Connection, entity: str, change: dict[str, object]
) -> None:
    twin = SALE[0]._replace(**change)  # type: ignore[arg-type]
    with pytest.raises(InconsistentData) as refused:
        load(connection, entity, upsert([*SALE, twin]), allow_unbalanced=True)
    assert refused.value.code == "contradicting_keys"
    assert "S1.1" in str(refused.value)
    assert amounts(connection, entity) == {}


def test_copies_in_separate_deliveries_follow_one_another(connection: Connection, entity: str) -> None:
    later = booking("S1", "2025-01", (BANK, 60), (SALES, -60))
    load(connection, entity, upsert(SALE), upsert(later))
    assert amounts(connection, entity) == {"S1.1": Decimal(60), "S1.2": Decimal(-60)}


def test_rows_known_by_content_stay_as_many_rows(connection: Connection, entity: str) -> None:
    def file(times: int) -> Given:
        return whole(SALE * times + COST, keys_by_content=True)

    assert load(connection, entity, file(3)).counts["new"] == 8
    assert sum(amount for key, amount in amounts(connection, entity).items() if "S1.1" in key) == 300
    assert load(connection, entity, file(3), mode="full").counts["unchanged"] == 8
    shorter = load(connection, entity, file(2), mode="full")
    assert shorter.counts == {"fetched": 6, "new": 0, "changed": 0, "unchanged": 6, "deleted": 2}
    longer = load(connection, entity, file(4), mode="full")
    assert longer.counts == {"fetched": 10, "new": 4, "changed": 0, "unchanged": 6, "deleted": 0}
    fresh = load(connection, entity, whole(SALE + COST, keys_by_content=True), mode="full", allow_shrink=True)
    assert fresh.counts["deleted"] == 6
    assert set(amounts(connection, entity)) == {one.external_id for one in SALE + COST}


@pytest.mark.parametrize("delete_first", [True, False])
def test_a_key_that_is_told_and_deleted_is_deleted(
    connection: Connection, entity: str, *, delete_first: bool
) -> None:
    load(connection, entity, whole(SALE + COST))
    parts: list[Change] = [Upsert(SALE), Delete(["S1.1", "S1.2", "never heard of"])]
    result = load(connection, entity, Given(parts[::-1] if delete_first else parts))
    assert result.counts == {"fetched": 0, "new": 0, "changed": 0, "unchanged": 0, "deleted": 2}
    assert set(amounts(connection, entity)) == {"C1.1", "C1.2"}


def test_a_deleted_key_may_come_back(connection: Connection, entity: str) -> None:
    load(connection, entity, whole(SALE + COST))
    load(connection, entity, delete("S1.1", "S1.2"))
    result = load(connection, entity, upsert(SALE))
    assert result.counts["new"] == 2


def test_an_older_version_does_not_overwrite_a_newer_one(connection: Connection, entity: str) -> None:
    def sale(amount: int, version: int) -> list[LedgerLine]:
        return booking("S1", "2025-01", (BANK, amount), (SALES, -amount), version=version)

    load(connection, entity, whole(sale(100, 5)))
    stale = load(connection, entity, upsert(sale(1, 4)))
    assert (stale.counts["unchanged"], stale.counts["changed"]) == (2, 0)
    assert amounts(connection, entity)["S1.1"] == 100
    assert load(connection, entity, upsert(sale(50, 6))).counts["changed"] == 2
    assert load(connection, entity, upsert(sale(60, 6))).counts["changed"] == 2
    assert amounts(connection, entity)["S1.1"] == 60


def test_equal_rows_under_other_keys_are_kept_and_reported(connection: Connection, entity: str) -> None:
    load(connection, entity, whole(SALE))
    again = [one._replace(external_id=f"again {one.external_id}") for one in SALE]
    result = load(connection, entity, upsert(again, appended=True))
    assert [finding.code for finding in result.findings] == ["equal_rows"]
    assert len(amounts(connection, entity)) == 4


def test_lines_of_unknown_accounts_are_kept_under_a_placeholder(connection: Connection, entity: str) -> None:
    strange = booking("P", "2025-01", ("610999", 1), ("489999", -1))
    load(connection, entity, whole(SALE + strange))
    assert len(amounts(connection, entity)) == 4
    assert validations(connection, entity) == {("unknown_account", "489999"), ("unknown_account", "610999")}
    known = {**ACCOUNTS, "610999": Account("610999", "Fines", AccountType.PROFIT_AND_LOSS)}
    load(connection, entity, upsert([], accounts=known))
    assert validations(connection, entity) == {("unknown_account", "489999")}
    load(connection, entity, delete("P.1", "P.2"))
    assert validations(connection, entity) == set()
    codes = connection.execute(
        "select code from raw.account where entity_id = %s", [id_of(connection, entity)]
    )
    assert {row["code"] for row in codes} == {*ACCOUNTS, "610999"}


def test_a_full_import_drops_accounts_without_lines_and_keeps_told_types(
    connection: Connection, entity: str
) -> None:
    told = {**ACCOUNTS, SALES: Account(SALES, "Sales", AccountType.PROFIT_AND_LOSS)}
    load(connection, entity, whole(SALE, accounts=told))
    few = {code: ACCOUNTS[code] for code in (BANK, SALES)}
    load(connection, entity, whole(SALE, accounts=few), mode="full")
    rows = connection.execute(
        "select code, type from raw.account where entity_id = %s order by code", [id_of(connection, entity)]
    ).fetchall()
    assert rows == [{"code": BANK, "type": None}, {"code": SALES, "type": "profit_and_loss"}]


def test_axis_values_are_stored_per_line_and_named(connection: Connection, entity: str) -> None:
    axes = (("cost", "1"), ("project", "77"))
    lines = booking("A", "2025-01", (BANK, 1), (SALES, -1), axes=axes)
    load(connection, entity, whole(lines + SALE))
    stored = snapshot(connection, entity, RAW)
    assert sum("'project': '77'" in row for row in stored["raw.gl_transaction"]) == 2
    assert "('project', '77', '77')" in stored["raw.axis_value"]
    assert "('cost', '1', 'cost 1')" in stored["raw.axis_value"]


def test_all_fields_come_back_as_they_went_in(connection: Connection, entity: str) -> None:
    full = LedgerLine(
        "clé 'x'\t\\N;\n",
        day("2025-01"),
        BANK,
        Decimal("123456789012345.6789"),
        booking="B\\1",
        line_number="01",
        period="2025-01",
        journal="",
        document_number="\\.",
        relation="Peeters & Zonen",
        description='"quoted"\r\n\u20ac \U0001f600',
        foreign_amount=Decimal("-0.0001"),
        foreign_currency="USD",
        version=2**60,
    )
    other = full._replace(external_id="other", amount=-full.amount)
    load(connection, entity, whole([full, other]))
    row = connection.execute(
        "select * from raw.gl_transaction where entity_id = %s and external_id <> 'other'",
        [id_of(connection, entity)],
    ).fetchone()
    assert row is not None
    assert {name: row[name] for name in full._fields if name != "axes"} == {
        name: value for name, value in full._asdict().items() if name != "axes"
    }


def test_findings_of_a_delivery_are_saved_with_the_import(connection: Connection, entity: str) -> None:
    odd = [Finding("odd", f"odd {nth}", Severity.WARNING, nth, "Bedrag") for nth in range(1, 131)]
    load(connection, entity, whole(SALE, findings=odd))
    rows = connection.execute(
        "select * from app.finding where import_id = %s order by ordinal",
        [last_import(connection, entity)["id"]],
    ).fetchall()
    assert [row["message"] for row in rows] == [f"odd {nth}" for nth in range(1, 101)]
    assert (rows[0]["severity"], rows[0]["line"], rows[0]["source_column"]) == ("warning", 1, "Bedrag")


def test_lines_are_streamed_not_collected(connection: Connection, entity: str) -> None:
    """The loader takes a generator once, and asks a scope for its ranges only afterwards."""
    calendar = FiscalCalendar()
    scope = FiscalYearsOfItsLines(calendar)
    given_out = iter(SALE + COST)
    load(connection, entity, Given([Replace(scope, given_out)]))
    assert next(given_out, None) is None
    assert scope.months == {Month(2025, 1), Month(2025, 2)}
    assert set(amounts(connection, entity)) == {one.external_id for one in SALE + COST}


def test_the_smallest_amount_is_kept(connection: Connection, entity: str) -> None:
    load(connection, entity, whole(booking("K", "2025-01", (BANK, "0.0001"), (SALES, "-0.0001"))))
    assert amounts(connection, entity) == {"K.1": Decimal("0.0001"), "K.2": Decimal("-0.0001")}
