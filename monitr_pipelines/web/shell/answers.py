"""How refusals are told to programs: in one shape, whoever refuses; people are shown a page.

That of the web hook is older than the reports', which answer as RFC 9457 has it (`problems.py`).
"""

import logging
import math
from collections.abc import Mapping
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from psycopg import DataError, OperationalError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from monitr_pipelines.lifecycle.errors import ImportProblem, OurFault, TooSoon
from monitr_pipelines.reports.asking import NoReport
from monitr_pipelines.warehouse.server.tenancy import OrganisationBusy
from monitr_pipelines.web.shell.problem_page import BUSY_SECONDS, is_person, problem_page
from monitr_pipelines.web.shell.problems import is_of_api, problem
from monitr_pipelines.web.shell.rejected import Rejected

STATUS_OF_CODE = {
    "subscription_inactive": 402,
    "subscription_unknown": 402,
    "unknown_entity": 404,
    "failed_recently": 429,
    "no_figures": 404,
    "outside_books": 404,
    "unknown_account": 404,
    "unknown_axis": 404,
    "wrong_period": 422,
}
CONFLICT = 409
CODE_OF_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
UNAVAILABLE = Rejected(
    503, "unavailable", "The database does not answer. Try again in a moment.", retry_after=BUSY_SECONDS
)
BUSY = Rejected(
    503, "organisation_busy", "Too much is asked for this organisation at once.", retry_after=BUSY_SECONDS
)
UNKNOWN = Rejected(404, "not_found", "Nothing here has such a name.")
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
    """Tell every refusal and every failure in the shape of its address."""
    _install_passing(app)
    _install_unreadable(app)

    @app.exception_handler(Rejected)
    async def rejected(request: Request, refusal: Rejected) -> Response:
        return _answer(request, refusal)

    @app.exception_handler(ImportProblem)
    async def refused(request: Request, refusal: ImportProblem) -> Response:
        return _answer(request, _rejected(refusal, request.app.state.clock()))

    @app.exception_handler(NoReport)
    async def unreported(request: Request, refusal: NoReport) -> Response:
        return _answer(request, Rejected(STATUS_OF_CODE[refusal.code], refusal.code, str(refusal)))

    @app.exception_handler(HTTPException)
    def http(request: Request, refusal: HTTPException) -> Response:
        if is_person(request):
            return problem_page(request, refusal)
        if refusal.status_code < 400:
            return Response(status_code=refusal.status_code, headers=refusal.headers)
        code = CODE_OF_STATUS.get(refusal.status_code, "bad_request")
        return _answer(request, Rejected(refusal.status_code, code, f"{refusal.detail}."), refusal.headers)

    @app.exception_handler(Exception)
    def fault(request: Request, _problem: Exception) -> Response:
        if is_person(request):
            return problem_page(request, HTTPException(FAULT.status))
        return _answer(request, FAULT)


def _install_unreadable(app: FastAPI) -> None:
    """What cannot be read, or not be compared with anything."""

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, refusal: RequestValidationError) -> Response:
        return _answer(request, Rejected(422, "invalid", _first_of(refusal)))

    @app.exception_handler(DataError)
    async def unknown(request: Request, _problem: DataError) -> Response:
        # A key that PostgreSQL cannot even compare names nothing that there is.
        return _answer(request, UNKNOWN)

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, _problem: ClientDisconnect) -> Response:
        return _answer(
            request, Rejected(400, "incomplete", "The request ended before its body was complete.")
        )


def _install_passing(app: FastAPI) -> None:
    """What may succeed in a moment."""

    @app.exception_handler(OrganisationBusy)
    async def busy(request: Request, _problem: OrganisationBusy) -> Response:
        return _answer(request, BUSY)

    @app.exception_handler(OperationalError)
    async def unavailable(request: Request, refusal: OperationalError) -> Response:
        log.warning("the database does not answer: %s", type(refusal).__name__)
        return _answer(request, UNAVAILABLE)


def _answer(request: Request, refusal: Rejected, headers: Mapping[str, str] | None = None) -> Response:
    return problem(refusal, headers) if is_of_api(request) else told(refusal, headers)


def _first_of(refusal: RequestValidationError) -> str:
    """The first thing that is wrong, by the name of its parameter; never what was sent."""
    found = refusal.errors()[0]
    return f"{found['loc'][-1]}: {found['msg']}."


def told(refusal: Rejected, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to a request of the web hook that is refused."""
    shape = Refusal(error=Cause(code=refusal.code, message=refusal.message))
    sent = dict(headers or {})
    if refusal.retry_after is not None:
        sent["retry-after"] = str(refusal.retry_after)
    if refusal.status == 401:
        sent["www-authenticate"] = "StandardWebhooks"
    return JSONResponse(shape.model_dump(), refusal.status, sent)


def _rejected(problem: ImportProblem, now: datetime) -> Rejected:
    if isinstance(problem, OurFault):
        log.error("%s: %s", problem.code, problem.detail)
        return FAULT
    wait = math.ceil((problem.retry_at - now).total_seconds()) if isinstance(problem, TooSoon) else None
    return Rejected(
        STATUS_OF_CODE.get(problem.code, CONFLICT), problem.code, problem.message, retry_after=wait
    )
