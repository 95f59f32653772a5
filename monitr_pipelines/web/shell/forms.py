"""Forms that a page of ours made, and where they lead."""

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from monitr_pipelines.web.shell.headers import PAGE_HEADERS
from monitr_pipelines.web.shell.visitor import Visitor, csrf_checked


async def fields_of(request: Request, visitor: Visitor, *, most: int) -> dict[str, str]:
    """The fields of a form that a page of ours made for this visitor, at most so many."""
    form = await request.form(max_files=0, max_fields=most)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    csrf_checked(request, visitor, fields.get("csrf", ""))
    return fields


def go(address: str) -> Response:
    """To another page, which is then what a reload shows."""
    return RedirectResponse(address, 303, dict(PAGE_HEADERS))
