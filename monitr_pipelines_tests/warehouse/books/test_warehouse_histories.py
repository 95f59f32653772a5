"""Full = incremental, on generated books: however the changes are told, the tables end up the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from warehouse_kit import (
    ACCOUNTS,
    BANK,
    COSTS,
    FIGURES,
    RAW,
    SALES,
    Given,
    id_of,
    load,
    often,
    snapshot,
    stored_rows,
    whole,
)

from monitr_pipelines.ledger.changes import Bookings, Change, Dates, Delete, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.server.database import Connection

UNLISTED = "499999"
CALENDARS = [
    FiscalCalendar(),
    FiscalCalendar(7),
    FiscalCalendar.parse(1, "2023-07..2024-12"),
]
COMPARED = tuple(table for table in (*RAW, *FIGURES) if table != "raw.axis_value")


@dataclass(frozen=True)
class Entry:
    """A journal entry of generated books; the last of its sides takes what makes it balance."""

    when: date
    amounts: tuple[Decimal, ...]
    accounts: tuple[str, ...]
    axes: tuple[tuple[str, str], ...]
    opening: bool
    text: str | None
    version: int = 0

    def lines(self, key: str) -> list[LedgerLine]:
        sides = [*self.amounts, -sum(self.amounts)]
        return [
            LedgerLine(
                f"{key}.{nth}",
                self.when,
                account,
                Decimal(amount),
                booking=key,
                journal="GEN",
                description=self.text,
                axes=self.axes if nth else (),
                opening=self.opening,
                version=self.version,
            )
            for nth, (account, amount) in enumerate(zip(self.accounts, sides, strict=True))
        ]


Books = dict[str, Entry]
# Few days in few months, so that entries fall on the borders of replaced ranges.
days = st.builds(date, st.integers(2023, 2026), st.sampled_from([1, 2, 6, 7, 12]), st.sampled_from([1, 15]))
amounts = st.decimals("-1000", "1000", places=4)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    sides = draw(st.lists(amounts, min_size=1, max_size=3))
    return Entry(
        when=draw(days),
        amounts=tuple(sides),
        accounts=tuple(draw(st.sampled_from([*ACCOUNTS, UNLISTED])) for _ in range(len(sides) + 1)),
        axes=draw(st.sampled_from([(), (("cost", "1"),), (("cost", "2"), ("project", "9"))])),
        opening=draw(st.booleans()) and draw(st.booleans()),
        text=draw(st.sampled_from([None, "", "Factuur é \t\\N", "x"])),
    )


books = st.dictionaries(st.sampled_from([f"B{number}" for number in range(8)]), entries(), max_size=6)


def all_lines(state: Books) -> list[LedgerLine]:
    return [line for key, entry in state.items() for line in entry.lines(key)]


def keys(lines: list[LedgerLine]) -> set[str]:
    return {line.external_id for line in lines}


@st.composite
def histories(draw: st.DrawFn) -> list[Books]:
    """States of the same books over time; an entry that changes gets a higher version."""
    states: list[Books] = []
    for step, drawn in enumerate(draw(st.lists(books, min_size=2, max_size=5))):
        before = states[-1] if states else {}
        kept = draw(st.sets(st.sampled_from(sorted(before)))) if before else set()
        state = {key: replace(entry, version=step) for key, entry in drawn.items() if key not in kept}
        states.append(state | {key: before[key] for key in kept})
    return states


@st.composite
def tellings(draw: st.DrawFn, before: Books, after: Books) -> list[Given]:
    """Deliveries that tell how the books changed, in a way that a source could tell it."""
    way = draw(st.sampled_from(["whole", "dates", "bookings", "keys", "mixed"]))
    if way == "whole":
        return [whole(draw(st.permutations(all_lines(after))))]
    touched = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    changes: list[Change] = []
    if way in {"dates", "mixed"} and touched:
        start, end = sorted([draw(days) for _ in range(2)])
        span = Dates(start, end)
        changes.append(Replace(span, [line for line in all_lines(after) if span.contains(line)]))
    by_booking = {key for key in touched if way == "bookings" or (way == "mixed" and draw(st.booleans()))}
    if by_booking:
        told = all_lines({key: entry for key, entry in after.items() if key in by_booking})
        changes.append(Replace(Bookings(frozenset(by_booking)), draw(st.permutations(told))))
    rest = touched - by_booking
    old = all_lines({key: entry for key, entry in before.items() if key in rest})
    new = all_lines({key: entry for key, entry in after.items() if key in rest})
    told_elsewhere = keys(all_lines(after))
    changes += [Upsert(new), Delete(sorted(keys(old) - told_elsewhere))]
    changes = draw(st.permutations(changes))
    return list(_in_deliveries(changes, together=draw(st.booleans())))


def _in_deliveries(changes: list[Change], *, together: bool) -> Iterator[Given]:
    if together:
        yield Given(changes)
    else:
        yield from (Given([change]) for change in changes)


@pytest.mark.parametrize("calendar", CALENDARS, ids=["calendar year", "from July", "18 months"])
@often(8)
@given(data=st.data())
def test_any_sequence_of_increments_ends_as_a_fresh_full_import(
    connection: Connection, make_entity: Callable[..., str], calendar: FiscalCalendar, data: st.DataObject
) -> None:
    states = data.draw(histories())
    entity = make_entity()
    load(connection, entity, whole(all_lines(states[0])), calendar=calendar)
    for before, after in pairwise(states):
        deliveries = data.draw(tellings(before, after))
        full = any(isinstance(getattr(part, "scope", None), WholeLedger) for part in deliveries[0].parts)
        note(f"{'full' if full else 'increment'}: {deliveries}")
        load(
            connection,
            entity,
            *deliveries,
            mode="full" if full else None,
            calendar=calendar,
            allow_shrink=True,
            bookings_balance=False,
            with_marts=data.draw(st.booleans()) or after is states[-1],
        )
    fresh = make_entity()
    load(connection, fresh, whole(all_lines(states[-1])), calendar=calendar)
    found, expected = (snapshot(connection, one, COMPARED) for one in (entity, fresh))
    assert found == expected


def test_an_axis_that_no_line_has_any_more_leaves_the_report(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity, fresh = make_entity(), make_entity()
    entry = Entry(
        date(2024, 5, 3), (Decimal(100),), (BANK, SALES), (("cost", "1"),), opening=False, text=None
    )
    plain = {"B1": replace(entry, axes=(), version=1)}
    load(connection, entity, whole(all_lines({"B1": entry})))
    assert stored_rows(connection, entity, "marts.axis_report")
    load(connection, entity, Given([Upsert(all_lines(plain))]))
    load(connection, fresh, whole(all_lines(plain)))
    found, expected = (snapshot(connection, one, COMPARED) for one in (entity, fresh))
    assert found == expected


@often(15)
@given(state=books, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_pages_does_not_matter(
    connection: Connection, make_entity: Callable[..., str], state: Books, shuffled: object
) -> None:
    first, second = make_entity(), make_entity()
    lines = all_lines(state)
    load(connection, first, whole(lines))
    shuffled.shuffle(lines)  # type: ignore[attr-defined]
    cut = len(lines) // 2
    both = Given([Replace(WholeLedger(), lines[:cut]), Replace(WholeLedger(), lines[cut:])])
    load(connection, second, both)
    assert snapshot(connection, first) == snapshot(connection, second)


@often(15)
@given(state=books)
def test_importing_twice_is_importing_once(
    connection: Connection, make_entity: Callable[..., str], state: Books
) -> None:
    entity = make_entity()
    lines = all_lines(state)
    load(connection, entity, whole(lines))
    tables = [table for table in (*RAW, *FIGURES) if table != "marts.validation"] + ["raw.axis_combination"]
    before = {table: stored_rows(connection, entity, table) for table in tables}
    for mode in ("full", None):
        result = load(connection, entity, whole(lines), mode=mode)
        assert result.counts == {
            "fetched": len(lines),
            "new": 0,
            "changed": 0,
            "unchanged": len(lines),
            "deleted": 0,
        }
        assert {table: stored_rows(connection, entity, table) for table in tables} == before


@often(15)
@given(state=books)
def test_marts_add_up_to_the_raw_lines(
    connection: Connection, make_entity: Callable[..., str], state: Books
) -> None:
    entity = make_entity()
    result = load(connection, entity, whole(all_lines(state)))
    entity_id = id_of(connection, entity)
    debits = sum(line.amount for line in all_lines(state) if line.amount > 0)
    assert (result.debit, result.credit) == (debits, debits)
    raw = connection.execute(
        """
        select account_code, sum(amount) as amount, count(*) as lines from raw.gl_transaction
        where entity_id = %s group by 1 order by 1
        """,
        [entity_id],
    ).fetchall()
    marts = connection.execute(
        """
        select account_code, sum(debit - credit) as amount, sum(lines)::int as lines
        from marts.balance_month where entity_id = %s group by 1 order by 1
        """,
        [entity_id],
    ).fetchall()
    assert marts == raw
    assert sum(row["amount"] for row in raw) == 0
    open_months = connection.execute(
        """
        select month, sum(opening), sum(opening_difference), sum(debit - credit), sum(closing)
        from marts.trial_balance where entity_id = %s group by 1
        having
            sum(closing) <> 0 or sum(opening) <> 0
            or sum(opening_difference) <> 0 or sum(debit) <> sum(credit)
        """,
        [entity_id],
    ).fetchall()
    assert open_months == []
    loose = connection.execute(
        "select * from marts.trial_balance where entity_id = %s and closing <> opening + debit - credit",
        [entity_id],
    ).fetchall()
    assert loose == []


def test_level_0_of_the_statements_equals_the_trial_balance(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    """Level 0 of each statement, month by month, against the accounts of the trial balance."""
    entity = make_entity()
    entry = Entry(
        when=date(2025, 5, 1),
        amounts=(Decimal(10), Decimal("20.5"), Decimal(-7)),
        accounts=(BANK, COSTS, SALES, "999"),
        axes=(),
        opening=False,
        text=None,
    )
    load(connection, entity, whole(all_lines({"A": entry, "B": replace(entry, when=date(2026, 2, 1))})))
    rows = connection.execute(
        """
        with tops as (
            select s.statement, s.month, sum(s.amount) as amount from (
                select 'balance_sheet' as statement, line, month, amount, entity_id from marts.balance_sheet
                union all
                select 'profit_and_loss', line, month, -year_to_date, entity_id from marts.profit_and_loss
            ) s
            join app.report_line l on l.line = s.line and l.statement = s.statement and l.level = 0
            join app.reporting_structure r on r.id = l.structure_id and r.country = 'BE'
            where s.entity_id = %(id)s group by 1, 2
        )
        select tops.month, tops.statement, tops.amount, coalesce(sum(t.closing), 0) as closing
        from tops
        left join (
            select t.*, a.type from marts.trial_balance t
            join mapped.account_line a using (entity_id, account_code) where entity_id = %(id)s
        ) t on t.month = tops.month and (t.type = tops.statement or tops.statement = 'balance_sheet')
        group by 1, 2, 3 order by 1, 2
        """,
        {"id": id_of(connection, entity)},
    ).fetchall()
    assert len(rows) == 20
    assert [row for row in rows if row["amount"] != row["closing"]] == []
    assert {row["amount"] for row in rows if row["statement"] == "balance_sheet"} == {Decimal(0)}
    assert {row["amount"] for row in rows if row["statement"] == "profit_and_loss"} == {Decimal("13.5"), 0}
