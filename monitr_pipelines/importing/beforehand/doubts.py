"""What the import of a file would ask, from what was seen of it and the ledger that it would meet.

In the order in which the import asks, so that the first question here is the first there.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from monitr_pipelines.files.reading.printed.codes import (
    ask_lost_zeros,
    ask_types,
    question_about_numbers,
)
from monitr_pipelines.files.reading.problems import NeedsAnswer
from monitr_pipelines.importing.beforehand.expected import Expected
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.importing.reading import chosen
from monitr_pipelines.importing.uploads.source import explain_years
from monitr_pipelines.ledger.beforehand.first_days import opens_in_words
from monitr_pipelines.ledger.beforehand.outlook import lines_by_month, together
from monitr_pipelines.ledger.beforehand.plausible import odd_months, other_year
from monitr_pipelines.ledger.guard import shrunken_months
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.records import Account
from monitr_pipelines.lifecycle.errors import ImportProblem, InconsistentData
from monitr_pipelines.lifecycle.messages import Answer, Message, Option
from monitr_pipelines.warehouse.books.doubts import (
    odd_dates,
    odd_line,
    other_fiscal_year,
)
from monitr_pipelines.warehouse.registry.entities import Entity


def doubt(
    entity: Entity,
    seen: Preview,
    accepted: Mapping[str, object],
    today: date,
    ledger: Expected,
) -> ImportProblem | None:
    """What the import would ask about a file, or refuse it for, unless that was accepted.

    A file that was not looked at to its end has only the question or the refusal that was met until then.
    """
    if seen.problem is not None:
        return _about_codes(seen.problem, ledger.accounts)
    if not seen.whole:
        return None
    return next(_doubts(entity, seen, accepted, today, ledger), None)


def _about_codes(problem: ImportProblem, stored: Mapping[str, Account]) -> ImportProblem:
    """A refusal of codes that became numbers is a question where the accounts that are known answer it."""
    if isinstance(problem, InconsistentData) and problem.code == "file_refused":
        return question_about_numbers(problem.findings, stored) or problem
    return problem


def _doubts(
    entity: Entity,
    seen: Preview,
    accepted: Mapping[str, object],
    today: date,
    ledger: Expected,
) -> Iterator[InconsistentData]:
    stated = seen.fiscal_year
    if stated is not None and not accepted.get("keep_calendar"):
        year = other_year(stated, (), stated.last, entity.calendar)
        if year is not None:
            yield other_fiscal_year(year, entity.calendar)
    try:
        if not chosen(entity, accepted).get(Option.CODE_DIGITS):
            ask_lost_zeros(seen.told, ledger.accounts)
        ask_types(seen.told, ledger.accounts)
    except NeedsAnswer as question:
        yield question
    if not seen.totals.cells:
        return
    if not accepted.get("allow_shrink"):
        yield from _shrunken(entity, seen, ledger)
    if not accepted.get("allow_dates"):
        yield from _odd_dates(seen, today, ledger)
    if not accepted.get("keep_calendar"):
        yield from _other_year(entity, seen, ledger)


def _shrunken(entity: Entity, seen: Preview, ledger: Expected) -> Iterator[InconsistentData]:
    left = ledger.left_by(seen)
    gone = lines_by_month({cell: total for cell, total in ledger.cells.items() if cell not in left})
    findings = shrunken_months(gone, lines_by_month(seen.totals.cells), entity.largest_loss)
    if findings:
        answers = (Answer(Option.ALLOW_SHRINK),)
        problem = InconsistentData(Message("shrunken", answers=answers), code="shrunken", findings=findings)
        yield explain_years(entity.calendar, seen.totals.months, problem) if seen.by_years else problem


def _odd_dates(seen: Preview, today: date, ledger: Expected) -> Iterator[InconsistentData]:
    after = lines_by_month(together(ledger.left_by(seen), seen.totals.cells))
    odd = odd_months(lines_by_month(ledger.cells), after, today)
    lines = [odd_line(*sample) for month in odd for sample in seen.totals.samples.get(month, ())]
    if lines:
        yield odd_dates(lines)


def _other_year(entity: Entity, seen: Preview, ledger: Expected) -> Iterator[InconsistentData]:
    """Openings within a fiscal year, as their source calls them or as the first lines of a ledger do."""
    before = {cell.month for cell in ledger.cells}
    after = {cell.month for cell in ledger.left_by(seen)} | set(seen.totals.months)
    openings = seen.totals.openings - ledger.openings
    openings |= _named_opening(min(after), before, seen, entity)
    year = other_year(None, openings, max(after), entity.calendar)
    if year is not None:
        yield other_fiscal_year(year, entity.calendar)


def _named_opening(first: Month, before: set[Month], seen: Preview, entity: Entity) -> set[Month]:
    """The month in which a ledger newly begins, where lines that call themselves its opening stand first."""
    if first in before or entity.calendar.year_of(first).first == first:
        return set()
    return {first} if opens_in_words(seen.totals.named.get(first, ())) else set()
