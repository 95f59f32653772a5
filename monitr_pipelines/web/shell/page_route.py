"""The route class of all pages: small bodies only, and every refusal is a page that a person can read."""

from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import Message

from monitr_pipelines.warehouse.server.tenancy import OrganisationBusy
from monitr_pipelines.web.shell.problem_page import BUSY_SECONDS, problem_page

LARGEST_FORM = 256 * 1024

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """Use as `APIRouter(route_class=PageRoute, include_in_schema=False)`.

    A route that takes more in, and counts by itself, raises `largest_body` (bytes) in a class of its own.
    """

    largest_body = LARGEST_FORM

    def get_route_handler(self) -> Handler:
        """The handler of the route, its refusals rendered."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                _require_utf_8(request)
                return await handler(_limited(request, self.largest_body))
            except HTTPException as refusal:
                return await run_in_threadpool(problem_page, request, refusal)
            except RequestValidationError as refusal:
                return await run_in_threadpool(problem_page, request, HTTPException(_status_of(refusal)))
            except psycopg.DataError:
                # A key or a name that PostgreSQL cannot even compare names nothing that there is.
                return await run_in_threadpool(problem_page, request, HTTPException(404))
            except (psycopg.OperationalError, OrganisationBusy):
                busy = HTTPException(503, headers={"retry-after": str(BUSY_SECONDS)})
                return await run_in_threadpool(problem_page, request, busy)

        return handle


def _status_of(refusal: RequestValidationError) -> int:
    """What is asked for in a wrong way is another thing than an address where nothing is."""
    is_address = any(error["loc"][0] == "path" for error in refusal.errors())
    return 404 if is_address else 400


def _require_utf_8(request: Request) -> None:
    """Refuse a form in another character set: no browser sends one, and it may hold what is no text."""
    _, options = parse_options_header(request.headers.get("content-type"))
    if options.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise HTTPException(400)


def _limited(request: Request, largest_body: int) -> Request:
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > largest_body:
            raise HTTPException(413)
        return message

    return Request(request.scope, receive)
