"""Reports as pandas DataFrames, for analysts: `from monitr_pipelines.reports import frames`.

Every frame is tidy: one row an observation, and the columns that stand below, in this order and of these
dtypes, also where there is no row. Amounts are `Decimal` in a column of dtype object, in the entity's
currency, exact: no binary fraction is anywhere between them and the books. Months are pandas Periods.

`frame.attrs` tells whose figures they are: `entity`, `name`, `currency`; `import` and `published_at` of the
import that published them; `structure`, the reporting structure; `newer_lines`, whether lines came in since
that are in no figure; `first` and `last`, the months of the frame; `books_first` and `books_last`, those of
the books; and `remark`: None, or what is to be said of months that the books do not have. Such months are
left out, with a `PeriodClipped` warning.

Each call reads in a transaction of its own, in which nothing can be written (`reports/reading.py`). Two
frames whose `import` is the same are of the same figures. What cannot be read is told by a `NoReport` of
`reports/asking.py`: an unknown entity or account, an entity without figures, a period outside the books.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from pandas import DataFrame, Period, Series

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.reports.asking import Asked, UnknownAccount, WrongPeriod, find, months_of
from monitr_pipelines.reports.axis import MOST_VALUES, read_line_by_value, values_of
from monitr_pipelines.reports.columns import By
from monitr_pipelines.reports.drill import movements_of, transactions_of
from monitr_pipelines.reports.reading import reading
from monitr_pipelines.reports.statement import Kind, Statement, read_statement
from monitr_pipelines.reports.trial_balance import AMOUNTS, RESULT_CARRIED_FORWARD, read_trial_balance
from monitr_pipelines.reports.words import CARRIED_FORWARD, Language
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

AMonth = str | Period | date
"""A month: `"2026-01"`, a pandas Period of a month, or any day of it."""

AMOUNT = "object"
MONTH = "period[M]"
ENTITY_COLUMNS = {"key": "str", "name": "str", "currency": "str", "first": MONTH, "last": MONTH}
STATEMENT_COLUMNS = {
    "line": "str",
    "parent": "str",
    "level": "int64",
    "role": "str",
    "name": "str",
    "first": MONTH,
    "last": MONTH,
    "amount": AMOUNT,
    "year_before": AMOUNT,
}
VALUE_COLUMNS = {
    "value": "str",
    "name": "str",
    "first": MONTH,
    "last": MONTH,
    "amount": AMOUNT,
    "year_before": AMOUNT,
}
BALANCE_COLUMNS = {"account": "str", "name": "str", **dict.fromkeys(AMOUNTS, AMOUNT)}
LINE_COLUMNS = {
    "external_id": "str",
    "booking_date": "datetime64[us]",
    "account_code": "str",
    "account_name": "str",
    "amount": AMOUNT,
    "booking": "str",
    "line_number": "str",
    "journal": "str",
    "document_number": "str",
    "relation": "str",
    "description": "str",
    "foreign_amount": AMOUNT,
    "foreign_currency": "str",
    "axis_values": "object",
    "role": "str",
    "reported": "bool",
}
ALL_ENTITIES = 1_000_000
LINES_AT_ONCE = 20_000


class PeriodClipped(UserWarning):
    """Months were asked for that the books do not have; the frame has the others."""


def entities() -> DataFrame:
    """Every entity, by name: its key, and the months that its figures run over; NaT where there are none."""
    with reading() as connection:
        rows = database.run(
            connection, "statements/entities", search="", after="", most=ALL_ENTITIES
        ).fetchall()
    made = [
        row | {end: row[end] and _period(Month.of(row[end])) for end in ("first", "last")} for row in rows
    ]
    return _frame(ENTITY_COLUMNS, made)


def profit_and_loss(
    entity: str,
    from_: AMonth | None = None,
    to: AMonth | None = None,
    by: str = By.MONTH,
    language: str = Language.EN,
) -> DataFrame:
    """Profit and loss as `statement` gives it: revenue is positive, costs are negative."""
    return _told(*_statement(entity, Kind.PROFIT_AND_LOSS, from_, to, by, language))


def balance_sheet(
    entity: str,
    from_: AMonth | None = None,
    to: AMonth | None = None,
    by: str = By.MONTH,
    language: str = Language.EN,
) -> DataFrame:
    """The balance sheet at the end of each period: what is owned is positive, equity and debts negative."""
    return _told(*_statement(entity, Kind.BALANCE_SHEET, from_, to, by, language))


def cash_flow(
    entity: str,
    from_: AMonth | None = None,
    to: AMonth | None = None,
    by: str = By.MONTH,
    language: str = Language.EN,
) -> DataFrame:
    """The cash flow statement: what comes in is positive; cash before and after are lines of their own."""
    return _told(*_statement(entity, Kind.CASH_FLOW, from_, to, by, language))


def statement(
    entity: str,
    kind: str,
    from_: AMonth | None = None,
    to: AMonth | None = None,
    *,
    by: str = By.MONTH,
    language: str = Language.EN,
) -> DataFrame:
    """A statement of report lines, one row a line and period; lines without figures are left out.

    Args:
        entity: The entity's key.
        kind: Which statement, a `Kind`: `"profit_and_loss"`, `"balance_sheet"`, `"cash_flow"`.
        from_: The first month; by default that of the fiscal year of the last one.
        to: The last month; by default that of the books.
        by: What a period is: `"month"`, `"quarter"` (of the fiscal year), `"year-to-date"`, `"fiscal-year"`.
        language: Of the names of lines: `"en"`, `"nl"` or `"fr"`.

    Returns:
        The columns `STATEMENT_COLUMNS`: the line, the line that it is part of (`parent`), its depth (`level`,
        0 at the top), its `role` in the structure, its `name`; the months of the period, from `first` to
        `last`; its `amount`, and that of the same period a year before: None where the books do not reach
        back over all of it. Subtotals are rows too: add up lines of one level, never all of them.
    """
    return _told(*_statement(entity, Kind(kind), from_, to, by, language))


def line_by_value(
    entity: str,
    line: str,
    axis: str,
    from_: AMonth | None = None,
    to: AMonth | None = None,
    *,
    by: str = By.MONTH,
) -> DataFrame:
    """What moved a line, a subtotal too, by the values of an analytical axis: one row a value and period.

    Raises:
        UnknownAxis: No figures have a value of the axis.

    Returns:
        The columns `VALUE_COLUMNS`: the `value`, empty for what has none, and its `name`; the months of the
        period; the `amount`, of a line of the balance sheet what was booked in it, debit positive; and that
        of the same period a year before. A line that nothing moved has no row.
    """
    with reading() as connection:
        asked = _asked(connection, entity, from_, to)
        values_of(connection, asked.standing, axis, MOST_VALUES)
        columns, found = read_line_by_value(
            connection, asked.standing, asked.published, line, axis, period=asked.span, by=By(by)
        )
    rows = [
        {
            "value": each.value.value,
            "name": each.value.name,
            "first": _period(column.span.first),
            "last": _period(column.span.last),
            "amount": cell.amount,
            "year_before": cell.before,
        }
        for each in found
        for column, cell in zip(columns, each.cells, strict=True)
    ]
    return _told(_frame(VALUE_COLUMNS, rows), asked)


def trial_balance(
    entity: str,
    from_: AMonth | None = None,
    to: AMonth | None = None,
    language: str = Language.EN,
) -> DataFrame:
    """The trial balance of a period, one row an account with anything but zero; debit positive.

    Returns:
        The columns `BALANCE_COLUMNS`: account and name, `opening`, `debit`, `credit`, `closing` = opening +
        debit - credit, and `after_closing`: with what closes the fiscal year that ends with the period. The
        account `(result)` is none of the books: results of earlier years that no entry carried over.
    """
    carried = CARRIED_FORWARD[Language(language)]
    with reading() as connection:
        asked = _asked(connection, entity, from_, to)
        found = read_trial_balance(connection, asked.standing, asked.span)
    rows = [
        {**vars(each), "name": carried if each.account == RESULT_CARRIED_FORWARD else each.name}
        for each in found.balances
    ]
    return _told(_frame(BALANCE_COLUMNS, rows), asked)


def transactions(
    entity: str, account: str, from_: AMonth | None = None, to: AMonth | None = None
) -> DataFrame:
    """The ledger lines of an account in a period, by day; amounts are debit positive.

    Returns:
        The columns `LINE_COLUMNS`: `external_id` is the line's key in the books, `booking` what lines of one
        journal entry share, `axis_values` a dict of axis and value or None, `role` what makes a line no
        movement (it opens or closes a year), `reported` whether the line is in the published figures.
    """
    with reading() as connection:
        asked = _asked(connection, entity, from_, to)
        if movements_of(connection, asked.standing, account, asked.span) is None:
            raise UnknownAccount(f"The books of {entity} have no account {account!r}.")
        rows = list(_lines(connection, asked, account))
    return _told(_frame(LINE_COLUMNS, rows), asked)


def _statement(  # noqa: PLR0917 - what those that are called by people take
    entity: str, kind: Kind, from_: AMonth | None, to: AMonth | None, by: str, language: str
) -> tuple[DataFrame, Asked]:
    names, periods = Language(language), By(by)
    with reading() as connection:
        asked = _asked(connection, entity, from_, to)
        found = read_statement(
            connection, asked.standing, asked.published, kind, period=asked.span, by=periods
        )
    return _frame(STATEMENT_COLUMNS, list(_rows(found, names))), asked


def _lines(connection: Connection, asked: Asked, account: str) -> Iterator[Mapping[str, Any]]:
    page = transactions_of(connection, asked.standing, account, asked.span, size=LINES_AT_ONCE)
    yield from page.rows
    while page.next is not None:
        page = transactions_of(connection, asked.standing, account, asked.span, page.next, size=LINES_AT_ONCE)
        yield from page.rows


def _rows(found: Statement, language: Language) -> Iterator[Mapping[str, Any]]:
    for row in found.rows:
        for column, cell in zip(found.columns, row.cells, strict=True):
            yield {
                "line": row.line,
                "parent": row.parent,
                "level": row.level,
                "role": row.role,
                "name": row.names[language],
                "first": _period(column.span.first),
                "last": _period(column.span.last),
                "amount": cell.amount,
                "year_before": cell.before,
            }


def _asked(connection: Connection, entity: str, from_: AMonth | None, to: AMonth | None) -> Asked:
    return months_of(find(connection, entity), _month(from_), _month(to))


def _month(given: AMonth | None) -> Month | None:
    if given is None:
        return None
    if isinstance(given, date):
        return Month.of(given)
    try:
        return Month.parse(str(given))
    except ValueError as error:
        raise WrongPeriod(str(error)) from None


@lru_cache(maxsize=4096)
def _period(month: Month) -> Period:
    return Period(year=month.year, month=month.month, freq="M")


def _frame(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """A frame whose columns have their dtypes, with rows or without."""
    return DataFrame(
        {name: Series([row[name] for row in rows], dtype=dtype) for name, dtype in columns.items()}
    )


def _told(frame: DataFrame, asked: Asked) -> DataFrame:
    """The frame with what there is to know of it; a warning where the books do not have all months."""
    standing, published = asked.standing, asked.published
    frame.attrs = {
        "entity": standing.key,
        "name": standing.name,
        "currency": standing.currency,
        "import": published.import_id,
        "published_at": published.at,
        "structure": published.structure,
        "newer_lines": published.newer,
        "first": str(asked.span.first),
        "last": str(asked.span.last),
        "books_first": str(published.first),
        "books_last": str(published.last),
        "remark": asked.remark,
    }
    if asked.remark:
        # At the line of whoever asked for the report.
        warnings.warn(asked.remark, PeriodClipped, stacklevel=3)
    return frame
