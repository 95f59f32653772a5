"""Where accounts stand by their side and by an axis, and the cash flow: beside a plain model of the books."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from warehouse_kit import (
    CAPITAL,
    COSTS,
    DEBTORS,
    FIGURES,
    RESULT,
    SALES,
    Given,
    booking,
    id_of,
    load,
    often,
    report,
    start,
    stored_rows,
    upsert,
    validations,
    whole,
)

from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.reports.columns import By, Span
from monitr_pipelines.reports.drill import accounts_of_cell
from monitr_pipelines.reports.standing import read_standing
from monitr_pipelines.reports.statement import CLOSING_CASH, OPENING_CASH, Kind, read_statement
from monitr_pipelines.warehouse.queue import outcome
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.reports.sides.axes_kit import axes_add_up

BANK, OWNER, SUPPLIERS, VAT, MACHINES = "550000", "416000", "440000", "451000", "230000"
DEPRECIATION, LOAN, ODD = "630000", "173000", "090000"
EVERYONE = (BANK, OWNER, SUPPLIERS, VAT, MACHINES, DEPRECIATION, LOAN, ODD, DEBTORS, CAPITAL, COSTS, SALES)
RESULTS = {DEPRECIATION, COSTS, SALES}
# Where accounts stand in the Belgian structure: while their balance is a debit, and while it is a credit.
SIDES = {
    BANK: ("54/58", "430/8"),
    OWNER: ("41", "47/48"),
    SUPPLIERS: ("41", "440/4"),
    VAT: ("41", "450/3"),
    DEBTORS: ("40", "47/48"),
    MACHINES: ("23", "23"),
    LOAN: ("173", "173"),
    CAPITAL: ("100", "100"),
    ODD: ("unmapped:balance_sheet", "unmapped:balance_sheet"),
    COSTS: ("61", "61"),
    SALES: ("70", "70"),
    DEPRECIATION: ("630", "630"),
    "(result)": ("(result)", "(result)"),
}
# What people placed elsewhere for values of the axis "cost".
PARTS = {(COSTS, "1"): "640/8", (OWNER, "2"): "40", (BANK, "1"): "51/53"}
MONTHS = [Month(2023, 11).plus(nth) for nth in range(17)]

moves = st.tuples(
    st.sampled_from(EVERYONE),
    st.sampled_from(EVERYONE),
    st.sampled_from(MONTHS),
    st.integers(1, 1000),
    st.sampled_from(["", "1", "2"]),
)


def ledger(made: Sequence[tuple[str, str, Month, int, str]]) -> list[LedgerLine]:
    """Each month has a booking, so that the books run over all of them."""
    fixed = [(BANK, SALES, month, 1, "") for month in MONTHS]
    return [
        line
        for nth, (debit, credit, month, amount, value) in enumerate([*fixed, *made])
        for line in booking(
            f"M{nth}",
            str(month),
            (debit, amount),
            (credit, -amount),
            axes=(("cost", value),) if value else (),
        )
    ]


def closing_rows(lines: Sequence[LedgerLine], fiscal: Callable[[Month], Month]) -> list[LedgerLine]:
    """What empties the results of each whole year, told by its journal."""
    sums: dict[Month, Counter[str]] = defaultdict(Counter)
    for line in lines:
        if line.account_code in RESULTS:
            sums[fiscal(Month.of(line.booking_date))][line.account_code] += int(line.amount)
    found = []
    for year, results in sums.items():
        last = year.plus(11)
        sides = [(account, -amount) for account, amount in results.items() if amount]
        if last < MONTHS[-1] and sides:
            sides.append((RESULT, sum(results.values())))
            day = last.plus(1).first_day - timedelta(days=1)
            found += booking(f"CL{year}", day.isoformat(), *sides, journal="CLO")
    return found


def model(
    lines: Sequence[LedgerLine], fiscal: Callable[[Month], Month], parts: Mapping[tuple[str, str], str]
) -> Iterator[tuple[Month, Counter[str], Counter[str]]]:
    """Each month with what stands on each leaf at its start and at its end, debit positive."""
    holds: Counter[tuple[str, str]] = Counter()
    for before, month in zip([MONTHS[0], *MONTHS], MONTHS, strict=False):
        if fiscal(before) != fiscal(month):
            for key in [key for key in holds if key[0] in RESULTS]:
                holds["(result)", ""] += holds.pop(key)
        opening = leaves(holds, parts)
        for line in lines:
            if Month.of(line.booking_date) == month:
                value = dict(line.axes).get("cost", "")
                key = (line.account_code, value if (line.account_code, value) in parts else "")
                holds[key] += int(line.amount)
        yield month, opening, leaves(holds, parts)


def leaves(holds: Mapping[tuple[str, str], int], parts: Mapping[tuple[str, str], str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (account, value), amount in holds.items():
        line = parts[account, value] if value else SIDES[account][amount < 0]
        found[line] += amount
    return found


def place(connection: Connection, entity: str, parts: Mapping[tuple[str, str], str]) -> None:
    connection.execute("update app.entity set primary_axis = 'cost' where key = %s", [entity])
    for (account, value), line in parts.items():
        connection.execute(
            """
            insert into app.chosen_line (entity_id, structure_id, account_code, axis, axis_value, line)
            select %s, id, %s, 'cost', %s, %s from app.reporting_structure where name = 'be_nbb'
            """,
            [id_of(connection, entity), account, value, line],
        )


@often(12)
@given(
    made=st.lists(moves, min_size=1, max_size=14),
    first=st.sampled_from([1, 7]),
    ways=st.sets(st.sampled_from(["placed", "closed"])),
)
def test_every_figure_follows_from_the_books(
    connection: Connection,
    make_entity: Callable[..., str],
    made: Sequence[tuple[str, str, Month, int, str]],
    first: int,
    ways: set[str],
) -> None:
    entity, parts = make_entity(country="BE", fiscal_year_start=first), PARTS if "placed" in ways else {}
    if parts:
        place(connection, entity, parts)
    calendar = FiscalCalendar(first)

    def fiscal(month: Month) -> Month:
        return calendar.year_of(month).first

    lines = ledger(made)
    closings = closing_rows(lines, fiscal) if "closed" in ways else []
    load(connection, entity, whole([*lines, *closings]), calendar=calendar)
    rows = connection.execute(
        """
        select lines.line, lines.role, lines.cash_flow_line, lines.level, marts.month, marts.amount
        from app.report_line as lines
        inner join app.reporting_structure as structures on lines.structure_id = structures.id
        left join (
            select line, month, amount from marts.balance_sheet where entity_id = %(id)s
            union all
            select line, month, -year_to_date from marts.profit_and_loss where entity_id = %(id)s
            union all
            select line, month, amount from marts.cash_flow where entity_id = %(id)s
        ) as marts on lines.line = marts.line
        where structures.name = 'be_nbb'
        """,
        {"id": id_of(connection, entity)},
    ).fetchall()
    figures = {(row["line"], Month.of(row["month"])): row["amount"] for row in rows}
    links = {row["line"]: row["cash_flow_line"] for row in rows}
    by_role = {row["role"]: row["line"] for row in rows if row["role"]}
    expected = {month: (opening, closing) for month, opening, closing in model(lines, fiscal, parts)}
    for month, (opening, closing) in expected.items():
        # Closing entries carry the result to its account, where the model has it on no account at all.
        ignored = {"(result)"}
        standing = {line: amount for line, amount in closing.items() if amount and line not in ignored}
        found = {line: figures[line, month] for line in {*standing, *closing} - ignored}
        assert {line: amount for line, amount in found.items() if amount} == standing
        flows: Counter[str] = Counter()
        for line in {*opening, *closing}:
            if line != by_role["cash"]:
                flows[links[line] or "unmapped:cash_flow"] += opening[line] - closing[line]
        del flows["unmapped:cash_flow"]
        assert {line: figures[line, month] for line in flows} == dict(flows)
        cash = opening[by_role["cash"]], closing[by_role["cash"]]
        assert (figures[by_role["opening_cash"], month], figures[by_role["closing_cash"], month]) == cash
        net, unlinked = figures[by_role["net_cash_flow"], month], figures["unmapped:cash_flow", month]
        assert net == sum(flows.values())
        assert cash[0] + net + unlinked == cash[1]
    _drill(connection, entity, Span(MONTHS[-8], MONTHS[-3]))
    axes_add_up(connection, entity, MONTHS)


def _drill(connection: Connection, entity: str, period: Span) -> None:
    """The accounts of each cell add up to it, whatever stands on other lines by then."""
    standing = read_standing(connection, entity)
    assert standing is not None
    assert standing.published is not None
    for kind in Kind:
        statement = read_statement(
            connection, standing, standing.published, kind, period=period, by=By.FISCAL_YEAR
        )
        for nth, column in enumerate(statement.columns):
            for row in [row for row in statement.rows if row.cells[nth].amount][nth::4]:
                accounts = accounts_of_cell(
                    connection, standing, standing.published, row.line, column.span, kind=kind
                )
                if row.role == OPENING_CASH:
                    total = sum(each.opening for each in accounts)
                elif kind is Kind.BALANCE_SHEET or row.role == CLOSING_CASH:
                    total = sum(each.closing for each in accounts)
                else:
                    total = -sum(each.moved for each in accounts)
                assert total == row.cells[nth].amount, (kind, row.line, accounts)


def test_an_overdraft_is_a_debt_and_takes_cash_to_nothing(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(country="BE")
    sale = booking("S", "2025-01", (BANK, 100), (SALES, -100))
    cost = booking("C", "2025-02", (COSTS, 150), (BANK, -150))
    load(connection, entity, whole(sale + cost))
    sheet = report(connection, entity, "balance_sheet", "2025-02")
    assert "54/58" not in {line for line, row in sheet.items() if row["amount"]}
    assert sheet["430/8"] == {"amount": -50, "year_to_date": -50, "prior_year": 0}
    flow = {line: row["amount"] for line, row in report(connection, entity, "cash_flow", "2025-02").items()}
    assert flow == {
        "CF:OPEN": 100,
        "CF": -100,
        "CF:O": -150,
        "CF:O1": -150,
        "CF:F": 50,
        "CF:F2": 50,
    }
    so_far = report(connection, entity, "cash_flow", "2025-02")
    assert (so_far["CF:OPEN"]["year_to_date"], so_far["CF"]["year_to_date"]) == (0, 0)


def test_depreciation_takes_no_cash_and_an_opening_is_no_movement(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    """What opens the books, and the opening after a gap, is no movement either."""
    entity = make_entity(country="BE")
    opened = booking("O", "2022-01-01", (BANK, 500), (CAPITAL, -500), opening=True)
    bought = booking("B", "2022-12", (MACHINES, 100), (BANK, -100))
    again = booking("P", "2024-01-01", (BANK, 700), (CAPITAL, -700), opening=True)
    written_off = booking("W", "2024-01", (DEPRECIATION, 20), (MACHINES, -20))
    load(connection, entity, whole(opened + bought + again + written_off))
    first = report(connection, entity, "cash_flow", "2022-12")
    assert (first["CF:OPEN"]["amount"], first["CF:I1"]["amount"], first["CF:CLOSE"]["amount"]) == (
        500,
        -100,
        400,
    )
    after = report(connection, entity, "cash_flow", "2024-01")
    assert {line: row["amount"] for line, row in after.items() if row["amount"]} == {
        "CF:OPEN": 700,
        "CF:CLOSE": 700,
    }


def test_a_changed_mapping_reads_no_ledger_and_a_changed_ledger_does(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    """Balances stay while what they are made from does."""
    entity = make_entity(country="BE")
    opened = booking("O", "2024-01-01", (BANK, 500), (CAPITAL, -500), opening=True)
    load(connection, entity, whole([*opened, *booking("C", "2024-02", (COSTS, 40), (BANK, -40))]))
    connection.execute(
        "update marts.balance_month set lines = 7 where entity_id = %s and account_code = %s",
        [id_of(connection, entity), CAPITAL],
    )
    connection.execute(
        """
        insert into app.chosen_line (entity_id, structure_id, account_code, line)
        select %s, id, %s, '640/8' from app.reporting_structure where name = 'be_nbb'
        """,
        [id_of(connection, entity), COSTS],
    )
    map_again(connection, entity)
    assert lines_of(connection, entity, CAPITAL) == 7, "it was not looked at"
    lines = report(connection, entity, "profit_and_loss", "2024-02")
    assert lines["640/8"]["amount"] == -40
    assert "61" not in lines
    load(connection, entity, upsert(booking("D", "2024-02", (COSTS, 1), (BANK, -1))))
    assert report(connection, entity, "profit_and_loss", "2024-02")["640/8"]["amount"] == -41
    assert lines_of(connection, entity, CAPITAL) == 1


@often(6)
@given(
    made=st.lists(moves, min_size=4, max_size=14),
    placings=st.lists(st.sets(st.sampled_from(sorted(PARTS))), min_size=2, max_size=3),
)
def test_a_changed_mapping_makes_what_everything_anew_would(
    connection: Connection,
    make_entity: Callable[..., str],
    made: Sequence[tuple[str, str, Month, int, str]],
    placings: Sequence[set[tuple[str, str]]],
) -> None:
    entity = make_entity(country="BE")
    load(connection, entity, whole(ledger(made)))
    for placed in placings:
        connection.execute("delete from app.chosen_line where entity_id = %s", [id_of(connection, entity)])
        place(connection, entity, {part: PARTS[part] for part in placed})
        map_again(connection, entity)
        found = {table: stored_rows(connection, entity, table) for table in FIGURES}
        connection.execute(
            "update app.import set balances_from = null where entity_id = %s", [id_of(connection, entity)]
        )
        map_again(connection, entity)
        assert {table: stored_rows(connection, entity, table) for table in FIGURES} == found


def lines_of(connection: Connection, entity: str, account: str) -> int:
    rows = stored_rows(connection, entity, "marts.balance_month")
    return sum(row["to_jsonb"]["lines"] for row in rows if row["to_jsonb"]["account_code"] == account)


def map_again(connection: Connection, entity: str) -> None:
    """An import that fetches nothing and makes the reports again."""
    claimed = start(connection, entity)
    marts.regenerate(connection, claimed, FiscalCalendar())
    assert outcome.finish(connection, claimed, None)


def test_a_structure_without_the_statement_has_no_cash_flow(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(country="NL")
    load(connection, entity, whole(booking("S", "2025-01", ("1100", 100), ("8000", -100))))
    assert report(connection, entity, "cash_flow", "2025-01") == {}


def test_the_same_books_again_write_nothing(connection: Connection, make_entity: Callable[..., str]) -> None:
    """No figure and no finding about figures, of which these books give several."""
    entity = make_entity(country="BE")
    place(connection, entity, PARTS)
    lines = ledger([(BANK, OWNER, MONTHS[3], 70, "1"), (COSTS, BANK, MONTHS[9], 5, "2")])
    lines += booking("X", str(MONTHS[2]), (ODD, 3), (CAPITAL, -3))
    lines += booking("O", f"{MONTHS[-1].year}-01-01", (BANK, 11), (CAPITAL, -11), opening=True)
    load(connection, entity, whole(lines))
    before = {table: stored_rows(connection, entity, table) for table in FIGURES}
    assert all(before[table] for table in FIGURES if table != "mapped.line_month")
    assert {code for code, _ in validations(connection, entity)} == {
        "cash_flow_differs", "opening_differs", "unknown_account", "unmapped_account", "unmapped_month",
    }  # fmt: skip
    load(connection, entity, Given([]))
    load(connection, entity, whole(lines))
    assert {table: stored_rows(connection, entity, table) for table in FIGURES} == before
