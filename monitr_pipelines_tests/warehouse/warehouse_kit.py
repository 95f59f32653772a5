"""What the warehouse tests share: deliveries made by hand, whole imports, and comparable snapshots."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, settings

from monitr_pipelines.ledger.changes import Change, Cursor, Delete, Replace, Upsert, WholeLedger, Written
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.warehouse.books import loader
from monitr_pipelines.warehouse.queue import claims, outcome, requests
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server.database import Connection

CAPITAL, RESULT, BANK, DEBTORS, COSTS, SALES = "100000", "140000", "550000", "400000", "610000", "700000"
ACCOUNTS = {
    code: Account(code, name)
    for code, name in {
        CAPITAL: "Capital",
        RESULT: "Result carried forward",
        BANK: "Bank",
        DEBTORS: "Trade debtors",
        COSTS: "Services",
        SALES: "Sales",
    }.items()
}
AXES = frozenset(
    AxisValue(axis, code, f"{axis} {code}") for axis in ("cost", "project") for code in ("1", "2")
)

# Every table with rows of an entity, its rows without what depends on the number of imports.
TABLES = {
    "raw.account": "select code, name, type, placeholder from raw.account where entity_id = %(id)s",
    "raw.axis_value": "select axis, code, name from raw.axis_value where entity_id = %(id)s",
    "raw.gl_transaction": """
        select to_jsonb(t) - 'entity_id' - 'import_id' - 'axis_combination' as line, c.axis_values
        from raw.gl_transaction t
        left join raw.axis_combination c on c.entity_id = t.entity_id and c.id = t.axis_combination
        where t.entity_id = %(id)s
    """,
    "raw.month_balance": """
        select account_code, month, axis_values, opening, debit, credit, lines
        from raw.month_balance b
        left join raw.axis_combination c on c.entity_id = b.entity_id and c.id = b.axis_combination
        where b.entity_id = %(id)s
    """,
    "raw.unbalanced_booking": """
        select booking, booking_date, balance from raw.unbalanced_booking where entity_id = %(id)s
    """,
    "raw.line_role": "select external_id, role, reason from raw.line_role where entity_id = %(id)s",
    "mapped.line_month": "select external_id, month from mapped.line_month where entity_id = %(id)s",
    "mapped.account_line": """
        select account_code, name, type, structure_id, line, credit_line
        from mapped.account_line where entity_id = %(id)s
    """,
    "mapped.account_axis_line": """
        select account_code, axis_value, line from mapped.account_axis_line where entity_id = %(id)s
    """,
    "mapped.fiscal_month": """
        select month, fiscal_year_start, segment_start from mapped.fiscal_month where entity_id = %(id)s
    """,
    "marts.balance_month": """
        select account_code, month, axis_values, opening, closing, debit, credit, lines
        from marts.balance_month b
        left join raw.axis_combination c on c.entity_id = b.entity_id and c.id = b.axis_combination
        where b.entity_id = %(id)s
    """,
    "marts.trial_balance": """
        select account_code, month, opening, opening_difference, debit, credit, closing, closing_entries
        from marts.trial_balance where entity_id = %(id)s
    """,
    "marts.part_balance": """
        select account_code, axis_value, month, opening, closing
        from marts.part_balance where entity_id = %(id)s
    """,
    "marts.profit_and_loss": """
        select line, month, amount, year_to_date, prior_year
        from marts.profit_and_loss where entity_id = %(id)s
    """,
    "marts.balance_sheet": """
        select line, month, amount, year_to_date, prior_year
        from marts.balance_sheet where entity_id = %(id)s
    """,
    "marts.cash_flow": """
        select line, month, amount, year_to_date, prior_year
        from marts.cash_flow where entity_id = %(id)s
    """,
    "marts.axis_report": """
        select axis, axis_value, line, month, amount from marts.axis_report where entity_id = %(id)s
    """,
    "marts.validation": """
        select code, subject, period, fiscal_year_start, month, expected, found, number, parts, message
        from marts.validation where entity_id = %(id)s
    """,
}
# A row in each table of what people place, and of the reports that follow from it.
PLACED = (
    """
    insert into raw.changed_balance (entity_id, account_code, month, axis_combination, opening)
    values (%(entity)s, '700000', '2025-02-01', 0, false)
    """,
    """
    insert into app.adjusting_entry (entity_id, month, account_code, amount, reason, added_by)
    values (%(entity)s, '2025-02-01', '700000', 1, 'Test', 'Test')
    """,
    """
    insert into marts.adjustment (entity_id, line, month, amount, year_to_date)
    values (%(entity)s, 'none of the reports', '2025-02-01', 1, 1)
    """,
    """
    with placed as (
        insert into app.chosen_line (entity_id, structure_id, account_code, line)
        select %(entity)s, min(id), '700000', '70' from app.reporting_structure
        returning entity_id, structure_id, account_code, axis, axis_value, line
    )
    insert into app.chosen_line_change
        (entity_id, structure_id, change, account_code, axis, axis_value, line_after, person)
    select entity_id, structure_id, gen_random_uuid(), account_code, axis, axis_value, line, 'Test'
    from placed
    """,
    """
    insert into mapped.account_axis_line (entity_id, account_code, axis_value, line, import_id)
    values (%(entity)s, '700000', '1', '70', %(import)s)
    """,
    """
    insert into marts.part_balance (entity_id, account_code, axis_value, month, opening, closing, import_id)
    values (%(entity)s, '700000', '1', '2025-02-01', 1, 1, %(import)s)
    """,
    """
    insert into marts.cash_flow (entity_id, line, month, amount, year_to_date, prior_year, import_id)
    values (%(entity)s, 'none', '2025-02-01', 1, 1, 1, %(import)s)
    """,
    """
    insert into marts.axis_report (entity_id, axis, axis_value, line, month, amount, import_id)
    values (%(entity)s, 'cost', '1', 'none', '2025-02-01', 1, %(import)s)
    """,
)
RAW = tuple(table for table in TABLES if table.startswith("raw."))
FIGURES = tuple(table for table in TABLES if not table.startswith("raw."))


@dataclass(frozen=True)
class Given:
    """A delivery written down in a test."""

    parts: Sequence[Change | Written]
    accounts: Mapping[str, Account] = field(default_factory=lambda: ACCOUNTS)
    axes: AbstractSet[AxisValue] = AXES
    findings: Sequence[Finding] = ()
    keys_by_content: bool = False
    appended: bool = False
    lists_are_whole: bool = False
    cursor: Cursor = field(default_factory=dict)

    def changes(self) -> Iterator[Change | Written]:
        return iter(self.parts)


def day(text: str) -> date:
    """`2025-03` is the tenth of March."""
    return date.fromisoformat(text if len(text) == 10 else f"{text}-10")


def line(key: str, when: str, account: str, amount: str | int, **others: object) -> LedgerLine:
    others.setdefault("booking", key.split(".", maxsplit=1)[0])
    return LedgerLine(key, day(when), account, Decimal(amount), **others)


def booking(key: str, when: str, *sides: tuple[str, int | str], **others: object) -> list[LedgerLine]:
    """A journal entry of (account, debit-positive amount) sides."""
    return [
        line(f"{key}.{nth}", when, account, amount, booking=key, line_number=str(nth), **others)
        for nth, (account, amount) in enumerate(sides, 1)
    ]


SALE = booking("S1", "2025-01", (BANK, 100), (SALES, -100))


def whole(lines: Iterable[LedgerLine], **others: object) -> Given:
    return Given([Replace(WholeLedger(), list(lines))], **others)


def upsert(lines: Iterable[LedgerLine], **others: object) -> Given:
    return Given([Upsert(list(lines))], **others)


def delete(*keys: str) -> Given:
    return Given([Delete(keys)])


def start(connection: Connection, entity: str, mode: str | None = None) -> Claim:
    """Claim an import; with a mode, one that was asked for in that mode."""
    import_id = None
    if mode:
        import_id = requests.request(connection, entity, trigger="cli", requested_by="test", mode=mode)
    # Unique however this module is imported: tests of other folders name it by its package.
    run_id = f"kit-run-{uuid4()}"
    claimed = claims.claim(connection, entity, run_id=run_id, import_id=import_id, trigger="cli")
    assert mode is None or claimed.mode == mode
    return claimed


def load(
    connection: Connection,
    entity: str,
    *deliveries: Given,
    mode: str | None = None,
    cursor: Cursor | None = None,
    calendar: FiscalCalendar | None = None,
    with_marts: bool = True,
    told: TrialBalance | ImportProblem | None = None,
    **allowances: object,
) -> loader.LoadResult:
    """A whole import; what goes wrong is written down and raised."""
    calendar = calendar or FiscalCalendar()
    claimed = start(connection, entity, mode)
    if cursor is not None:
        deliveries = (*deliveries[:-1], replace(deliveries[-1], cursor=cursor))
    try:
        allowed = Allowances(calendar, **allowances)
        result = loader.load_transactions(connection, claimed, deliveries, allowed, told=told)
        if with_marts:
            marts.regenerate(connection, claimed, calendar)
    except ImportProblem as problem:
        outcome.finish(connection, claimed, problem)
        raise
    assert outcome.finish(connection, claimed, None)
    return result


def id_of(connection: Connection, entity: str) -> int:
    row = connection.execute("select id from app.entity where key = %s", [entity]).fetchone()
    assert row is not None
    return int(row["id"])


def snapshot(
    connection: Connection, entity: str, tables: Iterable[str] = tuple(TABLES)
) -> dict[str, list[str]]:
    """The contents of an entity's tables, comparable with another entity's."""
    parameters = {"id": id_of(connection, entity)}
    return {
        table: sorted(repr(tuple(row.values())) for row in connection.execute(TABLES[table], parameters))
        for table in tables
    }


def stored_rows(connection: Connection, entity: str, table: str) -> list[Any]:
    """The rows of an entity as they lie in the table: place, writing transaction and contents."""
    return connection.execute(
        f"select ctid::text, xmin::text, to_jsonb(t) from {table} t where entity_id = %s order by ctid",  # noqa: S608
        [id_of(connection, entity)],
    ).fetchall()


def balances(connection: Connection, entity: str, month: str, column: str = "closing") -> dict[str, Decimal]:
    """Trial balance of a month: what is not zero, by account."""
    rows = connection.execute(
        f"select account_code, {column} as amount from marts.trial_balance "  # noqa: S608
        f"where entity_id = %s and month = %s and {column} <> 0",
        [id_of(connection, entity), date.fromisoformat(f"{month}-01")],
    )
    return {row["account_code"]: row["amount"] for row in rows}


def report(connection: Connection, entity: str, table: str, month: str) -> dict[str, dict[str, Decimal]]:
    """Report lines of a month with their three amounts, those that are not all zero."""
    rows = connection.execute(
        f"select line, amount, year_to_date, prior_year from marts.{table} "  # noqa: S608
        "where entity_id = %s and month = %s",
        [id_of(connection, entity), date.fromisoformat(f"{month}-01")],
    )
    return {row.pop("line"): row for row in rows if row["amount"] or row["year_to_date"] or row["prior_year"]}


def validations(connection: Connection, entity: str) -> set[tuple[str, str]]:
    rows = connection.execute(
        "select code, subject from marts.validation where entity_id = %s", [id_of(connection, entity)]
    )
    return {(row["code"], row["subject"]) for row in rows}


def last_import(connection: Connection, entity: str) -> dict[str, Any]:
    row = connection.execute(
        "select * from app.import where entity_id = %s order by id desc limit 1",
        [id_of(connection, entity)],
    ).fetchone()
    assert row is not None
    return row


def often(examples: int) -> settings:
    """Hypothesis against a real database: each example makes entities of its own."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
