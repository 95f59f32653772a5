"""The stream of server-sent events that keeps an open page up to date."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from monitr_pipelines.web.entities.live import Exchange
from monitr_pipelines.web.entities.pages import SignedIn
from monitr_pipelines.web.shell import sessions
from monitr_pipelines.web.shell.headers import HEADERS
from monitr_pipelines.web.shell.page_route import PageRoute

# A silent stream says so this often, and this often it is looked up whether its session still lives.
PING_SECONDS = 10
RECONNECT = "retry: 1000\n\n"
PING = ": still here\n\n"
REFRESH = "event: refresh\ndata: all\n\n"
SIGNED_OUT = "event: signed-out\ndata: end\n\n"

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/entities/events")
async def events(request: Request, visitor: SignedIn) -> Response:
    """Ids of entities that changed, as they do; `refresh` where too much did; ends with the session."""
    exchange: Exchange = request.app.state.exchange
    session = sessions.secret_of(request) or ""
    if not exchange.has_room(session):
        raise HTTPException(429)
    told = _told(exchange, visitor.organisation_id, session)
    headers = {**HEADERS, "cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


async def _told(exchange: Exchange, organisation_id: int, session: str) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    async with exchange.stream(organisation_id, session) as stream:
        yield RECONNECT
        look_again = clock() + PING_SECONDS
        while not stream.ended:
            try:
                await asyncio.wait_for(stream.changed.wait(), max(0, look_again - clock()))
            except TimeoutError:
                if await run_in_threadpool(_is_over, session):
                    yield SIGNED_OUT
                    return
                look_again = clock() + PING_SECONDS
                yield PING
            else:
                yield _messages(stream.take())


def _is_over(session: str) -> bool:
    """Whether the session ended; while the database does not answer, nobody knows."""
    try:
        return sessions.find(session) is None
    except psycopg.OperationalError:
        return False


def _messages(entities: list[int] | None) -> str:
    if entities is None:
        return REFRESH
    return "".join(f"event: entity\ndata: {entity_id}\n\n" for entity_id in entities)
