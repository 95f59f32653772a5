"""Pages from templates: escaped, in the reader's language, with the headers of every page."""

from functools import lru_cache, partial
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitr_pipelines.ledger.brussels import minute_from
from monitr_pipelines.web.shell import i18n
from monitr_pipelines.web.shell.addresses import PLACES, here
from monitr_pipelines.web.shell.headers import PAGE_HEADERS
from monitr_pipelines.web.shell.i18n import language_of, text
from monitr_pipelines.web.shell.static_files import address
from monitr_pipelines.web.shell.visitor import Visitor
from monitr_pipelines.web.shell.wording import finding, on_page

__all__ = ["render", "text"]

WEB = Path(__file__).parents[1]


def render(
    request: Request, visitor: Visitor | None, template: str, status_code: int = 200, **context: object
) -> HTMLResponse:
    """A page from a room's template, which finds `t(key, ...)`, `visitor`, `on_page(messages)`, ..."""
    language = visitor.language if visitor else language_of(request)
    page = _environment().get_template(template).render(
        {
            "visitor": visitor,
            "language": language,
            "languages": i18n.LANGUAGES,
            "here": here(request),
            "path": request.url.path,
            "places": PLACES,
            "t": partial(text, language),
            "ago": partial(i18n.ago, language),
            "clock": i18n.clock,
            "minute_from": minute_from,
            "month": partial(i18n.month, language),
            "month_in_short": partial(i18n.month_in_short, language),
            "moment": partial(i18n.moment, language),
            "number": partial(i18n.number, language),
            "amount": partial(i18n.amount, language),
            "decimal": partial(i18n.decimal, language),
            "day": partial(i18n.day, language),
            "on_page": partial(on_page, language),
            "found": partial(finding, language),
            **context,
        }
    )  # fmt: skip
    return HTMLResponse(page, status_code, {**PAGE_HEADERS, "content-language": language})


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(sorted(WEB.glob("*/templates"))),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = address
    return environment
