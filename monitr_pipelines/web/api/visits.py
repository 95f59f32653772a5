"""What these routes begin with: the token's organisation, an entity of its, and what is answered anew."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.reports.asking import Asked, find, months_of
from monitr_pipelines.reports.standing import Standing
from monitr_pipelines.reports.words import Language
from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell.problems import API
from monitr_pipelines.web.shell.rejected import Rejected
from monitr_pipelines.web.shell.shares import Shares

# Changes where what is answered of the same figures does.
FORM = "1"
REPORTS = f"{API}/reports"
MONTH = "^[1-9][0-9]{3}-(0[1-9]|1[0-2])$"

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of the organisation, of any role: `monitr token create --org ORG --role reader`.",
)
First = Annotated[
    str | None,
    Query(
        alias="from",
        pattern=MONTH,
        description="The first month; by default that of the fiscal year of the last one.",
        examples=["2026-01"],
    ),
]
Last = Annotated[
    str | None,
    Query(
        alias="to",
        pattern=MONTH,
        description="The last month; by default that of the books.",
        examples=["2026-03"],
    ),
]
Names = Annotated[Language, Query(description="The language of names.")]
Key = Annotated[
    str, Path(description="The entity's key.", pattern="^[!-~]+$", max_length=200, examples=["1042-bakkerij"])
]


async def program(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
) -> AsyncIterator[int]:
    """The organisation of a request's token, once it has a place; `scope="function"`, to leave it."""
    if given is None:
        raise Rejected(401, "token_missing", "Send the header authorization: Bearer TOKEN.")
    organisation_id = await run_in_threadpool(_organisation_of, given.credentials)
    if organisation_id is None:
        # The same for a token that is unknown, that was revoked and that is a link.
        raise Rejected(401, "token_wrong", "This is no valid token.")
    shares: Shares = request.app.state.shares
    async with shares.place(organisation_id):
        yield organisation_id


def _organisation_of(token: str) -> int | None:
    with tenancy.as_nobody() as connection:
        return access_tokens.organisation_of(connection, token)


Program = Annotated[int, Depends(program, scope="function")]


@dataclass(frozen=True)
class Visit:
    """A program at an entity of its organisation; all that is read is of one moment."""

    request: Request
    standing: Standing
    connection: Connection

    def months(self, first: str | None, last: str | None) -> Asked:
        """The months that are asked for; raises NoReport."""
        return months_of(self.standing, _month(first), _month(last))

    def answer(self, asked: Asked, *parts: object, make: Callable[[], BaseModel]) -> Response:
        """What `make` makes, or 304 where whoever asks has it already: nothing is read then but its tag.

        `parts`: what of the request the answer depends on, besides its address and the months.
        """
        standing, published = asked.standing, asked.published
        edition = database.run(
            self.connection,
            "statements/edition",
            entity_id=standing.entity_id,
            structure_id=published.structure_id,
        ).fetchone()
        facts = (standing, asked.span, asked.is_clipped, sorted((edition or {}).items()), parts)
        return answer(self.request, tag_of(self.request, facts), make)


def at_entity(request: Request, organisation_id: Program, entity: Key) -> Iterator[Visit]:
    """Raises UnknownEntity for an entity of someone else."""
    with tenancy.as_tenant(organisation_id, of_one_moment=True) as connection:
        yield Visit(request, find(connection, entity), connection)


AtEntity = Annotated[Visit, Depends(at_entity, scope="function")]


def tag_of(request: Request, facts: object) -> str:
    """The ETag of an answer that depends on its address and some facts alone."""
    text = repr((FORM, request.url.path, facts))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def answer(request: Request, tag: str, make: Callable[[], BaseModel]) -> Response:
    """An answer with its ETag, which is asked for again each time, or 304."""
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "authorization"}
    if is_known(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    body = make().model_dump_json(by_alias=True)
    return Response(body, media_type="application/json", headers=headers)


def is_known(given: str | None, tag: str) -> bool:
    """Whether `If-None-Match` names a tag, or any; weak tags are as good (RFC 9110)."""
    tags = [each.strip().removeprefix("W/") for each in (given or "").split(",")]
    return tag in tags or tags == ["*"]


def _month(text: str | None) -> Month | None:
    return Month.parse(text) if text else None
