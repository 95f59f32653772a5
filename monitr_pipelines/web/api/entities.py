"""The entities whose reports can be read."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.web.api.answers import ENTITIES, answers_of
from monitr_pipelines.web.api.contract import Entities, ListedEntity, Months
from monitr_pipelines.web.api.visits import REPORTS, Program, answer, tag_of

PAGE_SIZE = 200

router = APIRouter()


@router.get(
    REPORTS, response_model=Entities, summary="Entities and their books", responses=answers_of(ENTITIES)
)
def entities(
    request: Request,
    organisation_id: Program,
    after: Annotated[
        str,
        Query(
            pattern="^[!-~]*$",
            max_length=200,
            description="The entity that the page before ended with; part of its `next`.",
        ),
    ] = "",
) -> Response:
    """The entities of the organisation, 200 a page, by name."""
    with tenancy.as_tenant(organisation_id, of_one_moment=True) as connection:
        rows = database.run(
            connection, "statements/entities", search="", after=after, most=PAGE_SIZE + 1
        ).fetchall()
    listed = [
        ListedEntity(
            key=row["key"],
            name=row["name"],
            currency=row["currency"],
            books=_books(row["first"], row["last"]),
        )
        for row in rows[:PAGE_SIZE]
    ]
    following = f"{REPORTS}?after={listed[-1].key}" if len(rows) > PAGE_SIZE else None
    made = Entities(entities=listed, next=following)
    return answer(request, tag_of(request, made), lambda: made)


def _books(first: date | None, last: date | None) -> Months | None:
    return Months.of(Month.of(first), Month.of(last)) if first and last else None
