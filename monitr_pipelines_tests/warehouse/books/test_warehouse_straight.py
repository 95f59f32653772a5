"""A first load by the short way ends as by the usual way, whatever makes it turn back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from warehouse_kit import (
    BANK,
    DEBTORS,
    SALE,
    SALES,
    Given,
    booking,
    delete,
    id_of,
    load,
    snapshot,
    whole,
)

from monitr_pipelines.ledger import columns
from monitr_pipelines.ledger.blocks import AxisNumbers
from monitr_pipelines.ledger.changes import Bookings, Change, Delete, Replace, Upsert, WholeLedger, Written
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.warehouse.books import blocks, repeats, straight, sums
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

MANY = [side for n in range(12) for side in booking(f"B{n}", "2025-02", (DEBTORS, n + 1), (SALES, -n - 1))]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(straight, "BATCH_BYTES", 1)
    monkeypatch.setattr(blocks, "LINES", 5)


@dataclass(frozen=True)
class Told:
    """A delivery, and whether the short way takes all of it."""

    parts: list[Change]
    straight: bool


CASES = {
    "lines alone": Told([Replace(WholeLedger(), [*SALE, *MANY])], straight=True),
    "exactly whole batches": Told([Replace(WholeLedger(), MANY[:20])], straight=True),
    "nothing": Told([Replace(WholeLedger(), [])], straight=True),
    "several changes": Told([Replace(WholeLedger(), MANY), Upsert(SALE)], straight=True),
    "a copy in a later batch": Told([Replace(WholeLedger(), [*SALE, *MANY, *SALE])], straight=False),
    "a copy in the same batch": Told([Replace(WholeLedger(), [*SALE, *SALE, *MANY])], straight=False),
    "a newer version later": Told(
        [
            Replace(WholeLedger(), [*SALE, *MANY]),
            Upsert(booking("S1", "2025-01", (BANK, 90), (SALES, -90), version=2)),
        ],
        straight=False,
    ),
    "a replaced booking": Told([Replace(Bookings(frozenset({"S1", "S2"})), [*SALE])], straight=False),
    "a deleted key": Told(
        [Upsert([*SALE, *MANY]), Delete([MANY[0].external_id, MANY[1].external_id])], straight=False
    ),
    "axes": Told(
        [
            Replace(
                WholeLedger(),
                [
                    *booking("X", "2025-01", (BANK, 5), (SALES, -5), axes=(("cost", "1"), ("project", "2"))),
                    *booking("Y", "2025-01", (BANK, 6), (SALES, -6), axes=(("project", "2"), ("cost", "1"))),
                    *booking("Z", "2025-01", (BANK, 7), (SALES, -7), axes=(("cost", "2"),)),
                ],
            )
        ],
        straight=True,
    ),
}


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each delivery that tried the short way, whether all of it went there."""
    seen: list[bool] = []
    write = straight.write

    def watched(*given: Any, **named: Any) -> Iterator[Any]:  # noqa: ANN401 - passed on
        rows = write(*given, **named)
        seen.append(given[2].straight)
        return rows

    monkeypatch.setattr(straight, "write", watched)
    return seen


