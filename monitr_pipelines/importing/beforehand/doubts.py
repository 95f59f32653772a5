"""What the import of a file would ask, from what was seen of it and the ledger that it would meet."""

from collections.abc import Mapping
from datetime import date

from monitr_pipelines.importing.beforehand.expected import Expected
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.importing.uploads.source import explain_years
from monitr_pipelines.ledger.beforehand.outlook import lines_by_month, together
from monitr_pipelines.ledger.beforehand.plausible import odd_months, other_year
from monitr_pipelines.ledger.guard import shrunken_months
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Answer, Message, Option
from monitr_pipelines.warehouse.books.doubts import odd_dates, odd_line, other_fiscal_year
from monitr_pipelines.warehouse.registry.entities import Entity


def doubt(
    entity: Entity, seen: Preview, accepted: Mapping[str, object], today: date, ledger: Expected
) -> InconsistentData | None:
    """What the import would ask about a file that was looked at to its end, unless that was accepted."""
    file = seen.totals
    if not (seen.whole and file.cells):
        return None
    if not accepted.get("keep_calendar"):
        year = other_year(seen.fiscal_year, file.openings, file.months[-1], entity.calendar)
        if year is not None:
            return other_fiscal_year(year, entity.calendar)
    stored, left = ledger.cells, ledger.left_by(seen)
    if not accepted.get("allow_shrink"):
        gone = lines_by_month({cell: total for cell, total in stored.items() if cell not in left})
        findings = shrunken_months(gone, lines_by_month(file.cells), entity.largest_loss)
        if findings:
            answers = (Answer(Option.ALLOW_SHRINK),)
            problem = InconsistentData(
                Message("shrunken", answers=answers), code="shrunken", findings=findings
            )
            return explain_years(entity.calendar, file.months, problem) if seen.by_years else problem
    if not accepted.get("allow_dates"):
        after = lines_by_month(together(left, file.cells))
        odd = odd_months(lines_by_month(stored), after, today)
        lines = [odd_line(line) for month in odd for line in file.samples.get(month, ())]
        if lines:
            return odd_dates(lines)
    return None
