"""How refusals are told to programs that read reports: as RFC 9457 has it."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from monitr_pipelines.web.shell.rejected import Rejected

API = "/api"
MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """Why a request was refused: a stable code, and what to do."""

    type: str = Field(default="about:blank", description="Always about:blank: `code` tells problems apart.")
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="What is wrong, in English.")
    code: str = Field(description="What is wrong, for programs.")


def is_of_api(request: Request) -> bool:
    """Whether the address is one of those that answer so."""
    return request.url.path.startswith(f"{API}/")


def problem(rejected: Rejected, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to a request that is refused; nothing keeps it."""
    sent = {"cache-control": "no-store", **(headers or {})}
    if rejected.retry_after is not None:
        sent["retry-after"] = str(rejected.retry_after)
    if rejected.status == HTTPStatus.UNAUTHORIZED:
        sent["www-authenticate"] = "Bearer"
    shape = problem_of(rejected.status, rejected.code, rejected.message)
    return JSONResponse(shape.model_dump(), rejected.status, sent, MEDIA_TYPE)


def problem_of(status: int, code: str, detail: str) -> Problem:
    """What a refusal with a status is told as."""
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, code=code)