@pytest.mark.parametrize("name", CASES)
def test_both_ways_end_alike(
    *,
    name: str,
    connection: Connection,
    make_entity: Callable[..., str],
    went: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = CASES[name]
    short, usual = make_entity(), make_entity()
    by_short_way = load(connection, short, Given(told.parts))
    assert went == [told.straight]
    monkeypatch.setattr(columns, "EXACT", lambda _: None)
    assert load(connection, usual, Given(told.parts)) == by_short_way
    assert snapshot(connection, short) == snapshot(connection, usual)


CONTENT = {
    "no equal rows": [*SALE, *MANY],
    "equal rows in one batch": [*SALE, *SALE, *SALE, *MANY],
    "equal rows in several batches": [*SALE, *MANY, *SALE, *MANY, *SALE],
    "equal rows alone": MANY[:2] * 6,
}


@pytest.mark.parametrize("size", [repeats.SIZE, 64])
@pytest.mark.parametrize("name", CONTENT)
def test_equal_rows_are_as_many_rows(
    *,
    name: str,
    size: int,
    connection: Connection,
    make_entity: Callable[..., str],
    went: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where every key may have been before, or hardly any: keys are numbered as they are by the usual way."""
    told = Given([Replace(WholeLedger(), CONTENT[name])], keys_by_content=True)
    short, usual = make_entity(), make_entity()
    monkeypatch.setattr(repeats, "SIZE", size)
    by_short_way = load(connection, short, told)
    assert went == [True]
    monkeypatch.setattr(columns, "EXACT", lambda _: None)
    assert load(connection, usual, told) == by_short_way
    assert went == [True, False]
    assert snapshot(connection, short) == snapshot(connection, usual)


ODD = [
    *booking("odd", "2025-03", (DEBTORS, "0.0001"), (SALES, 7), description="a\tb"),
    *booking("of\\two\tparts", "2025-03", (DEBTORS, 5), (SALES, -4)),
    *booking("none", "2025-03", (DEBTORS, 3), (SALES, -3)),
    *booking("far", "2025-03", (DEBTORS, 3)),
    *[side._replace(booking=None) for side in booking("x", "2025-03", (DEBTORS, 3), (SALES, -2))],
    *MANY,
    *booking("far", "2025-03", (SALES, -3))[:1],
]
ODD[-1] = ODD[-1]._replace(external_id="far.2")


@pytest.mark.parametrize("given_up", [(), ("MOST_BALANCES",), ("MOST_BOOKINGS",)])
@pytest.mark.parametrize("without", ["", "\\"])
def test_sums_of_the_stream_are_those_of_the_usual_way(
    *,
    given_up: tuple[str, ...],
    without: str,
    connection: Connection,
    make_entity: Callable[..., str],
    went: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Bookings that do not balance, some of them in parts; and where there are too many to be kept."""
    for name in given_up:
        monkeypatch.setattr(sums, name, 1)
    lines = [line for line in ODD if not without or without not in (line.booking or "")]
    short, usual = make_entity(), make_entity()
    by_short_way = load(connection, short, whole(lines), allow_unbalanced=True)
    assert went == [True]
    assert by_short_way.findings
    monkeypatch.setattr(columns, "EXACT", lambda _: None)
    assert load(connection, usual, whole(lines), allow_unbalanced=True) == by_short_way
    assert snapshot(connection, short) == snapshot(connection, usual)


def test_bookings_of_a_ledger_that_was_emptied_are_forgotten(
    connection: Connection, make_entity: Callable[..., str], went: list[bool]
) -> None:
    entity = make_entity()
    load(connection, entity, whole(ODD), allow_unbalanced=True)
    keys = [line.external_id for line in ODD]
    load(connection, entity, delete(*keys), allow_unbalanced=True, allow_shrink=True)
    with database.connect(autocommit=True) as other:
        other.execute(
            "insert into raw.unbalanced_booking (entity_id, booking, booking_date, balance) "
            "values (%s, 'B1', '2025-02-01', 5)",
            [id_of(other, entity)],
        )
    load(connection, entity, whole(MANY), mode="full")
    assert went == [True, True]
    assert snapshot(connection, entity)["raw.unbalanced_booking"] == []


def test_written_lines_have_the_sets_that_the_entity_numbers_otherwise(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    """A spool counts the sets in it from one; another delivery may have named them the other way round."""
    one = booking("X", "2025-01", (BANK, 5), (SALES, -5), axes=(("cost", "1"),))
    other = booking("Y", "2025-01", (BANK, 6), (SALES, -6), axes=(("cost", "2"),))
    none = booking("Z", "2025-01", (BANK, 7), (SALES, -7))
    written, told = make_entity(), make_entity()
    for entity in (written, told):
        load(connection, entity, whole([*one, *other]))
    lines = [line._replace(description="changed") for line in [*other, *none, *one]]
    blocks_of_spool = list(blocks.blocks_of(None, lines, AxisNumbers()))
    load(connection, written, Given([Written(None, blocks_of_spool)]))
    load(connection, told, Given([Upsert(lines)]))
    assert snapshot(connection, written) == snapshot(connection, told)


@pytest.fixture
def under_row_level_security(home: object) -> Iterator[Callable[[], None]]:
    """Takes from the importer that it bypasses row level security, until the end of the test."""
    with database.connect_as_owner(autocommit=True) as owner:
        yield lambda: owner.execute("alter role monitr_importer nobypassrls")
        owner.execute("alter role monitr_importer bypassrls")


def test_an_importer_under_row_level_security_takes_the_usual_way(
    connection: Connection,
    make_entity: Callable[..., str],
    went: list[bool],
    under_row_level_security: Callable[[], None],
) -> None:
    short, usual = make_entity(), make_entity()
    by_short_way = load(connection, short, whole(MANY))
    under_row_level_security()
    assert load(connection, usual, whole(MANY)) == by_short_way
    assert went == [True]
    assert snapshot(connection, usual) == snapshot(connection, short)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("amount", Decimal("1.00001"), "unfit_lines"),
        ("amount", Decimal("NaN"), "unfit_lines"),
        ("amount", Decimal("1e-7"), "unfit_lines"),
        ("amount", Decimal("1e16"), "unfit_lines"),
        ("foreign_amount", Decimal("1.00001"), "unfit_lines"),
        ("foreign_amount", Decimal("NaN"), "unfit_lines"),
        ("external_id", "", "unfit_lines"),
        ("external_id", "k" * 1001, "unfit_lines"),
        ("booking", "b" * 1001, "unfit_lines"),
        ("account_code", "", "unfit_lines"),
        ("account_code", "(result)", "unfit_lines"),
        ("booking_date", date(1899, 12, 31), "unfit_lines"),
        ("booking_date", date(2200, 1, 1), "unfit_lines"),
        ("description", "a\0b", "unfit_lines"),
        ("external_id", MANY[0].external_id, "contradicting_keys"),
    ],
)
def test_what_does_not_fit_is_listed_and_nothing_is_kept(
    field: str, value: object, code: str, connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity()
    wrong = SALE[0]._replace(**{field: value})
    with pytest.raises(InconsistentData) as refused:
        load(connection, entity, whole([*MANY, wrong, SALE[1]]))
    assert refused.value.code == code
    assert refused.value.findings
    assert not any(snapshot(connection, entity).values())
