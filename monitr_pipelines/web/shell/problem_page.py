"""The page that tells a person why a request was refused; programs are told by `answers`."""

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from monitr_pipelines.web.shell.headers import PAGE_HEADERS
from monitr_pipelines.web.shell.i18n import has_text
from monitr_pipelines.web.shell.render import render

# When someone may try again what was too much just now.
BUSY_SECONDS = 5
FOR_PROGRAMS = ("/api/", "/hooks/", "/health", "/metrics", "/openapi.json")


def is_person(request: Request) -> bool:
    """Whether someone looks at the answer: a browser says so, and no program's address is one of a page."""
    asks_for_page = "text/html" in request.headers.get("accept", "")
    return asks_for_page and not request.url.path.startswith(FOR_PROGRAMS)


def problem_page(request: Request, problem: HTTPException) -> Response:
    """The page of a refusal; where it names another address, the way there."""
    headers = problem.headers or {}
    if "location" in headers:
        return RedirectResponse(headers["location"], problem.status_code, dict(PAGE_HEADERS))
    key = getattr(problem, "told", f"problem.{problem.status_code}")
    told = key if has_text(key) else "problem.other"
    page = render(request, None, "problem.html", problem.status_code, told=told)
    page.headers.update(headers)
    return page
