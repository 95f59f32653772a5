"""What the checks of figures find, month by month, beside a second computation in plain Python."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Json
from warehouse_kit import (
    BANK,
    COSTS,
    SALES,
    Given,
    booking,
    delete,
    id_of,
    load,
    often,
    start,
    stored_rows,
    upsert,
    validations,
    whole,
)

from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.reported.figures import figure_finding
from monitr_pipelines.warehouse.books import loader
from monitr_pipelines.warehouse.queue import outcome, uploads
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# In the Belgian structure no line takes classes 0 and 73.
NO_LINE, NO_LINE_OF_RESULT = "090000", "730000"
CODES = (BANK, COSTS, SALES, NO_LINE, NO_LINE_OF_RESULT)
MONTHLY = ("balance_sheet_unbalanced", "unmapped_month", "bookings_unbalanced")
APRIL = FiscalCalendar(4)


def import_freely(connection: Connection, entity: str, delivery: Given) -> None:
    """Whatever does not balance is taken: the checks of the figures are what is tried."""
    claimed = start(connection, entity)
    allowed = Allowances(APRIL, allow_unbalanced=True, allow_shrink=True, bookings_balance=False)
    loader.load_transactions(connection, claimed, [delivery], allowed)
    marts.regenerate(connection, claimed, APRIL)
    assert outcome.finish(connection, claimed, None)


@dataclass
class Expected:
    """Walks through the months of a ledger that has no opening and no closing entries."""

    lines: list[LedgerLine]

    def findings(self) -> set[tuple[str, Month, Decimal, int | None]]:
        months = sorted({Month.of(line.booking_date) for line in self.lines})
        if not months:
            return set()
        every = [months[0].plus(nth) for nth in range(months[0].until(months[-1]) + 1)]
        return {*self._balances(every), *self._unmapped(every), *self._bookings()}

    def _balances(self, months: list[Month]) -> set[tuple[str, Month, Decimal, None]]:
        found = set()
        for month in months:
            total = sum(line.amount for line in self.lines if Month.of(line.booking_date) <= month)
            if total:
                found.add(("balance_sheet_unbalanced", month, Decimal(total), None))
        return found

    def _unmapped(self, months: list[Month]) -> set[tuple[str, Month, Decimal, int]]:
        found = set()
        for month in months:
            told = {}
            for code in (NO_LINE, NO_LINE_OF_RESULT):
                own = [line for line in self.lines if line.account_code == code]
                since = APRIL.year_of(month).first if code == NO_LINE_OF_RESULT else months[0]
                so_far = [line.amount for line in own if since <= Month.of(line.booking_date) <= month]
                moved = any(line.amount and Month.of(line.booking_date) == month for line in own)
                if sum(so_far) or moved:
                    told[code] = sum(so_far)
            if told:
                found.add(("unmapped_month", month, Decimal(sum(told.values())), len(told)))
        return found

    def _bookings(self) -> set[tuple[str, Month, Decimal, int]]:
        bookings: defaultdict[str, list[LedgerLine]] = defaultdict(list)
        for line in self.lines:
            bookings[line.booking or ""].append(line)
        off: defaultdict[Month, list[Decimal]] = defaultdict(list)
        for lines in bookings.values():
            total = sum(line.amount for line in lines)
            if total:
                off[Month.of(min(line.booking_date for line in lines))].append(abs(Decimal(total)))
        return {
            ("bookings_unbalanced", month, sum(amounts, Decimal(0)), len(amounts))
            for month, amounts in off.items()
        }


@st.composite
def lines(draw: st.DrawFn) -> list[LedgerLine]:
    """Bookings over three fiscal years, some in two months, some that do not balance."""
    made: list[LedgerLine] = []
    for nth in range(draw(st.integers(0, 6))):
        for part in range(draw(st.integers(1, 3))):
            when = date(draw(st.sampled_from([2023, 2024])), draw(st.integers(1, 12)), 10)
            code, amount = draw(st.sampled_from(CODES)), Decimal(draw(st.integers(-3, 3)))
            made.append(LedgerLine(f"B{nth}.{part}", when, code, amount, booking=f"B{nth}"))
    return made


def monthly(connection: Connection, entity: str) -> set[tuple[str, Month, Decimal, int | None]]:
    rows = connection.execute(
        "select * from marts.validation where entity_id = %s and code = any(%s)",
        [id_of(connection, entity), list(MONTHLY)],
    ).fetchall()
    assert all(row["expected"] == 0 for row in rows)
    assert all(row["subject"] == row["period"] == str(Month.of(row["month"])) for row in rows)
    return {(row["code"], Month.of(row["month"]), row["found"], row["number"]) for row in rows}


@often(15)
@given(first=lines(), second=lines(), gone=st.sets(st.integers(0, 5)))
def test_a_check_fails_in_the_months_in_which_it_should(
    connection: Connection,
    make_entity: Callable[..., str],
    first: list[LedgerLine],
    second: list[LedgerLine],
    gone: set[int],
) -> None:
    """After the whole ledger, after a change of some of its lines, and after some are gone."""
    entity = make_entity(country="BE")
    import_freely(connection, entity, whole(first))
    assert monthly(connection, entity) == Expected(first).findings()
    stored = {line.external_id: line for line in first} | {line.external_id: line for line in second}
    import_freely(connection, entity, upsert(second))
    assert monthly(connection, entity) == Expected(list(stored.values())).findings()
    keys = [key for nth, key in enumerate(sorted(stored)) if nth in gone]
    import_freely(connection, entity, delete(*keys))
    left = [line for key, line in stored.items() if key not in keys]
    assert monthly(connection, entity) == Expected(left).findings()


def test_a_ledger_that_loses_its_last_line_forgets_its_bookings(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(country="BE")
    lines = booking("B1", "2025-01", (BANK, 1))
    import_freely(connection, entity, whole(lines))
    assert ("bookings_unbalanced", "2025-01") in validations(connection, entity)
    import_freely(connection, entity, delete("B1.1"))
    assert validations(connection, entity) == set()
    import_freely(connection, entity, whole(lines))
    assert ("bookings_unbalanced", "2025-01") in validations(connection, entity)


def test_unmapped_accounts_that_add_up_to_zero_are_named_with_their_amounts(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(country="BE")
    load(connection, entity, whole(booking("U", "2025-01", (NO_LINE, 5), ("091000", -5))))
    (row,) = connection.execute(
        "select * from marts.validation where entity_id = %s and code = 'unmapped_month'",
        [id_of(connection, entity)],
    ).fetchall()
    assert (row["found"], row["number"]) == (0, 2)
    assert {name: Decimal(amount) for name, amount in row["parts"]} == {NO_LINE: 5, "091000": -5}
    assert str(figure_finding(row)) == (
        "accounts without a report line in 2025-01: 2, together 0.00 (090000: 5.00; 091000: -5.00)"
    )


def test_a_cash_flow_that_does_not_tell_how_cash_moved(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    """What came from an account of no report line is in no line of the cash flow either."""
    entity = make_entity(country="BE")
    sale = booking("S", "2025-01", (BANK, 100), (SALES, -100))
    load(connection, entity, whole(sale + booking("U", "2025-02", (NO_LINE, 5), (BANK, -5))))
    rows = connection.execute(
        "select * from marts.validation where entity_id = %s and code = 'cash_flow_differs'",
        [id_of(connection, entity)],
    ).fetchall()
    assert [(row["subject"], row["expected"], row["found"]) for row in rows] == [("2025-02", -5, 0)]


def test_findings_that_still_hold_are_not_written_again_and_are_told_again(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(country="BE")
    lines = booking("U", "2025-01", (NO_LINE, 5), (BANK, -5))
    load(connection, entity, whole(lines))
    before = stored_rows(connection, entity, "marts.validation")
    assert before
    load(connection, entity, upsert(lines))
    assert stored_rows(connection, entity, "marts.validation") == before
    figures = database.read("import_figures", import_id=_last(connection, entity))
    assert {(row["code"], row["subject"]) for row in figures} == validations(connection, entity)
    first = connection.execute(
        "select min(id) as id from app.import where entity_id = %s", [id_of(connection, entity)]
    ).fetchone()
    assert first is not None
    assert database.read("import_figures", import_id=first["id"]) == []


def test_a_file_in_another_currency_is_told_until_another_takes_its_place(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity()
    sale = booking("S1", "2025-01", (BANK, 100), (SALES, -100))

    def applied(name: str, currency: str) -> None:
        _apply(connection, entity, name, currency)
        load(connection, entity, upsert(sale))

    applied("dollars.xaf", "USD")
    (row,) = connection.execute(
        "select * from marts.validation where entity_id = %s and code = 'currency_differs'",
        [id_of(connection, entity)],
    ).fetchall()
    assert str(figure_finding(row)) == "dollars.xaf states amounts in USD; the entity is in EUR"
    assert row["period"] == "2025-01-01"
    applied("no word of it.xaf", "not stated")
    assert ("currency_differs", "dollars.xaf") in validations(connection, entity)
    applied("euros.xaf", "EUR")
    assert not [code for code, _ in validations(connection, entity) if code == "currency_differs"]


def _last(connection: Connection, entity: str) -> int:
    row = connection.execute(
        "select figures_import_id as id from app.entity where key = %s", [entity]
    ).fetchone()
    assert row is not None
    return int(row["id"])


def _apply(connection: Connection, entity: str, name: str, currency: str) -> None:
    """As if a file had been imported that says this of itself."""
    said = {"dates": "2025-01-01 up to and including 2025-12-31 (the header)"}
    said["currency"] = f"{currency} (the header)"
    entity_id = id_of(connection, entity)
    uploads.store(connection, entity_id, BytesIO(name.encode()), file_name=name, mode="years", settings={})
    upload = connection.execute(
        "select max(id) as id from app.upload where entity_id = %s", [entity_id]
    ).fetchone()
    assert upload is not None
    database.run(
        connection,
        "queue/apply_upload",
        upload_id=upload["id"],
        import_id=_last(connection, entity) if _has_figures(connection, entity) else None,
        interpretation=Json(said),
    )


def _has_figures(connection: Connection, entity: str) -> bool:
    row = connection.execute("select figures_import_id from app.entity where key = %s", [entity]).fetchone()
    return bool(row and row["figures_import_id"])
