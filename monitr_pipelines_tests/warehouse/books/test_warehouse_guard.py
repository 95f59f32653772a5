"""Nothing is deleted on a doubt, and books that do not balance stay out unless someone accepts it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from warehouse_kit import (
    BANK,
    CAPITAL,
    SALES,
    TABLES,
    Given,
    booking,
    day,
    delete,
    id_of,
    last_import,
    line,
    load,
    snapshot,
    upsert,
    whole,
)

from monitr_pipelines.ledger.changes import Bookings, Dates, Replace
from monitr_pipelines.ledger.findings import Severity
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.warehouse.books.loader import LoadResult
from monitr_pipelines.warehouse.server.database import Connection

JANUARY = Dates(date(2025, 1, 1), date(2025, 2, 1))


def sales(month: str, first: int, last: int) -> list[LedgerLine]:
    """Balanced bookings of two lines each, numbered."""
    return [
        one
        for nth in range(first, last + 1)
        for one in booking(f"{month}/{nth}", month, (BANK, nth), (SALES, -nth))
    ]


@pytest.fixture
def entity(connection: Connection, make_entity: Callable[..., str]) -> str:
    """Ten lines in each of three months."""
    key = make_entity()
    load(
        connection,
        key,
        whole(sales("2025-01", 1, 5) + sales("2025-02", 1, 5) + sales("2026-01", 1, 5)),
        cursor={"page": 1},
    )
    return key


def refused(connection: Connection, entity: str, *deliveries: Given, **options: object) -> InconsistentData:
    """An import that must be refused: the problem, after checking that it left everything as it was."""
    before = snapshot(connection, entity, TABLES), _remembered(connection, entity)
    with pytest.raises(InconsistentData) as problem:
        load(connection, entity, *deliveries, cursor={"page": 2}, **options)
    assert (snapshot(connection, entity, TABLES), _remembered(connection, entity)) == before
    row = last_import(connection, entity)
    assert (row["outcome"], row["error_code"], row["counts"]) == ("failed", problem.value.code, {})
    assert (row["raw_committed_at"], row["marts_committed_at"]) == (None, None)
    return problem.value


def _remembered(connection: Connection, entity: str) -> list[object]:
    found: list[object] = []
    for table in ("app.cursor", "app.accepted_imbalance"):
        found += connection.execute(
            f"select * from {table} where entity_id = %s",  # noqa: S608
            [id_of(connection, entity)],
        ).fetchall()
    return found


def lines_in(connection: Connection, entity: str, month: str) -> int:
    row = connection.execute(
        """
        select count(*) as lines from raw.gl_transaction
        where entity_id = %s and date_trunc('month', booking_date) = %s::date
        """,
        [id_of(connection, entity), f"{month}-01"],
    ).fetchone()
    return int(row["lines"]) if row else 0


@pytest.mark.parametrize(
    ("left", "code"), [(0, "month_emptied"), (1, "month_shrunken"), (2, "month_shrunken")]
)
def test_a_month_that_loses_more_than_half_is_refused(
    connection: Connection, entity: str, left: int, code: str
) -> None:
    problem = refused(connection, entity, Given([Replace(JANUARY, sales("2025-01", 1, left))]))
    assert problem.code == "shrunken"
    assert [finding.code for finding in problem.findings] == [code]
    assert f"2025-01 has 10 lines now and would have {2 * left}" in str(problem)


@pytest.mark.parametrize("mode", ["full", None])
def test_exactly_half_passes(connection: Connection, entity: str, mode: str | None) -> None:
    half = sales("2025-01", 1, 2) + booking("x", "2025-01", (BANK, 1))
    answer = whole(half + sales("2025-02", 1, 5) + sales("2026-01", 1, 5))
    load(connection, entity, answer, mode=mode, allow_unbalanced=True)
    assert lines_in(connection, entity, "2025-01") == 5


def test_new_lines_in_place_of_old_ones_are_counted_with_them(connection: Connection, entity: str) -> None:
    load(connection, entity, Given([Replace(JANUARY, sales("2025-01", 11, 15))]))
    assert lines_in(connection, entity, "2025-01") == 10


def test_allow_shrink_lets_it_pass(connection: Connection, entity: str) -> None:
    load(connection, entity, Given([Replace(JANUARY, [])]), allow_shrink=True)
    assert [lines_in(connection, entity, month) for month in ("2025-01", "2025-02")] == [0, 10]


def test_an_empty_answer_to_a_full_import_keeps_everything(connection: Connection, entity: str) -> None:
    problem = refused(connection, entity, whole([]), mode="full")
    assert len(problem.findings) == 3
    refused(connection, entity, whole([]))


def test_a_full_import_is_judged_when_every_delivery_is_in(connection: Connection, entity: str) -> None:
    """The first file of a replay replaces all; what the later ones add counts."""
    files = [whole(sales("2025-01", 1, 5)), upsert(sales("2025-02", 1, 5)), upsert(sales("2026-01", 1, 5))]
    refused(connection, entity, *files[:2], mode="full")
    result = load(connection, entity, *files, mode="full")
    assert (result.counts["new"], result.counts["deleted"]) == (20, 20)


def test_a_range_that_cuts_a_month_is_judged_by_its_own_part(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity()
    early = [
        one._replace(booking_date=day("2025-01-05"), external_id=f"early {one.external_id}")
        for one in sales("2025-01", 1, 4)
    ]
    late = sales("2025-01", 1, 5)
    load(connection, entity, whole(early + late))
    second_part = Dates(date(2025, 1, 6), date(2025, 2, 1))
    problem = refused(connection, entity, Given([Replace(second_part, late[:4])]))
    assert "2025-01 has 10 lines now and would have 4" in str(problem)
    assert "month_emptied" in {
        found.code for found in refused(connection, entity, Given([Replace(second_part, [])])).findings
    }
    load(connection, entity, Given([Replace(second_part, late[:6])]))
    assert lines_in(connection, entity, "2025-01") == 14


def test_months_outside_the_range_do_not_matter(connection: Connection, entity: str) -> None:
    result = load(connection, entity, Given([Replace(JANUARY, sales("2025-01", 1, 5))]))
    assert (result.counts["unchanged"], result.counts["deleted"]) == (10, 0)


def test_replaced_bookings_are_judged_by_their_months(connection: Connection, entity: str) -> None:
    def emptied(*numbers: int) -> Given:
        return Given([Replace(Bookings(frozenset(f"2025-01/{nth}" for nth in numbers)), [])])

    refused(connection, entity, emptied(1, 2, 3))
    load(connection, entity, emptied(1, 2))
    assert lines_in(connection, entity, "2025-01") == 6
    refused(connection, entity, emptied(3, 4, 5))


def test_lines_that_the_source_says_are_gone_are_no_doubt(connection: Connection, entity: str) -> None:
    load(connection, entity, delete(*(one.external_id for one in sales("2025-01", 1, 5))))
    assert lines_in(connection, entity, "2025-01") == 0


def test_a_lower_limit_of_loss_is_kept_to(connection: Connection, entity: str) -> None:
    fewer = Given([Replace(JANUARY, sales("2025-01", 1, 4))])
    refused(connection, entity, fewer, largest_loss=Decimal("0.1"))
    load(connection, entity, fewer, largest_loss=Decimal("0.2"))


def test_books_out_of_balance_are_refused_and_named(connection: Connection, entity: str) -> None:
    stray = line("stray", "2025-02", CAPITAL, "0.01", booking=None)
    problem = refused(connection, entity, upsert([stray]))
    assert problem.code == "unbalanced"
    assert "year 2025-01..2025-12 has 0.01 more debit than credit" in str(problem)
    refused(connection, entity, delete("2025-01/1.1"))
    other_year = line("other", "2026-01", CAPITAL, "-0.01", booking=None)
    problem = refused(connection, entity, upsert([stray, other_year]))
    assert [finding.code for finding in problem.findings] == ["unbalanced_year", "unbalanced_year"]
    calendar = FiscalCalendar(2)
    load(connection, entity, upsert([stray, other_year]), calendar=calendar)


def test_an_accepted_imbalance_is_remembered_until_it_changes(connection: Connection, entity: str) -> None:
    stray = line("stray", "2025-02", CAPITAL, 7, booking=None)
    accepted = load(connection, entity, upsert([stray]), allow_unbalanced=True)
    assert [(found.code, found.severity) for found in accepted.findings] == [
        ("accepted_imbalance", Severity.WARNING)
    ]
    again = load(connection, entity, upsert(sales("2026-01", 6, 6)))
    assert [found.code for found in again.findings] == ["accepted_imbalance"]
    problem = refused(connection, entity, upsert([stray._replace(amount=Decimal(8))]))
    assert "8.00 more debit than credit; 7.00 was accepted before" in str(problem)
    refused(connection, entity, upsert([stray._replace(external_id="second", amount=Decimal(-14))]))
    refused(connection, entity, upsert([line("new year", "2026-01", CAPITAL, 7, booking=None)]))
    load(connection, entity, upsert([stray._replace(amount=Decimal(8))]), allow_unbalanced=True)
    load(connection, entity, upsert([]))
    balanced = load(connection, entity, delete("stray"))
    assert balanced.findings == []


def test_a_refused_import_accepts_no_imbalance(connection: Connection, entity: str) -> None:
    stray = line("stray", "2025-01-01", CAPITAL, 7, booking=None)
    refused(connection, entity, Given([Replace(JANUARY, [stray])]), allow_unbalanced=True)
    refused(connection, entity, upsert([stray]))


@pytest.fixture
def crossed() -> list[LedgerLine]:
    """Two bookings that are out of balance by opposite amounts."""
    return booking("P", "2025-03", (BANK, 10), (SALES, -9)) + booking("Q", "2025-03", (BANK, 1), (SALES, -2))


def test_an_unbalanced_booking_is_refused_where_the_source_vouches_for_it(
    connection: Connection, entity: str, crossed: list[LedgerLine]
) -> None:
    problem = refused(connection, entity, upsert(crossed))
    assert problem.code == "unbalanced_booking"
    assert "booking P has 1.00 more debit than credit" in str(problem)
    assert "booking Q has 1.00 more credit than debit" in str(problem)


def test_an_unbalanced_booking_of_a_file_is_a_warning(
    connection: Connection, entity: str, crossed: list[LedgerLine]
) -> None:
    result = load(connection, entity, upsert(crossed), bookings_balance=False)
    assert [(found.code, found.severity) for found in result.findings] == [
        ("unbalanced_booking", Severity.WARNING)
    ] * 2
    saved = connection.execute(
        "select severity, code from app.finding where import_id = %s",
        [last_import(connection, entity)["id"]],
    ).fetchall()
    assert saved == [{"severity": "warning", "code": "unbalanced_booking"}] * 2


def test_an_accepted_unbalanced_booking_is_no_error_of_a_succeeded_import(
    connection: Connection, entity: str, crossed: list[LedgerLine]
) -> None:
    result = load(connection, entity, upsert(crossed), allow_unbalanced=True)
    assert {(found.code, found.severity) for found in result.findings} == {
        ("unbalanced_booking", Severity.WARNING)
    }


def test_a_part_of_a_booking_is_judged_with_the_part_that_is_stored(
    connection: Connection, entity: str
) -> None:
    load(connection, entity, upsert([line("2025-01/1.1", "2025-01", BANK, 1, booking="2025-01/1")]))
    parts = [line("2025-01/1.1", "2025-01", BANK, 3), line("2025-01/2.1", "2025-01", BANK, 0)]
    parts = [one._replace(booking=one.external_id.split(".")[0]) for one in parts]
    assert refused(connection, entity, upsert(parts)).code == "unbalanced_booking"


def test_a_booking_that_loses_a_line_is_judged_too(connection: Connection, entity: str) -> None:
    """Two deletions that cancel out over the year leave two bookings out of balance."""
    load(connection, entity, upsert(booking("P", "2025-03", (BANK, 5), (SALES, -5))))
    assert refused(connection, entity, delete("2025-01/5.1", "P.2")).code == "unbalanced_booking"


def test_an_accepted_booking_passes_again_while_it_does_not_change(
    connection: Connection, entity: str, crossed: list[LedgerLine]
) -> None:
    load(connection, entity, upsert(crossed), allow_unbalanced=True)
    load(connection, entity, upsert(crossed))


def test_bookings_that_stay_as_they_are_are_told_again_and_no_others(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    """An increment looks up bookings of lines that changed; what is wrong with the others is known."""
    entity = make_entity()
    sound = [side for n in range(20) for side in booking(f"B{n}", "2025-02", (BANK, n + 1), (SALES, -n - 1))]
    wrong = booking("W1", "2025-02", (BANK, 5), (SALES, -4))
    other = booking("W2", "2025-02", (BANK, 4), (SALES, -5))
    load(connection, entity, whole([*sound, *wrong, *other]), bookings_balance=False)
    again = load(connection, entity, upsert([*sound[:2], *wrong]), bookings_balance=False)
    assert again.counts["unchanged"] == again.counts["fetched"]
    assert _told(again) == {"W1"}
    untouched = load(connection, entity, upsert(sound[:2]), bookings_balance=False)
    assert _told(untouched) == set()
    moving = upsert([*sound[:2], wrong[0]._replace(booking="W2")])
    moved = load(connection, entity, moving, bookings_balance=False)
    assert _told(moved) == {"W1", "W2"}


def _told(result: LoadResult) -> set[object]:
    findings = (finding for finding in result.findings if finding.code == "unbalanced_booking")
    return {finding.sentence.values["booking"] for finding in findings if finding.sentence}
