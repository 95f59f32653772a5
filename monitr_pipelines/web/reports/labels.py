"""How periods are called above their columns."""

from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.reports.columns import MONTHS_IN_QUARTER, AxisValue, By, Column, Span
from monitr_pipelines.web.shell import i18n


def span_label(language: str, span: Span) -> str:
    """A period by its first and its last month."""
    first, last = i18n.month_in_short(language, span.first), i18n.month_in_short(language, span.last)
    return first if span.first == span.last else f"{first} \u2013 {last}"


def column_label(language: str, calendar: FiscalCalendar, column: Column) -> str:
    """What a column is: a month, a quarter with its number, the year up to a month, a year, a value."""
    if column.value is not None:
        return value_label(language, column.value)
    span = column.span
    match column.by:
        case By.YEAR_TO_DATE:
            return i18n.text(language, "reports.until", month=i18n.month_in_short(language, span.last))
        case By.QUARTER:
            number = calendar.year_of(span.last).first.until(span.last) // MONTHS_IN_QUARTER + 1
            return i18n.text(language, "reports.quarter", number=number, span=span_label(language, span))
    return span_label(language, span)


def value_label(language: str, value: AxisValue) -> str:
    """A value of an axis by its code and its name."""
    if value.value is None:
        return i18n.text(language, "reports.other_values")
    return f"{value.value} {value.name}".strip() or i18n.text(language, "reports.without_value")
