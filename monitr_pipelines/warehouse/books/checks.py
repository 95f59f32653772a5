"""What the loader asks of the database before it commits; a doubt is raised as InconsistentData."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from psycopg import Cursor
from psycopg.rows import DictRow

from monitr_pipelines.ledger import limits
from monitr_pipelines.ledger.findings import SHOWN_FINDINGS, Finding, Severity
from monitr_pipelines.ledger.guard import Allowances, imbalances, scope_of, shrunken_months, unaccepted
from monitr_pipelines.ledger.money import LARGEST_SUM
from monitr_pipelines.ledger.periods import FiscalYear, Month
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.sentences import Sentence, sentence
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Answer, Message, Option
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

LONGEST_LEDGER_IN_MONTHS = 60 * 12


@dataclass(frozen=True)
class Months:
    """An entity's ledger, month by month.

    `opened`: the months with opening entries, as their source calls them; `largest_sum`: of all debits or all
    credits.
    """

    lines: Mapping[Month, int]
    in_scope: Mapping[Month, int]
    balances: Mapping[Month, Decimal]
    opened: frozenset[Month]
    largest_sum: Decimal

    @property
    def total(self) -> int:
        """All lines of the entity."""
        return sum(self.lines.values())


def count_months(connection: Connection, entity_id: int) -> Months:
    """Lines and sums per month, and how many of them the staged delivery replaces."""
    rows = database.run(connection, "books/count_months", entity_id=entity_id).fetchall()
    return Months(
        {Month.of(row["month"]): row["lines"] for row in rows},
        {Month.of(row["month"]): row["in_scope"] for row in rows if row["in_scope"]},
        {Month.of(row["month"]): row["debit"] - row["credit"] for row in rows},
        frozenset(Month.of(row["month"]) for row in rows if row["opened"]),
        max(sum((row[side] for row in rows), Decimal()) for side in ("debit", "credit")),
    )


def refuse_shrunken(before: Mapping[Month, int], after: Mapping[Month, int], allowed: Allowances) -> None:
    """Refuse an answer that empties a month or takes more than the allowed share of its lines."""
    findings = shrunken_months(before, after, allowed.largest_loss)
    if findings and not allowed.allow_shrink:
        raise InconsistentData(
            Message("shrunken", answers=(Answer(Option.ALLOW_SHRINK),)),
            code="shrunken",
            findings=findings,
        )


def check_balance(
    connection: Connection, claimed: Claim, balances: Mapping[Month, Decimal], allowed: Allowances
) -> list[Finding]:
    """Refuse books whose fiscal years do not balance, unless that is accepted; then remember it."""
    years = imbalances(balances, allowed.calendar)
    found = {f"year {year}": total for year, total in years.items()}
    accepted = _accepted(connection, claimed, "year")
    news = unaccepted(found, accepted)
    if news and not allowed.allow_unbalanced:
        raise InconsistentData(
            Message("unbalanced", answers=(Answer(Option.ALLOW_UNBALANCED),)),
            code="unbalanced",
            findings=[*news, *_openings_alone(connection, claimed, years)],
        )
    if news:
        _accept(connection, claimed, found)
    for scope in accepted.keys() - found.keys():
        _execute(connection, claimed, "forget_imbalance", scope=scope)
    return [
        Finding(
            "accepted_imbalance",
            sentence("accepted_imbalance", scope=scope_of(scope), amount=total),
            Severity.WARNING,
        )
        for scope, total in found.items()
    ]


def _openings_alone(
    connection: Connection, claimed: Claim, years: Mapping[FiscalYear, Decimal]
) -> list[Finding]:
    """Years whose opening makes all of the difference: most often it lacks the result of the year before."""
    rows = _execute(
        connection,
        claimed,
        "opening_sums",
        firsts=[year.start for year in years],
        behinds=[year.end for year in years],
    )
    differences = {year.start: (year, total) for year, total in years.items()}
    return [
        Finding("opening_unbalanced", sentence("opening_alone", scope=scope_of(f"year {year}"), amount=total))
        for row in rows
        for year, total in [differences[row["year_start"]]]
        if total in {row["told"], row["first_day"]}
    ]


def check_bookings(
    connection: Connection,
    claimed: Claim,
    allowed: Allowances,
    told: Collection[str] | None,
    *,
    empty_before: bool,
    noted: bool,
) -> list[Finding]:
    """Bookings that do not balance: refused where the source vouches for them, else warnings.

    An import that may be unbalanced accepts them, and so does one in which nothing of them changed. `told`:
    those of a ledger that was empty before, where they are known; no others are looked at. `noted`: each line
    that was written or deleted is noted, so that all other bookings are as they were.
    """
    if empty_before and told is None:
        rows = _execute(connection, claimed, "unbalanced_bookings_of_ledger").fetchall()
    else:
        touched = {"told": list(told or ()), "whole": empty_before, "noted": noted}
        rows = _execute(connection, claimed, "unbalanced_bookings", **touched).fetchall()
    found = {f"booking {row['booking']}": row["balance"] for row in rows}
    if allowed.bookings_balance and found:
        accepted = _accepted(connection, claimed, "booking")
        news = unaccepted(found, accepted)
        if news and not allowed.allow_unbalanced:
            raise InconsistentData(Message("unbalanced_booking"), code="unbalanced_booking", findings=news)
        if news:
            _accept(connection, claimed, found)
    return [
        Finding(
            "unbalanced_booking",
            sentence(
                "booking_unbalanced", booking=row["booking"], day=row["booking_date"], amount=row["balance"]
            ),
            Severity.WARNING,
        )
        for row in rows
    ]


def _accepted(connection: Connection, claimed: Claim, kind: str) -> dict[str, Decimal]:
    rows = _execute(connection, claimed, "accepted_imbalances", kind=kind).fetchall()
    return {row["scope"]: row["amount"] for row in rows}


def _accept(connection: Connection, claimed: Claim, found: Mapping[str, Decimal]) -> None:
    for scope, amount in found.items():
        _execute(connection, claimed, "accept_imbalance", scope=scope, amount=amount)


def _execute(connection: Connection, claimed: Claim, name: str, **parameters: object) -> Cursor[DictRow]:
    common = {"entity_id": claimed.entity_id, "import_id": claimed.import_id}
    return database.run(connection, f"books/{name}", **(common | parameters))


def refuse_contradictions(connection: Connection) -> None:
    """Refuse a delivery that gives one key to different lines."""
    rows = database.run(connection, "books/contradicting_keys").fetchall()
    if rows:
        raise InconsistentData(
            Message("contradicting_keys"),
            code="contradicting_keys",
            findings=[
                Finding("contradicting_key", sentence("contradicting_key", key=row["external_id"]))
                for row in rows
            ],
        )


def refuse_unfit_lines(connection: Connection) -> None:
    """Refuse lines that the ledger cannot hold as they are: nothing is rounded or cut to fit."""
    rows = database.run(connection, "books/unfit_lines").fetchall()
    if rows:
        raise InconsistentData(
            Message("unfit_lines"),
            code="unfit_lines",
            findings=[
                Finding(
                    "unfit_line",
                    sentence("unfit_line", line=repr(row["external_id"]), problem=_problem_of(row)),
                )
                for row in rows
            ],
        )


def _problem_of(row: DictRow) -> Sentence:
    """What is wrong with a line of `unfit_lines.sql`."""
    if row["problem"] == "date_of_no_age":
        return sentence("date_of_no_age", date=row["booking_date"])
    if row["problem"] == "amount_unfit":
        return sentence("amount_unfit", amount=row["amount"])
    return sentence(row["problem"])


def refuse_unfit_dictionaries(
    connection: Connection, entity_id: int, accounts: Iterable[Account], axes: Iterable[AxisValue]
) -> None:
    """Refuse accounts and axis values, of the lists and of the lines, that are longer than fits."""
    told = [limits.of_account(account) for account in accounts]
    told += [limits.of_axis_value(value) for value in axes]
    findings = [Finding("too_long", found.message) for found in told if found]
    findings += [
        Finding(
            "too_long",
            sentence(
                "axis_value_too_long",
                axis=repr(row["axis"]),
                axis_length=row["axis_length"],
                code=repr(row["code"]),
                code_length=row["code_length"],
                longest_axis=limits.LONGEST_CODE,
                longest_code=limits.LONGEST_AXIS_CODE,
            ),
        )
        for row in database.run(connection, "books/unfit_axis_values", entity_id=entity_id)
    ]
    if findings:
        raise InconsistentData(
            Message("text_too_long"), code="text_too_long", findings=findings[:SHOWN_FINDINGS]
        )


def refuse_unfit_sums(connection: Connection, entity_id: int, months: Months) -> None:
    """Refuse a ledger whose debits or credits together are more than a balance can hold."""
    if months.largest_sum >= LARGEST_SUM:
        raise unfit_sums(connection, entity_id)


def unfit_sums(connection: Connection, entity_id: int) -> InconsistentData:
    """The refusal of such a ledger: the accounts and months with the largest sums."""
    return InconsistentData(
        Message("sum_too_large"),
        code="sum_too_large",
        findings=[
            Finding(
                "sum_out_of_range",
                sentence(
                    "sum_out_of_range",
                    account=row["account_code"],
                    month=Month.of(row["month"]),
                    debit=row["debit"],
                    credit=row["credit"],
                    limit=int(LARGEST_SUM),
                ),
            )
            for row in database.run(connection, "books/largest_sums", entity_id=entity_id)
        ],
    )


def refuse_implausible_span(balances: Mapping[Month, Decimal]) -> None:
    """Refuse a ledger that would span more than two generations: a year was mistyped."""
    if balances and min(balances).until(max(balances)) > LONGEST_LEDGER_IN_MONTHS:
        raise InconsistentData(
            Message("implausible_dates", {"first": min(balances), "last": max(balances)}),
            code="implausible_dates",
        )


def equal_rows(connection: Connection, entity_id: int) -> list[Finding]:
    """How many added rows equal rows that were there already."""
    row = database.run(connection, "books/equal_rows", entity_id=entity_id).fetchone()
    if not row or not row["equal_rows"]:
        return []
    return [Finding("equal_rows", sentence("equal_rows", count=row["equal_rows"]), Severity.WARNING)]
