"""How a table writes its dates and amounts: as the user says, or as the whole file shows."""

from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from monitr_pipelines.files.reading.amounts import AmountEvidence, given_decimal, given_thousands
from monitr_pipelines.files.reading.contract import ReadSettings
from monitr_pipelines.files.reading.dates import DateEvidence, DateFormat, given_format
from monitr_pipelines.files.reading.problems import Question, QuietProblems, ask
from monitr_pipelines.files.reading.records import RecordSource, fit
from monitr_pipelines.files.tables.layout import Layout
from monitr_pipelines.files.tables.typed import DateCells, TypedNumber
from monitr_pipelines.lifecycle.messages import Answer, Option

AMOUNTS = ("amount", "debit", "credit", "foreign_amount")


@dataclass(frozen=True)
class Marks:
    """How the file writes dates and amounts."""

    dates: DateFormat
    decimal: str
    thousands: str | None
    decimal_how: str
    thousands_how: str
    cells: DateCells | None = None


def find_marks(source: RecordSource, layout: Layout, settings: ReadSettings, *, typed: bool = False) -> Marks:
    """The options where given, otherwise what the file shows; questions where it shows nothing.

    With `typed`, cells have types, and the marks are those of the cells of text.
    """
    dates, amounts = DateEvidence(), AmountEvidence()
    given_date = given_format(settings.date_format) if settings.date_format else None
    decimal = given_decimal(settings.decimal) if settings.decimal else None
    thousands = given_thousands(settings.thousands) if settings.thousands is not None else None
    if decimal is None and thousands and thousands in ".,":
        decimal = "," if thousands == "." else "."
    if thousands and thousands == decimal:
        ask(Question("same_mark", {}, Answer(Option.DECIMAL), Answer(Option.THOUSANDS)))
    cells = DateCells(settings.date_cells) if typed else None
    if typed:
        amounts.how = "not needed: numbers are exact, and no amount in text tells"
    texts = (None if given_date else dates, None if decimal else amounts)
    _gather(source, layout, *texts, cells=cells, most_rows=settings.most_rows)
    date_format = given_date or dates.conclude(layout.date_notation)
    question = None if decimal else amounts.question()
    turned = cells.question() if cells else None
    questions = [asked for asked in (date_format, turned, question) if isinstance(asked, Question)]
    if isinstance(date_format, Question) or questions:
        ask(*questions)
    found = decimal or amounts.decimal or "."
    if thousands == found:
        thousands = None
    return Marks(
        dates=date_format,
        decimal=found,
        thousands=thousands,
        decimal_how="given" if decimal else amounts.how,
        thousands_how=_thousands_told(thousands, amounts),
        cells=cells,
    )


def _thousands_told(given: str | None, amounts: AmountEvidence) -> str:
    if given is not None:
        return f"{given or 'none'} (given)"
    if amounts.thousands:
        return f"{amounts.thousands} ({amounts.how})"
    return "any blank, apostrophe, point or comma that is not the decimal mark, in groups of three"


def _gather(
    source: RecordSource,
    layout: Layout,
    dates: DateEvidence | None,
    amounts: AmountEvidence | None,
    *,
    cells: DateCells | None,
    most_rows: int | None,
) -> None:
    """Look through the file until it has told enough; of typed cells, the last may tell another thing."""
    date_place = layout.places["date"]
    amount_places = [layout.places[name] for name in AMOUNTS if name in layout.places]
    width = len(layout.headers)
    problems = QuietProblems()
    with closing(source.records(problems)) as records:
        next(records, None)
        for line, record in islice(records, most_rows):
            if len(record) != width and not fit(record, layout.headers):
                continue
            where = f"{line} ({problems.sheet})" if problems.sheet else line
            is_text = cells is None or not cells.take(record[date_place], where)
            if dates is not None and is_text:
                dates.add(record[date_place], where)
            if amounts is not None:
                for place in amount_places:
                    if not isinstance(record[place], TypedNumber):
                        amounts.add(record[place], where)
            if cells is None and (dates is None or dates.found) and (amounts is None or amounts.decimal):
                return
