"""Statements of report lines, one route a kind, and the trial balance."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response

from monitr_pipelines.reports.axis import read_profit_by_values, values_of
from monitr_pipelines.reports.columns import By, columns_of
from monitr_pipelines.reports.statement import Kind, read_statement
from monitr_pipelines.reports.trial_balance import read_trial_balance
from monitr_pipelines.reports.words import Language
from monitr_pipelines.web.api.answers import STATEMENT, TRIAL_BALANCE, answers_of
from monitr_pipelines.web.api.contract import StatementAnswer, TrialBalanceAnswer
from monitr_pipelines.web.api.visits import REPORTS, AtEntity, First, Last, Names
from monitr_pipelines.web.shell.rejected import Rejected

# Of a few hundred lines, they are a megabyte.
MOST_COLUMNS = 60
SIGNS: Mapping[str, str] = {
    Kind.PROFIT_AND_LOSS: "Revenue is positive, costs are negative.",
    Kind.BALANCE_SHEET: "At the end of each period: what is owned is positive, equity and debts negative.",
    Kind.CASH_FLOW: "What comes in is positive; cash before and after are lines of their own.",
}

router = APIRouter()
Axis = Annotated[
    str | None,
    Query(
        description="A column for each value of this analytical axis, in the place of periods: the first "
        f"{MOST_COLUMNS - 1} by code, and the others together.",
        min_length=1,
        max_length=200,
        examples=["cost"],
    ),
]
Periods = Annotated[By, Query(description="What a column is; quarters are those of the fiscal year.")]


def _reader_of(kind: Kind) -> Callable[..., Response]:
    def read(
        visit: AtEntity,
        first: First = None,
        last: Last = None,
        by: Periods = By.MONTH,
        language: Names = Language.EN,
    ) -> Response:
        asked = visit.months(first, last)
        _require_few(len(columns_of(visit.standing.calendar, asked.span, by)))

        def make() -> StatementAnswer:
            found = read_statement(
                visit.connection, visit.standing, asked.published, kind, period=asked.span, by=by
            )
            return StatementAnswer.of(asked, found, language)

        return visit.answer(asked, by, language, make=make)

    return read


def _profit_and_loss(
    *,
    visit: AtEntity,
    first: First = None,
    last: Last = None,
    by: Periods = By.MONTH,
    axis: Axis = None,
    language: Names = Language.EN,
) -> Response:
    if axis is None:
        return _reader_of(Kind.PROFIT_AND_LOSS)(visit, first, last, by, language)
    asked = visit.months(first, last)
    values = values_of(visit.connection, visit.standing, axis, MOST_COLUMNS - 1)

    def make() -> StatementAnswer:
        found = read_profit_by_values(
            visit.connection, visit.standing, asked.published, values, period=asked.span
        )
        return StatementAnswer.of(asked, found, language)

    return visit.answer(asked, axis, values, language, make=make)


def _require_few(columns: int) -> None:
    if columns > MOST_COLUMNS:
        told = (
            f"That is {columns} columns, of {MOST_COLUMNS} at the most: ask for fewer months, or by quarter."
        )
        raise Rejected(422, "too_many_columns", told)


for _kind in Kind:
    router.add_api_route(
        f"{REPORTS}/{{entity}}/{_kind.replace('_', '-')}",
        _profit_and_loss if _kind is Kind.PROFIT_AND_LOSS else _reader_of(_kind),
        methods=["GET"],
        response_model=StatementAnswer,
        summary=_kind.replace("_", " ").capitalize(),
        description=f"A statement over a period, beside the year before. {SIGNS.get(_kind, '')}".strip(),
        responses=answers_of(STATEMENT, 404),
    )


@router.get(
    f"{REPORTS}/{{entity}}/trial-balance",
    response_model=TrialBalanceAnswer,
    summary="Trial balance",
    responses=answers_of(TRIAL_BALANCE, 404),
)
def trial_balance(
    visit: AtEntity, first: First = None, last: Last = None, language: Names = Language.EN
) -> Response:
    """Every account with what it had, what moved it, and what it has; debit positive."""
    asked = visit.months(first, last)

    def make() -> TrialBalanceAnswer:
        found = read_trial_balance(visit.connection, visit.standing, asked.span)
        return TrialBalanceAnswer.of(asked, found, language)

    return visit.answer(asked, language, make=make)
