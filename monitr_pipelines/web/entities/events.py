"""The stream of server-sent events that keeps an open page up to date."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import psycopg
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from monitr_pipelines.web.entities.live import Exchange, Stream
from monitr_pipelines.web.entities.pages import SignedIn
from monitr_pipelines.web.shell import sessions
from monitr_pipelines.web.shell.headers import HEADERS
from monitr_pipelines.web.shell.page_route import PageRoute

# A silent stream says so this often, and this often it is looked up whether its session still lives.
PING_SECONDS = 10
# What changes meanwhile is told together; a page is read again, and counted again, less often than its cards.
PAUSE_SECONDS = 0.25
LONG_PAUSE_SECONDS = 2
RECONNECT = "retry: 1000\n\n"
PING = ": still here\n\n"
REFRESH = "event: refresh\ndata: all\n\n"
COUNTS = "event: counts\ndata: changed\n\n"
SIGNED_OUT = "event: signed-out\ndata: end\n\n"

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/entities/events")
async def events(
    request: Request,
    visitor: SignedIn,
    shown: Annotated[str | None, Query(pattern=r"^(\d{1,18}(,\d{1,18}){0,99})?$")] = None,
) -> Response:
    """Ids of entities that changed, as they do, of those `shown` (separated by commas) or of all.

    `counts`: any of the organisation changed; `refresh`: too much did, and so the stream begins. It ends with
    the session.
    """
    exchange: Exchange = request.app.state.exchange
    session = sessions.secret_of(request) or ""
    if not exchange.has_room(session):
        raise HTTPException(429)
    ids = None if shown is None else frozenset(map(int, filter(None, shown.split(","))))
    told = _told(exchange, visitor.organisation_id, session, ids)
    headers = {**HEADERS, "cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


async def _told(
    exchange: Exchange, organisation_id: int, session: str, shown: frozenset[int] | None
) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    async with exchange.stream(organisation_id, session, shown) as stream:
        yield RECONNECT
        look_again = clock() + PING_SECONDS
        count_again = clock()
        while not stream.ended:
            wake = min(look_again, count_again) if stream.counts_changed else look_again
            if await _changes(stream, wake - clock()):
                messages = _messages(stream.take())
                yield messages
                pause = LONG_PAUSE_SECONDS if messages == REFRESH else PAUSE_SECONDS
                await asyncio.sleep(pause if messages else 0)
            if stream.counts_changed and clock() >= count_again:
                stream.counts_changed = False
                count_again = clock() + LONG_PAUSE_SECONDS
                yield COUNTS
            if clock() >= look_again:
                if await run_in_threadpool(_is_over, session):
                    yield SIGNED_OUT
                    return
                look_again = clock() + PING_SECONDS
                yield PING


async def _changes(stream: Stream, seconds: float) -> bool:
    """Whether something changes within so many seconds."""
    try:
        await asyncio.wait_for(stream.changed.wait(), max(0, seconds))
    except TimeoutError:
        return False
    return True


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
