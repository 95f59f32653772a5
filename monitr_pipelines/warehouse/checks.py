"""What the loader asks of the database before it commits; a doubt is raised as InconsistentData."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from monitr_pipelines.ledger.errors import InconsistentData
from monitr_pipelines.ledger.findings import Finding, Severity
from monitr_pipelines.ledger.guard import Allowances, imbalances, shrunken_months, unaccepted
from monitr_pipelines.ledger.money import plain
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.warehouse import database
from monitr_pipelines.warehouse.imports import Claim, Connection

KEPT = "The figures stay as they were."


@dataclass(frozen=True)
class Months:
    """An entity's ledger, month by month."""

    lines: Mapping[Month, int]
    in_scope: Mapping[Month, int]
    balances: Mapping[Month, Decimal]

    @property
    def total(self) -> int:
        """All lines of the entity."""
        return sum(self.lines.values())


def count_months(connection: Connection, entity_id: int) -> Months:
    """Lines and balance per month, and how many of them the staged delivery replaces."""
    rows = connection.execute(
        database.statement("loader/count_months.sql"), {"entity_id": entity_id}
    ).fetchall()
    return Months(
        {Month.of(row["month"]): row["lines"] for row in rows},
        {Month.of(row["month"]): row["in_scope"] for row in rows if row["in_scope"]},
        {Month.of(row["month"]): row["balance"] for row in rows},
    )


def refuse_shrunken(before: Mapping[Month, int], after: Mapping[Month, int], allowed: Allowances) -> None:
    """Refuse an answer that empties a month or takes more than the allowed share of its lines."""
    findings = shrunken_months(before, after, allowed.largest_loss)
    if findings and not allowed.allow_shrink:
        raise InconsistentData(
            f"The new data would empty or halve months that have lines now. {KEPT} "
            "If the lines were really removed, import again with --allow-shrink.",
            code="shrunken",
            findings=findings,
        )


def check_balance(
    connection: Connection, claimed: Claim, balances: Mapping[Month, Decimal], allowed: Allowances
) -> list[Finding]:
    """Refuse books whose fiscal years do not balance, unless that is accepted; then remember it."""
    found = imbalances(balances, allowed.calendar)
    rows = connection.execute(
        database.statement("loader/accepted_imbalances.sql"), {"entity_id": claimed.entity_id}
    ).fetchall()
    accepted = {allowed.calendar.year_of(Month.of(row["fiscal_year_start"])): row["amount"] for row in rows}
    news = unaccepted(found, accepted)
    if news and not allowed.allow_unbalanced:
        raise InconsistentData(
            f"Debit and credit are not equal. {KEPT} Correct the books, "
            "or import again with --allow-unbalanced if the difference is known.",
            code="unbalanced",
            findings=news,
        )
    for year in found if allowed.allow_unbalanced else ():
        connection.execute(
            database.statement("loader/accept_imbalance.sql"),
            {
                "entity_id": claimed.entity_id,
                "import_id": claimed.import_id,
                "fiscal_year_start": year.start,
                "amount": found[year],
            },
        )
    return [
        Finding(
            "accepted_imbalance", f"fiscal year {year} is out of balance by {plain(amount)}", Severity.WARNING
        )
        for year, amount in found.items()
    ]


def check_bookings(connection: Connection, entity_id: int, allowed: Allowances) -> list[Finding]:
    """Bookings that do not balance: refused where the source vouches for them, else warnings."""
    rows = connection.execute(
        database.statement("loader/unbalanced_bookings.sql"), {"entity_id": entity_id}
    ).fetchall()
    refused = allowed.bookings_balance and not allowed.allow_unbalanced
    severity = Severity.ERROR if refused else Severity.WARNING
    findings = [
        Finding(
            "unbalanced_booking",
            f"booking {row['booking']} of {row['booking_date']} is out of balance by {plain(row['balance'])}",
            severity,
        )
        for row in rows
    ]
    if findings and refused:
        raise InconsistentData(
            f"The accounting software gave bookings that do not balance. {KEPT} Contact its support.",
            code="unbalanced_booking",
            findings=findings,
        )
    return findings


def refuse_contradictions(connection: Connection) -> None:
    """Refuse a delivery that gives one key to different lines."""
    rows = connection.execute(database.statement("loader/contradicting_keys.sql")).fetchall()
    if rows:
        raise InconsistentData(
            f"The source gave different lines under one key. {KEPT} Contact its support.",
            code="contradicting_keys",
            findings=[
                Finding("contradicting_key", f"key {row['external_id']} came with different contents")
                for row in rows
            ],
        )


def refuse_oversized_keys(connection: Connection) -> None:
    """Refuse keys of more than a thousand bytes: something else was taken for a key."""
    rows = connection.execute(database.statement("loader/oversized_keys.sql")).fetchall()
    if rows:
        raise InconsistentData(
            f"The source gave keys of more than 1,000 bytes. {KEPT}",
            code="oversized_keys",
            findings=[
                Finding("oversized_key", f"key starts with {row['external_id'][:60]!r}") for row in rows
            ],
        )


def equal_rows(connection: Connection, entity_id: int) -> list[Finding]:
    """How many added rows equal rows that were there already."""
    row = connection.execute(database.statement("loader/equal_rows.sql"), {"entity_id": entity_id}).fetchone()
    if not row or not row["equal_rows"]:
        return []
    text = f"{row['equal_rows']} added rows equal rows that were already there; all were kept"
    return [Finding("equal_rows", text, Severity.WARNING)]
