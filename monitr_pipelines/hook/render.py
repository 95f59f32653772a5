"""Pages from templates: escaped, in the reader's language, with the headers of every page."""

from functools import lru_cache, partial
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitr_pipelines.hook import i18n
from monitr_pipelines.hook.i18n import language_of, text
from monitr_pipelines.hook.security_headers import PAGE_HEADERS
from monitr_pipelines.hook.static_files import address
from monitr_pipelines.hook.visitor import Visitor
from monitr_pipelines.hook.wording import on_page
from monitr_pipelines.ledger.brussels import minute_from

__all__ = ["render", "text"]

TEMPLATES = Path(__file__).with_name("templates")


def render(
    request: Request, visitor: Visitor | None, template: str, status_code: int = 200, **context: object
) -> HTMLResponse:
    """A page; templates find `t(key, ...)`, `visitor`, `here`, `on_page(message)` and formats."""
    language = visitor.language if visitor else language_of(request)
    page = _environment().get_template(template).render(
        {
            "visitor": visitor,
            "language": language,
            "languages": i18n.LANGUAGES,
            "here": here(request),
            "t": partial(text, language),
            "ago": partial(i18n.ago, language),
            "clock": i18n.clock,
            "minute_from": minute_from,
            "moment": partial(i18n.moment, language),
            "number": partial(i18n.number, language),
            "on_page": partial(on_page, language),
            **context,
        }
    )  # fmt: skip
    return HTMLResponse(page, status_code, {**PAGE_HEADERS, "content-language": language})


def here(request: Request) -> str:
    """The path of a request with its query, to come back to; of a form that was posted, the first page."""
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = address
    return environment
