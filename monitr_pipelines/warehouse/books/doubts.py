"""Questions about a ledger file that only people can answer, asked before its transaction commits."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice

from monitr_pipelines.ledger.beforehand.first_days import opens_in_words
from monitr_pipelines.ledger.beforehand.plausible import calendar_with, odd_months, other_year
from monitr_pipelines.ledger.findings import Finding, Severity
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.sentences import Sentence, sentence
from monitr_pipelines.ledger.turns.lines import Balances, TurnLine
from monitr_pipelines.ledger.turns.repeats import repeated_opening
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Answer, Message, Option, Setting
from monitr_pipelines.warehouse.books.checks import Months
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

NAMED = 3
MOST_OF_OPENING = 20_000


def named_openings(
    connection: Connection, entity_id: int, before: Months, after: Months, calendar: FiscalCalendar
) -> frozenset[Month]:
    """The month in which a ledger newly begins, where lines that call themselves its opening stand first.

    They are balances where they add up to zero. In any later month they may open something else.
    """
    first = min(after.lines, default=None)
    if first is None or first in before.lines or calendar.year_of(first).first == first:
        return frozenset()
    opens = opens_in_words(_lines_of_day(connection, entity_id, first.first_day))
    return frozenset({first} if opens else ())


def repeated_openings(
    connection: Connection, entity_id: int, months: Iterable[Month], calendar: FiscalCalendar
) -> Iterator[Finding]:
    """Openings of years that begin in `months` and stand twice: once more in lines of the first day."""
    for month in sorted(months):
        day = month.first_day
        if calendar.year_of(month).first != month:
            continue
        opened = database.run(connection, "books/opened_accounts", entity_id=entity_id, month=day)
        balances = {row["account_code"]: row["amount"] for row in opened}
        yield from opening_stated_again(day, _lines_of_day(connection, entity_id, day), balances)


def opening_stated_again(day: date, lines: Sequence[TurnLine], opened: Balances) -> Iterator[Finding]:
    """That lines of a first day repeat the opening of its year, and are left out of the figures."""
    again = repeated_opening(lines, opened)
    if again:
        told = sentence("opening_stated_again", count=len(again), day=day)
        yield Finding("opening_stated_again", told, Severity.WARNING)


def _lines_of_day(connection: Connection, entity_id: int, day: date) -> list[TurnLine]:
    """The lines of a first day that the source calls no opening, as many as any opening has."""
    days = {"days": [day], "most": MOST_OF_OPENING}
    rows = database.run(connection, "books/first_day_lines", entity_id=entity_id, **days)
    return [TurnLine(*row.values()) for row in rows]


def refuse_odd_dates(
    connection: Connection, entity_id: int, allowed: Allowances, before: Months, after: Months
) -> None:
    """Ask about lines more than a year from now, or years from all others."""
    if allowed.today is None or allowed.allow_dates:
        return
    months = odd_months(before.lines, after.lines, allowed.today)
    if not months:
        return
    days = [month.first_day for month in months]
    rows = database.run(connection, "books/lines_of_months", entity_id=entity_id, months=days).fetchall()
    raise odd_dates(
        [
            sentence(
                "odd_date",
                day=row["booking_date"],
                account=row["account_code"],
                amount=row["amount"],
                description=row["description"],
            )
            for row in rows
        ]
    )


def refuse_other_year(
    before: Collection[Month], openings: Collection[Month], last: Month, allowed: Allowances
) -> None:
    """Ask about opening entries within a fiscal year: the calendar has another year there."""
    if allowed.today is None or allowed.keep_calendar:
        return
    year = other_year(None, set(openings) - set(before), last, allowed.calendar)
    if year is not None:
        raise other_fiscal_year(year, allowed.calendar)


def odd_line(line: LedgerLine, at_line: int | None = None) -> Sentence:
    """A line as the question about its date names it, with where it stands in the file if that is known."""
    told = sentence(
        "odd_date",
        day=line.booking_date,
        account=line.account_code,
        amount=line.amount,
        description=line.description or line.booking or "",
    )
    return told if at_line is None else sentence("at_line", line=str(at_line), what=told)


def odd_dates(lines: Sequence[Sentence]) -> InconsistentData:
    """The question about dates."""
    named = _joined(list(islice(lines, NAMED)))
    return InconsistentData(
        Message("odd_dates", {"bookings": named}, answers=(Answer(Option.ALLOW_DATES),)),
        code="odd_dates",
        findings=[Finding("odd_date", line) for line in lines],
    )


def _joined(lines: Sequence[Sentence]) -> Sentence:
    first, *others = lines
    return sentence("and_then", first=first, then=_joined(others)) if others else first


def other_fiscal_year(year: FiscalYear, calendar: FiscalCalendar) -> InconsistentData:
    """The question about the fiscal year of a file, with the settings that would follow it."""
    by_calendar = calendar.year_of(year.first)
    start = Answer(Setting.FISCAL_YEAR_START, (year.first.month,))
    exception = Answer(Setting.FISCAL_YEARS, (calendar_with(calendar, year),))
    is_whole = year.first.plus(11) == year.last
    settings = (start, exception) if is_whole or year.first.until(year.last) < 11 else (exception, start)
    return InconsistentData(
        Message(
            "other_fiscal_year",
            {"first": year.first, "last": year.last, "year": str(by_calendar)},
            answers=(*settings, Answer(Option.KEEP_CALENDAR)),
        ),
        code="other_fiscal_year",
    )
