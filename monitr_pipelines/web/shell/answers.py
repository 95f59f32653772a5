"""How refusals are told to programs: one JSON shape, whoever refuses. People are shown a page."""

import logging
import math
from collections.abc import Mapping
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from psycopg import OperationalError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from monitr_pipelines.lifecycle.errors import ImportProblem, OurFault, TooSoon
from monitr_pipelines.warehouse.server.tenancy import OrganisationBusy
from monitr_pipelines.web.shell.problem_page import BUSY_SECONDS, is_person, problem_page
from monitr_pipelines.web.shell.rejected import Rejected

STATUS_OF_CODE = {
    "subscription_inactive": 402,
    "subscription_unknown": 402,
    "unknown_entity": 404,
    "failed_recently": 429,
}
CONFLICT = 409
CODE_OF_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
UNAVAILABLE = Rejected(
    503, "unavailable", "The database does not answer. Try again in a moment.", retry_after=BUSY_SECONDS
)
BUSY = Rejected(
    503, "organisation_busy", "Too much is asked for this organisation at once.", retry_after=BUSY_SECONDS
)
FAULT = Rejected(500, "our_fault", "Something went wrong on our side. We look into it.")

log = logging.getLogger(__name__)


class Cause(BaseModel):
    """Why a request was refused: a stable code, and what to do."""

    code: str
    message: str


class Refusal(BaseModel):
    """What every refused request is answered."""

    error: Cause


def install(app: FastAPI) -> None:
    """Tell every refusal and every failure in the one shape."""
    _install_passing(app)

    @app.exception_handler(Rejected)
    async def rejected(_request: Request, problem: Rejected) -> Response:
        return told(problem)

    @app.exception_handler(ImportProblem)
    async def refused(request: Request, problem: ImportProblem) -> Response:
        return told(_rejected(problem, request.app.state.clock()))

    @app.exception_handler(HTTPException)
    def http(request: Request, problem: HTTPException) -> Response:
        if is_person(request):
            return problem_page(request, problem)
        if problem.status_code < 400:
            return Response(status_code=problem.status_code, headers=problem.headers)
        code = CODE_OF_STATUS.get(problem.status_code, "bad_request")
        return told(Rejected(problem.status_code, code, f"{problem.detail}."), problem.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, _problem: RequestValidationError) -> Response:
        return told(Rejected(422, "invalid", "A value is missing or is not of the expected kind."))

    @app.exception_handler(ClientDisconnect)
    async def gone(_request: Request, _problem: ClientDisconnect) -> Response:
        return told(Rejected(400, "incomplete", "The request ended before its body was complete."))

    @app.exception_handler(Exception)
    def fault(request: Request, _problem: Exception) -> Response:
        return problem_page(request, HTTPException(FAULT.status)) if is_person(request) else told(FAULT)


def _install_passing(app: FastAPI) -> None:
    """What may succeed in a moment."""

    @app.exception_handler(OrganisationBusy)
    async def busy(_request: Request, _problem: OrganisationBusy) -> Response:
        return told(BUSY)

    @app.exception_handler(OperationalError)
    async def unavailable(_request: Request, problem: OperationalError) -> Response:
        log.warning("the database does not answer: %s", type(problem).__name__)
        return told(UNAVAILABLE)


def told(problem: Rejected, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to a request that is refused."""
    shape = Refusal(error=Cause(code=problem.code, message=problem.message))
    sent = dict(headers or {})
    if problem.retry_after is not None:
        sent["retry-after"] = str(problem.retry_after)
    if problem.status == 401:
        sent["www-authenticate"] = "StandardWebhooks"
    return JSONResponse(shape.model_dump(), problem.status, sent)


def _rejected(problem: ImportProblem, now: datetime) -> Rejected:
    if isinstance(problem, OurFault):
        log.error("%s: %s", problem.code, problem.detail)
        return FAULT
    wait = math.ceil((problem.retry_at - now).total_seconds()) if isinstance(problem, TooSoon) else None
    return Rejected(
        STATUS_OF_CODE.get(problem.code, CONFLICT), problem.code, problem.message, retry_after=wait
    )
