"""The ledger lines of an account, a page at a time."""

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from monitr_pipelines.reports.asking import UnknownAccount
from monitr_pipelines.reports.drill import Place, movements_of, transactions_of
from monitr_pipelines.web.api.answers import TRANSACTIONS, answers_of
from monitr_pipelines.web.api.contract import Account, Transaction, TransactionsAnswer, head_of
from monitr_pipelines.web.api.visits import REPORTS, AtEntity, First, Last, Visit
from monitr_pipelines.web.shell.rejected import Rejected

LONGEST_KEY = 2000

router = APIRouter()


@router.get(
    f"{REPORTS}/{{entity}}/transactions",
    response_model=TransactionsAnswer,
    summary="Ledger lines of an account",
    responses=answers_of(TRANSACTIONS, 404),
)
def transactions(
    visit: AtEntity,
    account: Annotated[
        str, Query(description="The account's code.", max_length=LONGEST_KEY, examples=["700000"])
    ],
    first: First = None,
    last: Last = None,
    after: Annotated[
        str | None,
        Query(
            pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}/",
            max_length=LONGEST_KEY,
            description="The line that the page before ended with; part of its `next`.",
            examples=["2026-02-05/V202602.1"],
        ),
    ] = None,
) -> Response:
    """The lines that reports count in a period, by day, 500 a page; debit positive.

    Lines that came in after the figures stand among them, and say so.
    """
    asked = visit.months(first, last)
    place = _place(after)

    def make() -> TransactionsAnswer:
        movements = movements_of(visit.connection, visit.standing, account, asked.span)
        if movements is None:
            raise UnknownAccount(f"The books of {visit.standing.key} have no account {account!r}.")
        found = transactions_of(visit.connection, visit.standing, account, asked.span, place)
        return TransactionsAnswer(
            **head_of(asked),
            account=Account.of(account, movements),
            transactions=[Transaction.of(row) for row in found.rows],
            next=_next(visit, account, first, last, found.next),
        )

    return visit.answer(asked, account, after, make=make)


def _place(after: str | None) -> Place | None:
    if after is None:
        return None
    day, _, key = after.partition("/")
    try:
        date.fromisoformat(day)
    except ValueError:
        raise Rejected(422, "invalid", "after: This is no line that a page ended with.") from None
    return Place(day, key)


def _next(visit: Visit, account: str, first: str | None, last: str | None, place: Place | None) -> str | None:
    if place is None:
        return None
    given = {"account": account, "from": first, "to": last, "after": f"{place.sort}/{place.key}"}
    return f"{visit.request.url.path}?{urlencode({name: value for name, value in given.items() if value})}"
